"""``strongroom audit tail``: the newest events, and those that come."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import click

from strongroom.cli import options
from strongroom.cli.auditing import start
from strongroom.kernel.refused import Refused

if TYPE_CHECKING:
    from strongroom.audit.models import Entry
    from strongroom.audit.search import Filter

_TIMES: Final = {"since", "until"}
_POLL: Final = 1.0  # seconds
_BATCH: Final = 200

Show = Callable[["list[Entry]"], None]


def tail(filters: Mapping[str, str], *, lines: int, as_json: bool, follow: bool) -> None:
    """Print events, the newest last; with ``follow`` until interrupted."""
    start()
    from strongroom.audit import search
    from strongroom.audit.search import EVERYTHING

    wanted = _wanted(
        {name: options.ago(value) if name in _TIMES else value for name, value in filters.items()}
    )
    show: Show = _show_json if as_json else _show_sentences
    horizon = _horizon()
    before = horizon + 1 if follow else None
    found = search.newest(EVERYTHING, wanted, before=before, limit=lines) if lines else []
    show(found[::-1])
    if not follow:
        return
    try:
        _follow(wanted, horizon, show)
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says it of SIGINT


def _follow(wanted: "Filter", after: int, show: Show) -> None:
    from strongroom.audit import search
    from strongroom.audit.search import EVERYTHING

    while True:
        horizon = _horizon()
        while found := search.oldest(EVERYTHING, wanted, after=after, up_to=horizon, limit=_BATCH):
            show(found)
            after = found[-1].serial
        after = max(after, horizon)
        time.sleep(_POLL)


def _horizon() -> int:
    """Up to which serial no entry can appear any more; waits for it."""
    from strongroom.audit.settled import settled

    while (horizon := settled()) is None:
        pass
    return horizon


def _wanted(filters: Mapping[str, str]) -> "Filter":
    from strongroom.accounts import find
    from strongroom.audit import query
    from strongroom.audit.search import EVERYTHING

    try:
        return query.parse(filters, EVERYTHING, person=find.id_of)
    except Refused as refusal:
        option = f"--{refusal.field.replace('_', '-')}" if refusal.field else None
        spans = " Or write 30d, 12h or 15m, for so long ago." if refusal.field in _TIMES else ""
        raise click.BadParameter(refusal.message + spans, param_hint=option) from None


def _show_json(entries: "list[Entry]") -> None:
    from strongroom.audit.document import document
    from strongroom.audit.search import EVERYTHING

    for entry in entries:
        # ASCII alone, so that nothing in it moves a cursor or turns the direction of text (AU-07)
        click.echo(json.dumps(document(entry, EVERYTHING)).replace("\x7f", "\\u007f"))


def _show_sentences(entries: "list[Entry]") -> None:
    from strongroom.audit.reading import timestamp
    from strongroom.audit.trail import printable
    from strongroom.web import saying

    names = saying.names_of(entries)
    for entry in entries:
        said = saying.sentence(entry, names, shows_origin=True)
        place = "".join(f" [{value}]" for value in (entry.address, entry.reason) if value)
        click.echo(printable(f"{timestamp(entry.time)} {entry.serial} {said}{place}"))
