"""``strongroom audit downloads``: who downloaded files from a private site."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click
import orjson
from django.conf import settings
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from strongroom.cli.auditing import start
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused

if TYPE_CHECKING:
    from strongroom.audit.downloaded import Question
    from strongroom.audit.models import Download

_WIDTH = 200  # characters of a table that goes into a file or a pipe


def downloads(
    files: Sequence[str],
    digests: Sequence[str],
    *,
    project: tuple[str, str],
    times: tuple[datetime, datetime],
    shape: str,
) -> None:
    """Print who did. ``project`` is its name and a version, each may be empty; ``shape`` is ``table``, ``json`` or ``csv``."""
    start()
    from strongroom.audit import downloaded

    try:
        question = _question(files, digests, project=project, times=times)
        rows = downloaded.ask(question, by=Actor.console())
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None
    _SHAPES[shape](rows)


def _question(
    files: Sequence[str],
    digests: Sequence[str],
    *,
    project: tuple[str, str],
    times: tuple[datetime, datetime],
) -> "Question":
    from strongroom.audit.downloaded import Question, digest_of
    from strongroom.projects import digests as of_projects

    name, version = project
    of_project: tuple[str, ...] = ()
    if name:
        name, of_project = of_projects.of(name, version=version)
    return Question(
        digests=(*(digest_of(digest) for digest in digests), *of_project),
        filenames=tuple(files),
        project=name,
        version=version,
        since=times[0],
        until=times[1],
    )


def _print_table(rows: "Sequence[Download]") -> None:
    if not rows:
        click.echo("Nobody.")
        if settings.CONFIG.site.access == "public":
            click.echo("This site is public: downloads are not recorded.", err=True)
        return
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("who", "token", "address", "client", "first (UTC)", "last (UTC)", "count", "file"):
        table.add_column(title, overflow="fold")
    for row in rows:
        times = (f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (row.first, row.last))
        cells = (
            row.username,
            row.credential,
            row.address,
            _short(row.client),
            *times,
            str(row.count),
            row.filename,
        )
        table.add_row(*map(Text, cells))
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)
    people = len({row.user_id for row in rows})
    click.echo(
        f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} of {people} {'account' if people == 1 else 'accounts'}."
    )


def _short(client: str) -> str:
    """The program and its version: pip goes on with a page about its machine, which JSON and CSV have whole."""
    return client.partition(" {")[0]


def _print_json(rows: "Sequence[Download]") -> None:
    from strongroom.audit.downloaded import document

    documents = [document(row) for row in rows]
    click.echo(orjson.dumps(documents, option=orjson.OPT_INDENT_2))


def _print_csv(rows: "Sequence[Download]") -> None:
    from strongroom.web.audit.downloaded import as_csv

    click.echo(as_csv(rows), nl=False)


_SHAPES = {"table": _print_table, "json": _print_json, "csv": _print_csv}
