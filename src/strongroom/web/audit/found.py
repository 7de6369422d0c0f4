"""The search box: what one word can mean, and which of its meanings are there.

Each meaning is looked up exactly, through an index; nothing is searched through.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from strongroom.audit import query, search
from strongroom.audit.query import NAMELESS, Person
from strongroom.audit.search import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What was typed as the value of a filter, and what that is in words."""

    field: str
    value: str
    words: str


def meanings(text: str, scope: Scope, *, person: Person) -> list[Meaning]:
    """Those under which there is an event in ``scope``; the surest first."""
    return [
        Meaning(field=_field(name), value=text, words=_in_words(name) % {"text": text})
        for name in _candidates(text, scope)
        if _is_there(name, text, scope, person=person)
    ]


def _candidates(text: str, scope: Scope) -> Iterator[str]:
    for name in ("serial", "address", "tag", "kind", "request_id", "person", "actor", "project", "reason"):
        if name not in query.fields_of(scope):
            continue
        is_person = name == "actor" and "person" in query.fields_of(scope)
        if not is_person or text.casefold() in NAMELESS:
            yield name


def _is_there(name: str, text: str, scope: Scope, *, person: Person) -> bool:
    wanted, mistakes = query.read({name: text}, scope, person=person)
    return not mistakes and bool(search.newest(scope, wanted, limit=1))


def _field(name: str) -> str:
    return "what" if name in {"tag", "kind"} else name


def _in_words(name: str) -> str:
    return {
        "serial": _("The event number %(text)s"),
        "address": _("What came from the address %(text)s"),
        "tag": _("Events %(text)s"),
        "kind": _("Events of the kind %(text)s"),
        "request_id": _("What the request %(text)s did"),
        "person": _("What the person %(text)s did, or was done to %(text)s"),
        "actor": _("What %(text)s did"),
        "project": _("What happened to the project %(text)s"),
        "reason": _("What was refused as %(text)s"),
    }[name]
