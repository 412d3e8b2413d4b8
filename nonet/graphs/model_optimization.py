"""Model optimization: training code → inefficient operations → logs → techniques → council → optimise → store."""

from __future__ import annotations

from typing import Any

from nonet import blueprints
from nonet.graphs.steps.approve import approve
from nonet.graphs.steps.brief import brief
from nonet.graphs.steps.consult import consult, second_round
from nonet.graphs.steps.decide import decide
from nonet.graphs.steps.deliver import deliver
from nonet.graphs.steps.design import design
from nonet.graphs.steps.flow import Builder, Flow
from nonet.graphs.steps.gather import gather
from nonet.graphs.steps.implement import first_round
from nonet.graphs.steps.prepare import prepare
from nonet.graphs.steps.report import report
from nonet.graphs.steps.review import review
from nonet.graphs.steps.store import recall, store
from nonet.graphs.steps.workflow import Workflow
from nonet.trials.blueprint import Blueprint

CODE = (
    r"/model\.(train|eval)\(\)|optimizer\.step\(|loss\.backward\(|Trainer\(|\.fit\(/",
    r"/from_pretrained\(|torch\.load\(|InferenceSession\(|pipeline\(|\.predict(_proba)?\(|\.encode\(/",
    r"/quantize_(dynamic|static)|torch\.(compile|jit|onnx|export)|\.half\(\)|bfloat16|autocast\(|openvino|tensorrt/",
    r"/set_num_threads|intra_op_num_threads|OMP_NUM_THREADS|batch_size|inference_mode\(|no_grad\(/",
)
LOGS = ("training logs and metrics", "hyperparameter configuration")
FAMILIES = ("efficiency, inference-mode, unsafe-loading",)
LIBRARIES = (
    "onnxruntime: quantization quantize_dynamic per_channel",
    "onnxruntime: quantization quantize_static CalibrationMethod",
    "onnxruntime: SessionOptions graph_optimization_level intra_op_num_threads",
    "onnxruntime: transformers optimizer optimize_model",
    "torch: onnx export dynamic_axes",
    "openvino: convert_model compile_model",
)


def graph() -> Builder:
    """Build the workflow's graph, uncompiled."""
    flow = Flow(_blueprint)
    flow.step("brief", brief, "Read the request")
    flow.step("prepare", prepare, "Prepare the environment, load the model, ask it for the reference", after="brief")
    flow.step("recall", recall, "Recall what won on like models", after="prepare", booked=True)
    flow.step(
        "training_code",
        gather("training_code", "code_reader", lambda _: CODE),
        "Search training and inference code",
        after="recall",
        booked=True,
    )
    flow.step(
        "inefficient_operations",
        gather("inefficient_operations", "inspector", lambda _: FAMILIES),
        "Inspect the code for inefficient operations",
        after="training_code",
        booked=True,
    )
    flow.step(
        "logs",
        gather("logs", "log_reader", lambda _: LOGS),
        "Read training logs and metrics",
        after="inefficient_operations",
        booked=True,
    )
    flow.step(
        "techniques",
        gather("techniques", "librarian", lambda _: LIBRARIES),
        "Read the documentation of optimization techniques",
        after="logs",
        booked=True,
    )
    flow.step("design", design, "Nominate runtimes, precisions and smaller models", after="techniques", booked=True)
    flow.step("approve", approve, "Approve the candidates", after="design")
    flow.step("optimise", first_round, "Optimise and measure beside the original", after="approve", booked=True)
    flow.step("consult", consult, "Ask the council, which sees what was measured", after="optimise", booked=True)
    flow.step("optimise_more", second_round, "Optimise and measure what it nominates", after="consult", booked=True)
    flow.step("decide", decide, "Decide by speed under the bar on fidelity", after="optimise_more")
    flow.step("review", review, "Hold the opinions against the measurements", after="decide")
    flow.step("deliver", deliver, "Ship the winner and open the holdout", after="review")
    flow.step("store", store, "Store what won", after="deliver")
    flow.step("report", report, "Write the report", after="store")
    return flow.finish("report")


def _blueprint() -> Blueprint[Any, Any]:
    return blueprints.load("model_optimization")


WORKFLOW = Workflow(
    name="model_optimization",
    title="Optimise a trained model: runtime, precision and size chosen by speed under a bar on fidelity",
    triggers=(
        r"\boptimi[sz](e|ing|ation) .*\b(model|bert|inference|latency|network)\b",
        r"\bmodel optimi[sz]ation\b",
        r"\bquanti[sz](e|ation|ing)\b|\bint-?[48]\b",
        r"\b(prun|distil)\w*\b",
        r"\bspeed[- ]?up\b|\bfaster inference\b",
        r"\bonnx\b",
    ),
    graph=graph,
    blueprint=_blueprint,
)
