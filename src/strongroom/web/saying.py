"""The audit trail in plain sentences that name the author."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.audit import event as events
from strongroom.audit.event import Event
from strongroom.audit.models import Entry
from strongroom.audit.trail import printable
from strongroom.kernel import user_agent
from strongroom.kernel.actor import ActorKind
from strongroom.web.levels import title_of

_CONSOLE: Final = "console"
_LEVELS: Final = {
    ("account.publishing_switched", "level"),
    ("account.publishing_switched", "before"),
    ("project.publishing_switched", "level"),
    ("project.publishing_switched", "before"),
    ("uploads.publishing_switched", "level"),
    ("uploads.publishing_switched", "before"),
}
_TIMES: Final = {
    ("account.frozen", "written"),
    ("audit.aged", "before"),
    ("audit.downloads_asked", "since"),
    ("audit.downloads_asked", "until"),
    ("recovery.complete", "ready"),
}
_DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def names_of(entries: Iterable[Entry]) -> dict[int, str]:
    """The usernames that a page of entries needs, by the account's id, in one query; deleted accounts are missing."""
    ids = {
        user_id
        for entry in entries
        for user_id in (entry.subject_id, None if entry.actor_name else entry.actor_id)
        if user_id is not None
    }
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "username")) if ids else {}


def sentence(entry: Entry, names: Mapping[int, str], *, shows_origin: bool) -> str:
    """What happened, as a whole sentence. ``names`` is what ``names_of`` found.

    With ``shows_origin`` (``search.Scope.shows_origin``) it ends with the client, where that is known.
    """
    if entry.body_hash is not None:
        return _("The content of this event was deleted after its retention time (%(tag)s).") % {
            "tag": entry.tag
        }
    kind, details = events.kinds().get(entry.tag), entry.details
    template = _template(entry, kind, details)
    said = " ".join((template % _values(entry, kind, details, names)).split())
    client = _client_of(entry) if shows_origin else ""
    if client and _has_tail(entry, template):
        return _("%(sentence)s (%(client)s).") % {"sentence": said, "client": client}
    if client:
        return _("%(sentence)s from %(client)s.") % {"sentence": said, "client": client}
    return _("%(sentence)s.") % {"sentence": said}


def actor_of(entry: Entry, names: Mapping[int, str]) -> str:
    """The author's name; for a sentence that begins with it."""
    if entry.actor_name:
        return _AUTHORS.get((entry.actor_kind, entry.actor_name), lambda: printable(entry.actor_name))()
    if entry.actor_id is not None:
        return printable(names[entry.actor_id]) if entry.actor_id in names else _("A former user")
    return _NAMELESS.get(entry.actor_kind, lambda: _("Somebody"))()


def subject_of(entry: Entry, names: Mapping[int, str]) -> str:
    """The name of the account that it is about; for the middle of a sentence."""
    if entry.subject_id is None:
        return _("an unknown user")
    return printable(names[entry.subject_id]) if entry.subject_id in names else _("a former user")


_AUTHORS: Final = {
    (ActorKind.SYSTEM.value, "system"): lambda: _("This site"),
    (ActorKind.OPERATOR.value, _CONSOLE): lambda: _("An operator at the console"),
}
_NAMELESS: Final = {  # their name was deleted
    ActorKind.SYSTEM.value: lambda: _("This site"),
    ActorKind.OPERATOR.value: lambda: _("An operator"),
}


def _template(entry: Entry, kind: type[Event] | None, details: Mapping[str, Any]) -> str:
    refused = entry.outcome == "refused"
    if kind is None:  # recorded by a later version
        if refused:
            return _("%(actor)s tried something else and was refused (%(tag)s)")
        return _("%(actor)s did something else (%(tag)s)")
    if refused:
        return str(kind.refused)
    own = kind.own if entry.subject_id is not None and entry.subject_id == entry.actor_id else ""
    return str(kind.because.get(str(details.get(kind.turns_on, ""))) or own or kind.sentence)


def _has_tail(entry: Entry, template: str) -> bool:
    """Whether a client behind the sentence would be read as part of its end: “was refused from Firefox”."""
    return not template.endswith(")") and (
        entry.outcome == "refused" or any(mark in template for mark in ",;:")
    )


def _values(
    entry: Entry, kind: type[Event] | None, details: Mapping[str, Any], names: Mapping[int, str]
) -> Mapping[str, str]:
    """What fills the places; fields that an earlier version did not record are empty."""
    values: defaultdict[str, str] = defaultdict(str)
    if kind is not None and entry.person_hash is not None:
        values |= dict.fromkeys(events.personal_fields(kind), _("(deleted)"))
    values |= {name: _shown(in_words(entry.tag, name, value)) for name, value in details.items()}
    values["project"], values["tag"] = entry.project, entry.tag
    values["actor"], values["subject"] = actor_of(entry, names), subject_of(entry, names)
    return values


def _shown(value: Any) -> str:
    """A field as text: what a stranger has typed can forge no line (AU-07)."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return printable(text)


def in_words(tag: str, name: str, value: Any) -> Any:
    """A field of an event as people say it: times and levels; all else as it is."""
    if not isinstance(value, str):
        return value
    if (tag, name) in _LEVELS:
        return title_of(value)
    if (tag, name) in _TIMES:
        with suppress(ValueError):
            moment = datetime.fromisoformat(value).astimezone(UTC)
            return date_format(moment, "j M Y, H:i") + " UTC"
    return _DATABASES.get(value, value) if name == "database" else value


def _client_of(entry: Entry) -> str:
    """The client in words: by its family, which is kept when the client itself is deleted."""
    family = entry.client_family or user_agent.family(entry.client)
    browser, _slash, system = family.partition("/")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser
