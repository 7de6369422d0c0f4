"""The fields of an event in words: what each is called, and what it says."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.audit.trail import printable
from strongroom.tokens import caveats
from strongroom.web import saying, token_words
from strongroom.web.audit import words

NAMES: Final[Mapping[str, Promise]] = {
    "active": gettext_lazy("Sends messages"),
    "address": gettext_lazy("Email address"),
    "address_changed": gettext_lazy("Its address was changed"),
    "before": gettext_lazy("Before"),
    "before_active": gettext_lazy("Before: sends messages"),
    "before_events": gettext_lazy("Before: events sent"),
    "before_seals": gettext_lazy("Before: seals sent, too"),
    "before_to": gettext_lazy("Before: sends to"),
    "changed": gettext_lazy("Settings changed"),
    "claims": gettext_lazy("Claims of the identity token"),
    "count": gettext_lazy("How many"),
    "database": gettext_lazy("Database"),
    "digests": gettext_lazy("SHA-256 digests"),
    "environment": gettext_lazy("Environment"),
    "event": gettext_lazy("That event"),
    "events": gettext_lazy("Events sent"),
    "exact": gettext_lazy("Counted exactly"),
    "factors": gettext_lazy("Second factors removed"),
    "fields": gettext_lazy("Claims that are asked for"),
    "filename": gettext_lazy("File"),
    "filenames": gettext_lazy("Files"),
    "filters": gettext_lazy("Filters"),
    "fingerprints": gettext_lazy("Keyed digests of other settings"),
    "first": gettext_lazy("From number"),
    "format": gettext_lazy("Format"),
    "host": gettext_lazy("Its machine, by its own word"),
    "issuer": gettext_lazy("Identity provider"),
    "kind": gettext_lazy("Kind"),
    "left": gettext_lazy("Codes left"),
    "level": gettext_lazy("What may publish"),
    "method": gettext_lazy("With"),
    "name": gettext_lazy("Name"),
    "network": gettext_lazy("Network"),
    "owner": gettext_lazy("Webhook of"),
    "parts": gettext_lazy("What was forgotten"),
    "pending": gettext_lazy("Was a pending publisher"),
    "pins": gettext_lazy("Claims that must stay the same"),
    "program": gettext_lazy("Program, by its own word"),
    "projects": gettext_lazy("Projects"),
    "proof": gettext_lazy("Proof given"),
    "publisher": gettext_lazy("Trusted publisher"),
    "ready": gettext_lazy("The wait is over"),
    "reason": gettext_lazy("Reason given"),
    "restrictions": gettext_lazy("What it may do"),
    "role": gettext_lazy("Role"),
    "rules": gettext_lazy("Rules"),
    "scope": gettext_lazy("Of what"),
    "seals": gettext_lazy("Seals sent, too"),
    "serial": gettext_lazy("Its serial number"),
    "settings": gettext_lazy("Settings"),
    "sha256": gettext_lazy("SHA-256"),
    "since": gettext_lazy("From"),
    "size": gettext_lazy("Size in bytes"),
    "stopped_by": gettext_lazy("Stopped by"),
    "to": gettext_lazy("Sends to"),
    "token": gettext_lazy("API token, by its short id"),
    "tokens": gettext_lazy("API tokens revoked"),
    "until": gettext_lazy("Until before"),
    "url": gettext_lazy("URL"),
    "username": gettext_lazy("Username"),
    "version": gettext_lazy("Version"),
    "webhook": gettext_lazy("Webhook"),
    "why": gettext_lazy("Why"),
    "written": gettext_lazy("Frozen since"),
}
"""What the fields of events are called; a test walks all of them."""

_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its name in words, and what it says, line by line."""

    name: str
    says: list[str]


def fields_of(tag: str, details: Mapping[str, Any], *, project: str) -> list[Field]:
    """Those of an event's own fields that say something, in words; ``project`` is the one that the event is about."""
    return [
        Field(name=str(NAMES.get(name, name)), says=_says(name, saying.in_words(tag, name, value), project))
        for name, value in details.items()
        if value not in _NOTHING
    ]


def _says(name: str, value: Any, project: str) -> list[str]:
    if name == "restrictions" and isinstance(value, list):
        with suppress(caveats.UnknownCaveat):
            return _may(value, project)
    match value:
        case dict():
            return [f"{_line(key)}: {_line(one)}" for key, one in value.items()]
        case list():
            return [", ".join(map(_line, value))]
        case str() if name == "method":
            return [_line(words.method(value))]
    return [_line(value)]


def _may(restrictions: Sequence[Any], project: str) -> list[str]:
    """Of many projects an event names one: it is there once for each."""
    held = [caveats.understood(caveat) for caveat in restrictions]
    ids = {
        one
        for caveat in held
        if isinstance(caveat, caveats.ProjectID | caveats.Projects)
        for one in caveat.ids
    }
    named = [name for name in (project, _("others") if len(ids) > 1 else "") if name]
    ends = [caveat.not_after for caveat in held if isinstance(caveat, caveats.Expiration)]
    told = token_words.told(
        held, projects=named, expires=datetime.fromtimestamp(min(ends), UTC) if ends else None
    )
    return [told.scope, told.actions, *told.limits, told.end]


def _line(value: Any) -> str:
    """A value on one line, which forges nothing (AU-07)."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return printable(str(value))
