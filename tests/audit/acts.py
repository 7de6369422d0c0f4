"""Acts by which routes change something, and the events that each must leave; ``acts_of_*`` declare them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from strongroom.accounts.models import User
from strongroom.audit.models import Entry

Act = Callable[[], Any]
Mailbox = list[Any]


@dataclass(frozen=True, slots=True)
class Left:
    """One event as it is expected; ``...`` stands for any value of a field, ``""`` for nobody.

    ``actor`` and ``subject`` are usernames; ``details`` are all of its own fields.
    """

    tag: str
    actor: str = "alice"
    subject: str = "alice"
    project: str = ""
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """An act on a route: ``prepare`` sets the stage and returns what is done then."""

    prepare: Callable[[Mailbox], Act]
    left: tuple[Left, ...]


CASES: dict[str, Case] = {}
"""By the name of the route, or by method and path for programs."""


def leaves(route: str, *left: Left) -> Callable[[Callable[[Mailbox], Act]], Callable[[Mailbox], Act]]:
    """Declare that the act leaves exactly these events on its route, in this order."""

    def declare(prepare: Callable[[Mailbox], Act]) -> Callable[[Mailbox], Act]:
        assert route not in CASES, route
        CASES[route] = Case(prepare, left)
        return prepare

    return declare


def left_by(case: Case, mailbox: Mailbox) -> tuple[list[Left], list[Left]]:
    """What the act left, and what it should have left."""
    act = case.prepare(mailbox)
    before = Entry.objects.order_by("-serial").values_list("serial", flat=True).first() or 0
    names = dict(User.objects.values_list("pk", "username"))
    act()
    names |= dict(User.objects.values_list("pk", "username"))
    entries = list(Entry.objects.filter(serial__gt=before).order_by("serial"))
    assert [entry.tag for entry in entries if not _is_traced(entry)] == []
    found = [
        Left(
            entry.tag,
            entry.actor_name,
            names[entry.subject_id] if entry.subject_id is not None else "",
            entry.project,
            entry.reason,
            entry.details,
        )
        for entry in entries
    ]
    return found, [_filled(one, found[number : number + 1]) for number, one in enumerate(case.left)]


def _is_traced(entry: Entry) -> bool:
    """Whether it says from where and by which request, and of an account how it was known and the short id with which."""
    has_origin = entry.request_id and (entry.address or entry.origin_hash is not None)
    is_known = entry.actor_id is None or (entry.authenticated and len(entry.credential) == 8)
    return bool(has_origin and is_known)


def _filled(expected: Left, found: list[Left]) -> Left:
    """With what was found where anything will do."""
    if not found:
        return expected
    details = {
        name: found[0].details.get(name, "missing") if value is ... else value
        for name, value in expected.details.items()
    }
    return replace(expected, details=details)
