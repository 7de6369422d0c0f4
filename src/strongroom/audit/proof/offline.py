"""Verifying what was taken away from the instance, an export or a receipt, with copies of seals if there are any."""

from collections.abc import Mapping
from typing import Any

from strongroom.audit.proof import receipt
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof.check import Finding, Report, Trust, verify
from strongroom.audit.proof.exported import Export, ExportMalformed
from strongroom.audit.proof.hashed import hashed
from strongroom.audit.proof.receipt import NotProven
from strongroom.audit.proof.redactions import Redactions
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Statement


def verify_export(export: Export, *, keys: frozenset[str], kept: Mapping[int, Statement]) -> Report:
    """Compare an export with its seals, and those with the copies ``kept``. Without ``keys`` the key that it names is believed.

    Copies of seals that are newer than the export say nothing about it.
    """
    header = export.header
    trust = Trust(
        keys=keys or frozenset({header.key}),
        kept={number: said for number, said in kept.items() if number <= header.newest},
        begin=export.begin,
        until=header.newest,
    )
    report, redactions = Report(), Redactions()
    try:
        rows = hashed(export.rows(), redactions)
        verify(rows, export.seals(), trust=trust, redactions=redactions, report=report)
    except ExportMalformed as error:
        report.findings.append(Finding(code="export_malformed", message=str(error)))
    else:
        if not export.is_as_written:
            message = "The export has no end: the lines behind its newest seal, and whether some are missing, prove nothing."
            report.findings.append(Finding(code="export_open", message=message))
    if header.key not in trust.keys:
        message = f"The export was signed with another key: {header.key}."
        report.findings.insert(0, Finding(code="export_key", message=message))
    if export.begin:
        report.findings[:0] = compare(export.begin, kept)
    return report


def verify_receipt(
    document: Any, *, keys: frozenset[str]
) -> tuple[Row | None, Statement | None, list[Finding]]:
    """The entry that a receipt proves, its seal, and what is wrong. Without ``keys`` the key that it names is believed."""
    try:
        row = receipt.verify(document, keys=keys or frozenset({_key_of(document)}))
    except NotProven as error:
        return None, None, [Finding(code=error.code, message=str(error))]
    return row, seals.from_document(document["seal"]).statement, []


def compare(said: Statement, kept: Mapping[int, Statement]) -> list[Finding]:
    """What is wrong with a seal according to the copies that were kept."""
    if kept.get(said.number, said) == said:
        return []
    message = f"Seal {said.number} is another than the copy that was kept of it: history was rewritten."
    return [Finding(code="seal_rewritten", message=message, seal=said.number)]


def _key_of(document: Any) -> str:
    seal = document.get("seal") if isinstance(document, dict) else None
    return str(seal.get("key", "")) if isinstance(seal, dict) else ""
