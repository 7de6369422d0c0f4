"""``strongroom audit verify`` of an export or a receipt: without database, data folder and Django."""

from pathlib import Path

import click
import orjson

from strongroom.audit.proof import offline
from strongroom.audit.proof.check import Report
from strongroom.audit.proof.exported import Export, ExportMalformed, lines_of
from strongroom.cli import findings


def verify_export(file: Path, *, seals: tuple[Path, ...], keys: tuple[str, ...], as_json: bool) -> None:
    """Tell what is wrong with an export, and exit."""
    believed = findings.read_keys(keys)
    with file.open("rb") as opened:
        lines = findings.progress(lines_of(opened), total=None, what="Verifying")
        try:
            export = Export(lines)
        except ExportMalformed as error:
            raise click.UsageError(f"{file} is no export of an audit trail. {error}") from None
        kept, wrong = findings.read_kept(seals, believed or frozenset({export.header.key}))
        report = offline.verify_export(export, keys=believed, kept=kept)
    report.findings[:0] = wrong
    if not believed:
        _warn(export.header.key)
    findings.tell(report, as_json=as_json, instance=export.header.instance, key=export.header.key)


def verify_receipt(file: Path, *, seals: tuple[Path, ...], keys: tuple[str, ...], as_json: bool) -> None:
    """Tell what is wrong with a receipt, and exit."""
    believed = findings.read_keys(keys)
    try:
        document = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"{file} is no receipt: it is not JSON ({error}).") from None
    row, said, wrong = offline.verify_receipt(document, keys=believed)
    if said:
        kept, damaged = findings.read_kept(seals, believed or frozenset({said.key}))
        wrong += damaged
        wrong += offline.compare(said, kept)
        if not believed:
            _warn(said.key)
    report = Report(findings=wrong, entries=1 if row else 0, seals=1 if said else 0, last=said)
    findings.tell_receipt(report, row, as_json=as_json)


def _warn(key: str) -> None:
    click.echo(
        f"Checked with the key that it names itself: {key}. Compare it with the site's (`strongroom audit key`), or give "
        "that with --key.",
        err=True,
    )
