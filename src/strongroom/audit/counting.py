"""How many entries there are, told before they are read."""

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from strongroom.audit.models import Entry
from strongroom.audit.search import Filter, Scope, branches

MOST: Final = 20_000
"""So many are counted; beyond them it is an estimate, since counting a million rows takes longer than a first page may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How many entries to expect; ``exact``, or about so many."""

    count: int
    exact: bool


def expected(scope: Scope, wanted: Filter, *, up_to: int) -> Expected:
    """How many entries are wanted up to the serial ``up_to`` (inclusive)."""
    counts = [_count(branch, up_to) for branch in branches(scope, wanted, before=up_to + 1)]
    return Expected(count=sum(count.count for count in counts), exact=all(count.exact for count in counts))


def _count(rows: QuerySet[Entry], up_to: int) -> Expected:
    """Beyond ``MOST`` it is assumed that the rest lies as close together as these do."""
    serials = rows.order_by("serial").values_list("serial", flat=True)
    counted = serials[: MOST + 1].count()
    if counted <= MOST:
        return Expected(count=counted, exact=True)
    first, last = serials[0], serials[MOST]
    return Expected(count=counted * (up_to - first + 1) // (last - first + 1), exact=False)
