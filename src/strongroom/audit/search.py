"""Finding entries: by scope and filter, newest first, in pages that stay where they are while new entries come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Final

from django.db.models import Q, QuerySet

from strongroom.audit.models import Entry
from strongroom.kernel.actor import ActorKind

PAGE: Final = 50
"""Entries on a page."""

_CHUNK: Final = 500

# Serials follow the clock, but for a clock that was set back: bounds by time are widened by so many serials, and times
# themselves decide.
_SLACK: Final = 10_000
_MAX_SERIAL: Final = 2**63 - 1


class Outcome(StrEnum):
    """How something ended."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose trail it is: one account's, one project's (by its normalized name), or with neither the whole."""

    user_id: int | None = None
    project: str | None = None

    def covers(self, entry: Entry) -> bool:
        """Whether an entry is in this trail."""
        if self.user_id is not None:
            return self.user_id in {entry.actor_id, entry.subject_id}
        return self.project is None or entry.project == self.project

    def shows_origin(self, entry: Entry) -> bool:
        """Whether its readers may see address and client, and how the author proved who they are (AU-11).

        Operators see all; people see their own, and those of strangers who tried their account; owners of a project none.
        """
        if self.user_id is not None:
            return entry.actor_id in {self.user_id, None}
        return self.project is None


