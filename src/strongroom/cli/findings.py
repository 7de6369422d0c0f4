"""What a verification of the audit trail found, in words or in JSON. Knows no database."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click

from strongroom.audit.proof import kept
from strongroom.audit.proof.check import Finding, Report
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Statement

T = TypeVar("T")

_KEY: Final = re.compile(r"[0-9a-f]{64}")
_STEP: Final = 1000


def read_keys(written: Iterable[str]) -> frozenset[str]:
    """The keys of ``--key``; exits for what is none."""
    keys = frozenset(key.strip().lower() for key in written)
    for key in keys:
        if not _KEY.fullmatch(key):
            raise click.BadParameter(f"{key!r} is not a public key of 64 hex digits.", param_hint="--key")
    return keys


def read_kept(files: Iterable[Path], keys: frozenset[str]) -> tuple[dict[int, Statement], list[Finding]]:
    """The statements in seals files that were kept elsewhere, and what is wrong with the files."""
    statements: dict[int, Statement] = {}
    findings: list[Finding] = []
    for file in files:
        with file.open("rb") as lines:
            found, wrong = kept.read(iter(lambda: lines.readline(kept.MAX_LINE + 1), b""), keys=keys)
        findings += wrong
        merge(statements, found, findings)
    return statements, findings


def merge(statements: dict[int, Statement], more: dict[int, Statement], findings: list[Finding]) -> None:
    """Add statements of another file; two that differ are a finding."""
    for number, said in more.items():
        if statements.setdefault(number, said) != said:
            message = f"Two seals files have different seals {number}."
            findings.append(Finding(code="copy_contradicts", message=message, seal=number))


def tell(report: Report, *, as_json: bool, **more: Any) -> NoReturn:
    """Print what was found and exit: 0 if all holds, else 1."""
    if as_json:
        click.echo(json.dumps(_document(report) | more))
    else:
        for finding in report.findings:
            click.echo(_plain(f"{finding.code}{_about(finding)}: {finding.message}"))
        for line in _summary(report):
            click.echo(_plain(line))
    sys.exit(1 if report.findings else 0)


def tell_receipt(report: Report, row: Row | None, *, as_json: bool) -> NoReturn:
    """The same of a receipt: which event it proves, in words."""
    if as_json:
        tell(report, as_json=True, serial=row.serial if row else None)
    seal = report.last
    if report.findings or row is None or seal is None:
        for finding in report.findings:
            click.echo(_plain(f"{finding.code}{_about(finding)}: {finding.message}"))
        click.echo("The receipt proves nothing.")
        sys.exit(1)
    click.echo(_plain(f"Event {row.serial}, of {row.time}: {row.tag}, {_done(row)}."))
    click.echo(_plain(f"It lies under seal {seal.number}, of {seal.time}: {seal.hash()}"))
    click.echo("It is as it was sealed.")
    sys.exit(0)


def progress(items: Iterable[T], *, total: int | None, what: str) -> Iterator[T]:
    """The items, with a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        for count, item in enumerate(items, start=1):
            if count % _STEP == 0:
                bar.update(task, completed=count)
            yield item


def _about(finding: Finding) -> str:
    names = [
        f"{kind} {value}"
        for kind, value in (("entry", finding.serial), ("seal", finding.seal))
        if value is not None
    ]
    return f" [{', '.join(names)}]" if names else ""


def _summary(report: Report) -> Iterator[str]:
    yield (
        f"{_counted(report.entries, 'entry', 'entries')} ({report.redacted} redacted, {report.unsealed} not yet sealed) under "
        f"{_counted(report.seals, 'seal', 'seals')}."
    )
    if report.last:
        said = report.last
        yield f"The newest seal is number {said.number}, of {said.time}: {said.hash()}"
    if report.backdated:
        yield (
            f"Entries that say a time long before the seal before theirs: {report.backdated}, the first is {report.first_backdated}. "
            "A clock was set back, or somebody put them into the table before they were sealed."
        )
    count = len(report.findings)
    yield (
        f"{count} {'thing is' if count == 1 else 'things are'} not as sealed."
        if count
        else "All of it is as it was sealed."
    )


def _done(row: Row) -> str:
    """How an event ended, and by whom; parts that the receipt keeps back are said to be."""
    ended = f"{row.outcome} ({row.reason})" if row.reason else row.outcome
    author = row.actor_name or row.actor_kind
    if row.actor_id is not None:
        author += f" (account {row.actor_id})"
    return f"{ended}, by {author}" if row.body_hash is None else "of which the content is redacted"


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _document(report: Report) -> dict[str, Any]:
    said = report.last
    return {
        "holds": not report.findings,
        "findings": [asdict(finding) for finding in report.findings],
        "entries": report.entries,
        "redacted": report.redacted,
        "unsealed": report.unsealed,
        "backdated": report.backdated,
        "first_backdated": report.first_backdated,
        "seals": report.seals,
        "newest": {"number": said.number, "time": said.time, "hash": said.hash()} if said else None,
    }


def _plain(text: str) -> str:
    """What a forged file says can do nothing to a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
