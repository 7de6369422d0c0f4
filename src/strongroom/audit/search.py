"""Finding entries: by scope and filter, newest first, in pages that stay where they are while new entries come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Final

from django.db.models import Q, QuerySet

from strongroom.audit.models import Entry

PAGE: Final = 50
"""Entries on a page."""

_CHUNK: Final = 500

# Serials follow the clock, but for a clock that was set back: bounds by time are widened by so many serials, and times
# themselves decide.
_SLACK: Final = 10_000


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

    ``address`` is a pseudonym (``pseudonyms.of``), so that it is found also when the address itself is gone.
    """

    actor_id: int | None = None
    subject_id: int | None = None
    project: str = ""
    tags: tuple[str, ...] = ()
    outcome: Outcome | None = None
    reason: str = ""
    address: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


ANYTHING: Final = Filter()


def newest(
    scope: Scope, wanted: Filter = ANYTHING, *, before: int | None = None, limit: int = PAGE
) -> list[Entry]:
    """The newest entries with a serial below ``before``, newest first."""
    found = [
        branch.filter(serial__lt=before) if before is not None else branch
        for branch in _branches(scope, wanted)
    ]
    pages = [branch.order_by("-serial")[:limit] for branch in found]
    return list(islice(merge(*pages, key=lambda entry: -entry.serial), limit))


def oldest(
    scope: Scope, wanted: Filter = ANYTHING, *, after: int = 0, up_to: int | None = None, limit: int = PAGE
) -> list[Entry]:
    """The oldest entries with a serial above ``after`` and up to ``up_to`` (inclusive), oldest first."""
    found = [branch.filter(serial__gt=after) for branch in _branches(scope, wanted)]
    bounded = [branch.filter(serial__lte=up_to) if up_to is not None else branch for branch in found]
    pages = [branch.order_by("serial")[:limit] for branch in bounded]
    return list(islice(merge(*pages, key=lambda entry: entry.serial), limit))


def everything(scope: Scope, wanted: Filter = ANYTHING, *, up_to: int | None = None) -> Iterator[Entry]:
    """All entries that are wanted, oldest first; each chunk is a query of its own, so a long walk holds nothing open."""
    after = 0
    while chunk := oldest(scope, wanted, after=after, up_to=up_to, limit=_CHUNK):
        yield from chunk
        after = chunk[-1].serial


def _branches(scope: Scope, wanted: Filter) -> list[QuerySet[Entry]]:
    """An account is author of some entries and subject of others: each has an index, and together they have none."""
    matching = Entry.objects.filter(_matching(wanted))
    if scope.user_id is not None:
        return [
            matching.filter(actor_id=scope.user_id),
            matching.filter(subject_id=scope.user_id).exclude(actor_id=scope.user_id, actor_id__isnull=False),
        ]
    return [matching if scope.project is None else matching.filter(project=scope.project)]


def _matching(wanted: Filter) -> Q:
    columns = {
        "actor_id": wanted.actor_id,
        "subject_id": wanted.subject_id,
        "project": wanted.project,
        "outcome": wanted.outcome,
        "reason": wanted.reason,
        "address_pseudonym": wanted.address,
        "request_id": wanted.request_id,
    }
    found = Q(**{name: value for name, value in columns.items() if value not in {None, ""}})
    if wanted.tags:
        found &= Q(tag__in=wanted.tags) if len(wanted.tags) > 1 else Q(tag=wanted.tags[0])
    return found & _between(wanted.since, wanted.until)


def _between(since: datetime | None, until: datetime | None) -> Q:
    """Times as bounds of the serial, too, since that is what entries are walked by."""
    found = Q()
    if since is not None:
        first = (
            Entry.objects.filter(time__gte=since).order_by("time").values_list("serial", flat=True).first()
        )
        found &= Q(time__gte=since, serial__gte=first - _SLACK) if first is not None else Q(pk__in=[])
    if until is not None:
        last = Entry.objects.filter(time__lt=until).order_by("-time").values_list("serial", flat=True).first()
        found &= Q(time__lt=until, serial__lte=last + _SLACK) if last is not None else Q(pk__in=[])
    return found
