"""Integrity and reproduction: one command for every number, one for the project, and what was hashed."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account, Integrity
from nonet.graphs.steps.reporting.document import Block, Commands, Paragraph, Section, Span, Table, Text, one_line


def section(account: Account) -> Section:
    """Give the commands, the hashes, the versions and the isolation."""
    blocks: list[Block] = [
        Paragraph("This command regenerates every number of this report and compares it with what is on record:"),
        Commands(f"nonet verify {account.run_id}"),
        Paragraph("The project, from the run folder:"),
        Commands("\n".join(["cd project", *_usage(account)])),
        Paragraph((Span("Isolation: ", "strong"), _isolation(account))),
    ]
    tests = account.delivery.tests
    if tests:
        blocks.append(
            Paragraph(
                (
                    "The project's own tests ",
                    Span("passed" if tests.passed else "failed", "good" if tests.passed else "bad"),
                    ": ",
                    Span(tests.command or "pytest", "code"),
                )
            )
        )
        if not tests.passed:
            blocks.append(Commands(tests.output_tail[-3000:]))
    if account.integrity is None:
        return Section(
            "Integrity and reproduction", [*blocks, Paragraph("Nothing was hashed: the run was not delivered.")]
        )
    return Section("Integrity and reproduction", [*blocks, *_record(account.integrity)])


def _usage(account: Account) -> list[str]:
    declared = [line.removeprefix("cd project && ") for line in account.blueprint.commands]
    return declared or [f"uv run {command} --help" for command in account.commands] or ["uv run pytest"]


def _isolation(account: Account) -> str:
    if account.isolation == "none":
        return "none. The trials could read and write what the user may; nothing would have shown tampering."
    return f"{account.isolation}. Trials had no network, saw no labels, and wrote their own output folder only."


def _record(found: Integrity) -> list[Block]:
    machine = ", ".join(one_line(value) for value in found.machine.values() if value)
    blocks: list[Block] = []
    if machine:
        blocks.append(
            Paragraph(
                f"Measured on {machine}; identical outputs are promised on the same environment and processor only."
            )
        )
    single: list[tuple[Text, ...]] = [
        (name, Span(str(value), "code")) for name, value in found.hashes.items() if isinstance(value, str)
    ]
    if single:
        blocks.append(Table(["What", "Hash or key"], single))
    for name, files in found.hashes.items():
        if not isinstance(files, str):
            rows: list[tuple[Text, ...]] = [
                (one_line(file, 160), Span(str(value), "code")) for file, value in files.items()
            ]
            blocks.append(Table(["File", "BLAKE2b-128"], rows, folded=f"Hashes: {name} ({len(rows):,})"))
    if found.packages:
        versions = [(package, str(version)) for package, version in sorted(found.packages.items())]
        blocks.append(Table(["Package", "Version"], versions, folded=f"Installed versions ({len(versions)})"))
    blocks.append(
        Paragraph(
            "The hashes show accident and drift; they are no signature against someone who rewrites "
            "outputs and hashes together."
        )
    )
    return blocks
