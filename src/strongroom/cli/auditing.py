"""``strongroom audit …``: verifying, exporting and sealing the trail in the database."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
import orjson

from strongroom.cli import database, findings
from strongroom.kernel.actor import Actor

if TYPE_CHECKING:
    from strongroom.audit.proof.check import Finding
    from strongroom.audit.proof.seal import Statement


def verify(*, seals: tuple[Path, ...], keys: tuple[str, ...], as_json: bool) -> None:
    """Tell what in the database is not as it was sealed, and exit."""
    former = findings.read_keys(keys)
    start()
    from strongroom.audit import seals_file, verifying
    from strongroom.audit.models import Entry

    seals_file.seal()
    kept, wrong = _kept(seals, former)
    total = Entry.objects.count()
    report = verifying.verify_all(
        kept=kept,
        former_keys=former,
        seen=lambda rows: findings.progress(rows, total=total, what="Verifying"),
    )
    report.findings[:0] = wrong
    findings.tell(report, as_json=as_json)


def export(output: Path | None, *, after_seal: int) -> None:
    """Write the trail; the event that says so comes along."""
    start()
    from strongroom.audit import exporting, trail
    from strongroom.audit.events import HistoryExported

    try:
        count = exporting.count(after_seal=after_seal)
    except exporting.NoSuchSeal:
        raise click.BadParameter(f"There is no seal {after_seal}.", param_hint="--after-seal") from None
    event = HistoryExported(scope="everything", format="jsonl", count=count, exact=False)
    trail.record(event, by=Actor.console())
    _write(findings.progress(exporting.lines(after_seal=after_seal), total=count, what="Exporting"), output)


def receipt(serial: int, output: Path | None) -> None:
    """Write the receipt of one entry."""
    start()
    from strongroom.audit import reading
    from strongroom.audit.proof import receipt as receipts

    row = reading.row(serial)
    if row is None:
        raise click.ClickException(f"There is no event {serial}.")
    seal = reading.seal_of(serial)
    if seal is None:
        raise click.ClickException(
            f"Event {serial} is not sealed yet. Wait a minute, or run `strongroom audit seal`."
        )
    try:
        document = receipts.make(row, seal)
        receipts.verify(document, keys=frozenset({seal.statement.key}))
    except receipts.NotProven as error:
        raise click.ClickException(f"{error} Run `strongroom audit verify`.") from None
    _write([orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"], output)


def key() -> None:
    """Print the public key."""
    start()
    from strongroom.audit.sealing import public_key

    click.echo(public_key())


def seal() -> None:
    """Seal what there is."""
    start()
    from strongroom.audit import reading, sealing, seals_file

    sealing.seal_all()
    seals_file.catch_up()
    newest = reading.newest_seal()
    if newest is None:
        click.echo("There is nothing to seal yet.")
        return
    click.echo(f"{newest.number} {newest.hash()}")


def start() -> None:
    """Bring configuration and database up, of a site that there is."""
    database.require_site()
    database.prepare()
    database.bring_up()


def _kept(files: tuple[Path, ...], former: frozenset[str]) -> "tuple[dict[int, Statement], list[Finding]]":
    """The copies in this node's own seals file, and in those that were named."""
    from strongroom.audit import seals_file
    from strongroom.audit.sealing import public_key

    kept, wrong = seals_file.read(former_keys=former)
    more, wrong_too = findings.read_kept(files, former | {public_key()})
    findings.merge(kept, more, wrong)
    return kept, wrong + wrong_too


def _write(lines: Iterable[bytes], output: Path | None) -> None:
    if output is None:
        for line in lines:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        return
    with _new(output) as file:
        for line in lines:
            file.write(line)


@contextmanager
def _new(output: Path) -> Iterator[BinaryIO]:
    """A file that only its owner reads, and that is there when it is whole."""
    part = output.with_name(f"{output.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    except OSError as error:
        raise click.ClickException(f"Cannot write {output}: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
