"""The blueprint of ``responsible_ai_audit``: a classifier over a table, measured by group, and its mitigation."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nonet.blueprints.responsible_ai_audit import card, demo, rows, rules, scoring
from nonet.blueprints.responsible_ai_audit.design import Design, describe
from nonet.blueprints.responsible_ai_audit.inputs import Inputs
from nonet.blueprints.responsible_ai_audit.metrics import METRICS, OBJECTIVE
from nonet.errors import InputError
from nonet.state import Brief, Evidence, Json
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Proposal, SourceFile, Sources, Target, UnitSet

TABLES = (".csv", ".parquet")


class ResponsibleAiAudit(Blueprint[Inputs, Design]):
    """Mitigations of unequal decisions, chosen by accuracy under a bar on the gap that a person named."""

    name = "responsible_ai_audit"
    Inputs = Inputs
    Design = Design
    metrics = METRICS
    objective = OBJECTIVE
    claims = ("criterion_gap",)
    fit_share = 0.5
    whole_at_once = True
    technologies = rules.TECHNOLOGIES
    chart = ("criterion_gap", "accuracy")
    account = ("fairness", "account")
    commands = (
        "uv run fairness decide people.csv",
        "uv run fairness check people_with_outcomes.csv",
        "uv run fairness monitor people.csv",
        "uv run pytest",
    )

    def sources(self, inputs: Inputs, exclude: Sequence[Path]) -> Sources:
        """The table, and the given model beside it: files that are named one by one, so nothing is to be excluded.

        Raises:
            InputError: a file is not there or of another kind, or the table lacks a column that is named.
        """
        table = _file(inputs.data, TABLES, "--data")
        if table.suffix == ".csv":
            _columns_are_there(table, inputs)
        files = [SourceFile(str(table), f"table{table.suffix}")]
        if inputs.repo and not Path(inputs.repo).expanduser().is_dir():
            raise InputError(f"There is no folder {inputs.repo}.", "Give the checkout of the code: --repo FOLDER")
        if inputs.model:
            model = _file(inputs.model, rows.MODELS, "--model")
            files.append(SourceFile(str(model), f"model{model.suffix}"))
        return Sources(files)

    def bars(self, inputs: Inputs) -> Sequence[Target]:
        """The gap that a person accepts."""
        return [Target("criterion_gap", "<=", inputs.max_gap)]

    def units(self, inputs: Inputs, parsed: Path, out: Path) -> UnitSet:
        """One unit a row; see ``rows.units``."""
        return rows.units(inputs, parsed, out)

    def sample(self, data: Path, share: float, out: Path) -> None:
        """The first ``share`` of the fit rows, and the rest as it is."""
        import shutil

        for path in sorted(data.iterdir()):
            if path.name == "fit.jsonl":
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                kept = lines[: max(rows.LEAST * 4, round(len(lines) * share))]
                (out / path.name).write_text("".join(kept), encoding="utf-8")
            else:
                shutil.copyfile(path, out / path.name)

    def fingerprint(self, parsed: Path, units: UnitSet) -> dict[str, Json]:
        """Sizes and shares; see ``rows.fingerprint``."""
        return rows.fingerprint(parsed, units.units)

    def propose(self, brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
        """Nominate by rules; see ``rules.propose``."""
        return rules.propose(brief, inputs, evidence, data)

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        """Score decisions; see ``scoring.score``."""
        return scoring.score(outputs, labels, index)

    def settings(self, design: Design, inputs: Inputs) -> dict[str, Json]:
        """The design, and what the project needs to read a table as the run did and to check it by the same bar."""
        return {
            "design": design.normalised().model_dump(mode="json"),
            "label": inputs.label,
            "positive": inputs.positive,
            "attributes": list(inputs.attribute),
            "criterion": inputs.criterion,
            "max_gap": inputs.max_gap,
            "predictions": inputs.predictions,
            "drop": list(inputs.drop),
        }

    def documents(self, record: Mapping[str, Any]) -> Mapping[str, str]:
        """The model card; see ``card.write``."""
        return {"MODEL_CARD.md": card.write(record)}

    def demo(self, folder: Path) -> tuple[str, dict[str, Json], str]:
        """Write the mortgage table of the Boston HMDA data; see ``demo.write``."""
        return demo.write(folder)

    def describe(self, design: Mapping[str, Json]) -> str:
        """Name a design in one line."""
        return describe(design)


def _file(text: str, kinds: Sequence[str], option: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise InputError(f"There is no file {path}.", f"Give {' or '.join(kinds)}: {option} FILE")
    if path.suffix not in kinds:
        raise InputError(
            f"{path.name} is no {' or '.join(kinds)} file.",
            "Export the model to skops or ONNX: pickle is never loaded."
            if option == "--model"
            else "Export the table.",
        )
    return path


def _columns_are_there(path: Path, inputs: Inputs) -> None:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), list[str]())
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is no text in UTF-8 ({error}).", "Save the table as CSV in UTF-8.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).", "Make it readable.") from error
    wanted = [inputs.label, *inputs.attribute, *([inputs.predictions] if inputs.predictions else []), *inputs.drop]
    for name in wanted:
        if name not in header:
            shown = ", ".join(header[:40]) + (", …" if len(header) > 40 else "")
            raise InputError(f"{path.name} has no column {name!r}.", f"Its columns: {shown or 'none'}.")


blueprint = ResponsibleAiAudit()
