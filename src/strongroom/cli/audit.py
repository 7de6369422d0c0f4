"""The commands about the audit trail."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from strongroom.cli.options import common, past
from strongroom.kernel import clock

_THERE = click.Path(path_type=Path, dir_okay=False, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False, writable=True)


@click.group()
def audit() -> None:
    """Verify, export and follow the audit trail."""


@audit.command()
@common
@click.option("--export", type=_THERE, help="Verify an export instead of the database; needs no data folder.")
@click.option(
    "--receipt", type=_THERE, help="Verify a receipt instead of the database; needs no data folder."
)
@click.option(
    "--seals",
    type=_THERE,
    multiple=True,
    help="A seals file to compare with, kept elsewhere. Repeatable; the one in the data folder is always compared with.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    help="A public key (`strongroom audit key`, 64 hex digits): of an export or receipt the one to believe, of the database one "
    "that it had before. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
def verify(export: Path | None, receipt: Path | None, **options: Any) -> None:
    """Find every entry and seal that was changed, removed, moved or inserted.

    Seals what is due first. Exits with 0 if all holds, with 1 if it does not, and with 2 if that cannot be told.
    """
    from strongroom.cli import proving

    if export and receipt:
        raise click.UsageError("Choose one of --export and --receipt.")
    if export:
        proving.verify_export(export, **options)
    elif receipt:
        proving.verify_receipt(receipt, **options)
    else:
        from strongroom.cli import auditing

        auditing.verify(**options)


@audit.command()
@common
@click.option("--output", type=_FILE, help="The file to write (default: standard output).")
@click.option("--after-seal", type=click.IntRange(0), default=0, help="Begin behind the seal of this number.")
def export(output: Path | None, after_seal: int) -> None:
    """Write the whole trail, with what proves it, as JSON Lines; recorded in the trail itself."""
    from strongroom.cli import auditing

    auditing.export(output, after_seal=after_seal)


@audit.command()
@common
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on, until interrupted.")
@click.option("--lines", type=click.IntRange(0, 10_000), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Whole events in JSON, a line each.")
@click.option("--person", help="Only of this username: what they did, and what was done to them.")
@click.option("--actor", help="Only by this username, or by: anonymous, console, publisher, system.")
@click.option("--subject", help="Only about this username.")
@click.option("--kind", help="Only events of this kind: the tag up to the dot.")
@click.option("--tag", help="Only events with this tag.")
@click.option("--project", help="Only of this project.")
@click.option("--outcome", help="Only with this outcome: done or refused.")
@click.option("--reason", help="Only refusals with this code.")
@click.option("--address", help="Only from this IP address.")
@click.option("--request-id", help="Only of this request.")
@click.option("--since", help="Only from then on: 30d, 12h or 15m ago, or a date or time (UTC).")
@click.option("--until", help="Only up to this date, or before this time (UTC); spelled likewise.")
def tail(*, follow: bool, lines: int, as_json: bool, **filters: str | None) -> None:
    """Show the newest events as sentences, the newest last."""
    from strongroom.cli import tailing

    wanted = {name: value for name, value in filters.items() if value is not None}
    tailing.tail(wanted, lines=lines, as_json=as_json, follow=follow)


@audit.command()
@common
@click.argument("serial", type=click.IntRange(1, 2**63 - 1))
@click.option("--output", type=_FILE, help="The file to write (default: standard output).")
def receipt(serial: int, output: Path | None) -> None:
    """Write the proof of the event SERIAL, which anybody can check without this site."""
    from strongroom.cli import auditing

    auditing.receipt(serial, output)


@audit.command()
@common
def key() -> None:
    """Print the public key of this site's seals."""
    from strongroom.cli import auditing

    auditing.key()


@audit.command()
@common
def seal() -> None:
    """Seal every event now; prints the newest seal's number and hash, to be noted down elsewhere."""
    from strongroom.cli import auditing

    auditing.seal()


@audit.command(short_help="Who downloaded files from a private site.")
@common
@click.option("--sha256", "digests", multiple=True, help="A file by its SHA-256 digest. Repeatable.")
@click.option("--file", "files", multiple=True, help="A file by its name. Repeatable.")
@click.option("--project", default="", help="All files of this project.")
@click.option("--version", default="", help="Of the project this version alone.")
@click.option(
    "--since",
    required=True,
    callback=past,
    help="From then on: 30d, 12h or 15m ago, or a date and time (UTC).",
)
@click.option("--until", callback=past, help="Until before then, spelled likewise (default: now).")
@click.option("--json", "shape", flag_value="json", help="Answer in JSON, for programs.")
@click.option("--csv", "shape", flag_value="csv", help="Answer in CSV, for spreadsheets.")
def downloads(
    *, since: datetime, until: datetime | None, project: str, version: str, shape: str | None, **wanted: Any
) -> None:
    """Show who downloaded files from a private site, and when; recorded in the trail."""
    from strongroom.cli import downloads as asking

    if not (project or any(wanted.values())):
        raise click.UsageError("Name files by --sha256, --file or --project.")
    if version and not project:
        raise click.UsageError("--version is of a --project.")
    times = (since, until or clock.now())
    asking.downloads(**wanted, project=(project, version), times=times, shape=shape or "table")
