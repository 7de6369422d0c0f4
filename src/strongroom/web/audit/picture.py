"""A picture of a trail: sign-ins, refusals and publishes over time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db.models import Q, Sum

from strongroom.audit import search
from strongroom.audit.models import Tally
from strongroom.audit.sealed import last_sealed
from strongroom.audit.search import EVERYTHING, Filter, Outcome, Scope
from strongroom.kernel import clock

SPANS: Final = {30: 1, 90: 7, 365: 7}
"""How many days are shown, and how many of them together."""

COUNTED: Final = 5_000
"""At most so many events of an account or project are counted, the newest ones, so that a page takes no longer when there are millions."""

_UNSEALED: Final = 10_000  # more are only there while nothing seals
SIGN_INS, REFUSALS, PUBLISHES = "sign-ins", "refusals", "publishes"
_SERIES: Final = (SIGN_INS, REFUSALS, PUBLISHES)
_DONE: Final = {"session.sign_in": SIGN_INS, "file.uploaded": PUBLISHES}
_BAR, _GAP, _HEIGHT, _LEAST = 10, 2, 48, 2  # in units of the drawing

Counts = Counter[tuple[date, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: its place in the drawing, the day with which it begins, and its number."""

    x: int
    y: float
    width: int
    height: float
    day: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What is counted, by its name; ``most`` is the number of the highest bar."""

    name: str
    total: int
    most: int
    bars: list[Bar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One drawing for each series, ``width`` by ``height`` units, and the same numbers as ``rows``, newest first.

    ``step``: days in a bar. ``counted_from``: the time from which events are counted, where not all of them were.
    """

    days: int
    step: int
    first: date
    last: date
    width: int
    height: int
    series: list[Series]
    rows: list[tuple[date, list[int]]]
    counted_from: datetime | None


def of(scope: Scope, *, days: int) -> Picture:
    """The picture of a trail over the last ``days`` (of ``SPANS``), up to today (UTC)."""
    step = SPANS[days]
    today = clock.now().astimezone(UTC).date()
    buckets = -(-days // step)
    first = today - timedelta(days=buckets * step - 1)
    counts, counted_from = _of_everything(first) if scope == EVERYTHING else _of_some(scope, first)
    names = _SERIES if scope.project is None else (REFUSALS, PUBLISHES)  # nobody signs in to a project
    starts = [first + timedelta(days=step * number) for number in range(buckets)]
    table = {start: Counter[str]() for start in starts}
    for (day, name), count in counts.items():
        if first <= day <= today:
            table[starts[(day - first).days // step]][name] += count
    return Picture(
        days=days,
        step=step,
        first=first,
        last=today,
        width=buckets * _BAR,
        height=_HEIGHT,
        series=[_series(name, [(start, table[start][name]) for start in starts]) for name in names],
        rows=[(start, [table[start][name] for name in names]) for start in reversed(starts)],
        counted_from=counted_from,
    )


def span(typed: str) -> int:
    """The span that was asked for, or the shortest."""
    return next((days for days in SPANS if str(days) == typed), min(SPANS))


def _of_everything(first: date) -> tuple[Counts, None]:
    """By the tallies of what is sealed, and by the entries of what is not: as fast with 10^7 events as with ten."""
    found = Tally.objects.filter(day__gte=first).values_list("day")
    refused = Sum("count", filter=Q(outcome=Outcome.REFUSED.value), default=0)
    counts: Counts = Counter()
    for day, *sums in found.annotate(
        signed_in=_sum("session.sign_in"), refused=refused, published=_sum("file.uploaded")
    ):
        counts.update({(day, name): number for name, number in zip(_SERIES, sums, strict=True)})
    counts.update(_counted(search.outlines(EVERYTHING, after=last_sealed(), limit=_UNSEALED)))
    return counts, None


def _sum(tag: str) -> Sum:
    return Sum("count", filter=Q(tag=tag, outcome=Outcome.DONE.value), default=0)


def _of_some(scope: Scope, first: date) -> tuple[Counts, datetime | None]:
    since = datetime.combine(first, time(), UTC)
    found = search.outlines(scope, Filter(since=since), limit=COUNTED)
    return _counted(found), found[-1][1] if len(found) == COUNTED else None


def _counted(found: Iterable[tuple[int, datetime, str, Outcome]]) -> Counts:
    counts: Counts = Counter()
    for _serial, moment, tag, outcome in found:
        name = REFUSALS if outcome is Outcome.REFUSED else _DONE.get(tag)
        if name is not None:
            counts[moment.astimezone(UTC).date(), name] += 1
    return counts


def _series(name: str, counted: list[tuple[date, int]]) -> Series:
    most = max(count for _day, count in counted)
    bars = [
        Bar(x=number * _BAR + _GAP // 2, width=_BAR - _GAP, day=day, count=count, **_size(count, most))
        for number, (day, count) in enumerate(counted)
        if count
    ]
    return Series(name=name, total=sum(count for _day, count in counted), most=most, bars=bars)


def _size(count: int, most: int) -> dict[str, float]:
    height = max(_LEAST, round(_HEIGHT * count / most, 1))
    return {"height": height, "y": round(_HEIGHT - height, 1)}
