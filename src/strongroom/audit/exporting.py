"""Exporting the trail from the database, while the site runs."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

import orjson
from django.conf import settings

from strongroom import __version__
from strongroom.audit import reading
from strongroom.audit.models import Entry
from strongroom.audit.proof import exported
from strongroom.audit.proof.exported import Header
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Seal
from strongroom.audit.sealing import public_key, signing_key
from strongroom.audit.settled import settled
from strongroom.kernel import clock

_PATIENCE: Final = 10.0  # seconds


class NoSuchSeal(Exception):
    """There is no seal of this number to begin behind."""


def count(*, after_seal: int = 0) -> int:
    """How many entries there are behind a seal; more may come while they are exported."""
    begin = _begin(after_seal)
    return (Entry.objects.filter(serial__gt=begin.statement.last) if begin else Entry.objects).count()


def lines(*, after_seal: int = 0) -> Iterator[bytes]:
    """The lines of an export that begins behind a seal (0: at the beginning); raises ``NoSuchSeal``.

    What is under no seal yet comes last, up to what there is by then: an event that explains a redaction which was made in
    the meantime comes along.
    """
    yield from exported.closed(_lines(_begin(after_seal), after_seal), signing_key())


def _lines(begin: Seal | None, after_seal: int) -> Iterator[bytes]:
    newest = reading.newest_seal()
    until = newest.number if newest else 0
    yield _header(begin, until)
    after = begin.statement.last if begin else None
    if newest:
        yield from _sealed(reading.rows(after=after, up_to=newest.last), after_seal, until)
        after = newest.last
    yield from map(_spell, reading.rows(after=after, up_to=settled(patience=_PATIENCE)))


def _begin(number: int) -> Seal | None:
    if not number:
        return None
    found = next(reading.seals(after=number - 1, leaves=False), None)
    if found is None or found.statement.number != number:
        raise NoSuchSeal(number)
    return found


def _header(begin: Seal | None, newest: int) -> bytes:
    header = Header(
        instance=settings.CONFIG.base_url,
        version=__version__,
        time=reading.timestamp(clock.now()),
        begin=begin,
        newest=newest,
        key=public_key(),
    )
    return header.line(signing_key())


def _sealed(rows: Iterator[Row], after: int, until: int) -> Iterator[bytes]:
    """Each seal, then its entries."""
    for seal in reading.seals(after=after or None):
        if seal.statement.number > until:
            break
        yield exported.spell_seal(seal)
        for row in rows:
            if row.serial > seal.statement.last:
                rows = chain((row,), rows)
                break
            yield _spell(row)
    yield from map(_spell, rows)


def _spell(row: Row) -> bytes:
    """What was changed to something that JSON does not have is exported so that it is found to be changed."""
    try:
        return exported.spell_row(row)
    except (TypeError, ValueError, AttributeError):
        return orjson.dumps({"entry": {"serial": row.serial, "changed": ascii(row)}}) + b"\n"