EVERYTHING: Final = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is looked for; what is empty is not asked for. ``tags`` are alternatives; ``until`` is exclusive.

    ``actor_kind`` is that of an author without an account; ``person_id`` is author or subject.
    ``address`` is a pseudonym (``pseudonyms.of``), so that it is found also when the address itself is gone.
    """

    serial: int | None = None
    actor_id: int | None = None
    actor_kind: ActorKind | None = None
    subject_id: int | None = None
    person_id: int | None = None
    project: str = ""
    tags: tuple[str, ...] = ()
    outcome: Outcome | None = None
    reason: str = ""
    address: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def asks_for_origin(self) -> bool:
        """Whether an entry that is found tells from where it came."""
        return bool(self.address or self.request_id)


ANYTHING: Final = Filter()


def newest(
    scope: Scope, wanted: Filter = ANYTHING, *, before: int | None = None, limit: int = PAGE
) -> list[Entry]:
    """The newest entries with a serial below ``before``, newest first."""
    found = branches(scope, wanted, before=before)
    pages = [branch.order_by("-serial").values_list("serial", flat=True)[:limit] for branch in found]
    return _entries(islice(merge(*pages, reverse=True), limit))


def oldest(
    scope: Scope, wanted: Filter = ANYTHING, *, after: int = 0, up_to: int | None = None, limit: int = PAGE
) -> list[Entry]:
    """The oldest entries with a serial above ``after`` and up to ``up_to`` (inclusive), oldest first."""
    found = branches(scope, wanted, after=after, before=None if up_to is None else up_to + 1)
    pages = [branch.order_by("serial").values_list("serial", flat=True)[:limit] for branch in found]
    return _entries(islice(merge(*pages), limit))


def everything(scope: Scope, wanted: Filter = ANYTHING, *, up_to: int | None = None) -> Iterator[Entry]:
    """All entries that are wanted, oldest first; each chunk is a query of its own, so a long walk holds nothing open."""
    after = 0
    while chunk := oldest(scope, wanted, after=after, up_to=up_to, limit=_CHUNK):
        yield from chunk
        after = chunk[-1].serial


def outlines(
    scope: Scope, wanted: Filter = ANYTHING, *, after: int = 0, limit: int
) -> list[tuple[int, datetime, str, Outcome]]:
    """Serial, time, tag and outcome of the newest entries with a serial above ``after``, newest first; for pictures."""
    found = branches(scope, wanted, after=after)
    columns = ("serial", "time", "tag", "outcome")
    pages = [branch.order_by("-serial").values_list(*columns)[:limit] for branch in found]
    merged = islice(merge(*pages, key=lambda outline: -outline[0]), limit)
    return [(serial, time, tag, Outcome(outcome)) for serial, time, tag, outcome in merged if outcome]


def branches(
    scope: Scope, wanted: Filter, *, after: int | None = None, before: int | None = None
) -> list[QuerySet[Entry]]:
    """What is found is their union; each walks an index by serial, which an OR of them would not. No two have an entry in common.

    Only serials above ``after`` and below ``before``.
    """
    matching = Entry.objects.filter(_matching(wanted) & _between(wanted, after, before))
    if scope.project is not None:
        # AU-11: whoever does not see an address cannot find out by asking for it, either.
        return [] if wanted.asks_for_origin else [matching.filter(project=scope.project)]
    if scope.user_id is not None:
        return _of_person(matching, wanted, scope.user_id, strangers=not wanted.asks_for_origin)
    if wanted.person_id is not None:
        return _of_person(matching, wanted, wanted.person_id, strangers=True)
    if len(wanted.tags) > 1:
        return [matching.filter(tag=tag) for tag in wanted.tags]
    return [matching]


def _entries(serials: Iterable[int]) -> list[Entry]:
    """Whole entries, in the order of their serials: an index alone tells which, and so few rows are read."""
    wanted = list(serials)
    found = Entry.objects.in_bulk(wanted)
    return [found[serial] for serial in wanted if serial in found]


def _of_person(
    matching: QuerySet[Entry], wanted: Filter, user_id: int, *, strangers: bool
) -> list[QuerySet[Entry]]:
    """An account is author of some entries and subject of others; without ``strangers`` not of what other accounts did.

    What contradicts itself is not asked for: a database walks all that one of many did in search of what another one did.
    """
    about = matching.filter(subject_id=user_id)
    by_others = (
        about.exclude(actor_id=user_id, actor_id__isnull=False)
        if strangers
        else about.filter(actor_id__isnull=True)
    )
    is_author = wanted.actor_id in {None, user_id} and wanted.actor_kind is None
    is_subject = wanted.subject_id in {None, user_id}
    return [matching.filter(actor_id=user_id)] * is_author + [by_others] * is_subject


def _matching(wanted: Filter) -> Q:
    columns = {
        "serial": wanted.serial,
        "actor_id": wanted.actor_id,
        "subject_id": wanted.subject_id,
        "project": wanted.project,
        "outcome": wanted.outcome or (Outcome.REFUSED if wanted.reason else None),  # the index is of refusals
        "reason": wanted.reason,
        "address_pseudonym": wanted.address,
        "request_id": wanted.request_id,
    }
    found = Q(**{name: value for name, value in columns.items() if value not in {None, ""}})
    if wanted.actor_kind is not None:
        found &= Q(actor_kind=wanted.actor_kind.value, actor_id__isnull=True)
    if wanted.tags:
        found &= Q(tag__in=wanted.tags) if len(wanted.tags) > 1 else Q(tag=wanted.tags[0])
    return found


def _between(wanted: Filter, after: int | None, before: int | None) -> Q:
    """Times are bounds of the serial, too, since that is what entries are walked by; of two bounds SQLite would take either."""
    found, lowest, highest = Q(), [after], [before]
    if wanted.since is not None:
        found &= Q(time__gte=wanted.since)
        first = Entry.objects.filter(found).order_by("time").values_list("serial", flat=True).first()
        lowest.append(first - _SLACK if first is not None else _MAX_SERIAL)
    if wanted.until is not None:
        earlier = Q(time__lt=wanted.until)
        found &= earlier
        last = Entry.objects.filter(earlier).order_by("-time").values_list("serial", flat=True).first()
        highest.append(last + _SLACK if last is not None else 0)
    if above := [bound for bound in lowest if bound is not None]:
        found &= Q(serial__gt=max(above))
    if below := [bound for bound in highest if bound is not None]:
        found &= Q(serial__lt=min(below))
    return found
