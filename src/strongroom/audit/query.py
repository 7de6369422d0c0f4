"""What somebody looks for in the trail, as it was typed: the same parameters for pages, downloads and the API.

============  ==========================================================================================
``actor``     a username, or ``anonymous``, ``console``, ``publisher`` or ``system``: who did it
``subject``   a username: to whom it was done
``person``    a username: either (the whole trail only, as ``subject``)
``kind``      ``session``: the tag up to the dot
``tag``       ``session.sign_in``
``project``   a project, in any spelling
``outcome``   ``done`` or ``refused``
``reason``    the code of a refusal
``address``   an IP address
``request_id``  16 hex digits, as in the header ``X-Request-Id``
``serial``    the number of one event
``since``     a date or a time, UTC unless it says otherwise; the first that is wanted
``until``     likewise; a time is the first that is not wanted any more, a date the last that is
``before``    a serial: entries below it, newest first
``after``     a serial: entries above it
``limit``     how many
============  ==========================================================================================
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from typing import Any, Final

from django.utils.translation import gettext as _

from strongroom.audit import event, known, pseudonyms
from strongroom.audit.search import PAGE, Filter, Outcome, Scope
from strongroom.kernel.actor import ActorKind
from strongroom.kernel.names import MAX_PROJECT_NAME, is_username, normalize
from strongroom.kernel.refused import Refused

Person = Callable[[str], int | None]
"""The id of the account of a username."""

NAMELESS: Final[Mapping[str, ActorKind]] = {
    "anonymous": ActorKind.ANONYMOUS,
    "console": ActorKind.OPERATOR,
    "publisher": ActorKind.TOKEN,
    "system": ActorKind.SYSTEM,
}
"""Authors without an account, as they are asked for; nobody can have one of these names as a username."""

MAX_LIMIT: Final = 1000
"""The most entries in one answer."""

PLACES: Final = ("before", "after", "limit")
"""The parameters that say which page of entries is asked for."""

_EVERYBODY: Final = ("actor", "kind", "tag", "outcome", "reason", "since", "until", "serial")
_MAX_SERIAL: Final = 2**63 - 1
_CODE: Final = re.compile(r"[a-z0-9_]{1,80}")
_REQUEST_ID: Final = re.compile(r"[0-9a-zA-Z-]{1,40}")
_PROJECT: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of entries begins, and how long it is. At most one of ``before`` and ``after`` is set."""

    before: int | None = None
    after: int | None = None
    limit: int = PAGE


def fields_of(scope: Scope) -> tuple[str, ...]:
    """The names of the filters that readers of ``scope`` have (AU-11: where addresses are not shown, none is asked for)."""
    if scope.user_id is not None:
        return (*_EVERYBODY, "project", "address", "request_id")
    if scope.project is not None:
        return _EVERYBODY
    return (*_EVERYBODY, "subject", "person", "project", "address", "request_id")


def parse(values: Mapping[str, str], scope: Scope, *, person: Person) -> Filter:
    """The filter that ``values`` ask for, by name; raises ``Refused``, its ``field`` the name at fault.

    Codes: those of ``read``, and ``audit_filter_unknown`` for a name that is none.
    """
    for name in values:
        if name not in fields_of(scope) and name not in PLACES:
            raise Refused(
                "audit_filter_unknown",
                _("There is no such filter here. There are: %(names)s.")
                % {"names": ", ".join(fields_of(scope))},
                field=name,
            )
    found, mistakes = read(values, scope, person=person)
    if mistakes:
        raise mistakes[0]
    return found


def read(values: Mapping[str, str], scope: Scope, *, person: Person) -> tuple[Filter, list[Refused]]:
    """The filter of those values that can be read, and what is wrong with the others; empty values ask for nothing.

    Codes: ``audit_person_unknown``, ``audit_kind_unknown``, ``audit_tag_unknown``, ``audit_project_invalid``,
    ``audit_outcome_unknown``, ``audit_reason_invalid``, ``audit_address_invalid``, ``audit_request_id_invalid``,
    ``audit_time_invalid``, ``audit_times_reversed``, ``audit_serial_invalid``.
    """
    found: dict[str, Any] = {}
    mistakes: list[Refused] = []
    for name in fields_of(scope):
        value = values.get(name, "").strip()
        try:
            found |= _READERS[name](value, person) if value else {}
        except Refused as mistake:
            mistake.field = name
            mistakes.append(mistake)
    found["tags"] = _narrowed(found.pop("kind_tags", None), found.get("tags", ()))
    mistakes += _reversed(found)
    return Filter(**found), mistakes


def place(values: Mapping[str, str]) -> Place:
    """Where to begin; raises ``Refused`` (``audit_serial_invalid``, ``audit_limit_invalid``), its ``field`` the name at fault."""
    before, after = (_serial(name, values.get(name, "")) for name in ("before", "after"))
    if before is not None and after is not None:
        raise Refused(
            "audit_serial_invalid", _("Ask for entries before a serial, or after one."), field="after"
        )
    return Place(before=before, after=after, limit=_limit(values.get("limit", "")))


def _actor(value: str, person: Person) -> dict[str, Any]:
    kind = NAMELESS.get(value.casefold())
    return {"actor_kind": kind} if kind is not None else {"actor_id": _known(value, person)}


def _subject(value: str, person: Person, *, column: str = "subject_id") -> dict[str, Any]:
    return {column: _known(value, person)}


def _known(value: str, person: Person) -> int:
    user_id = person(value) if is_username(value) else None
    if user_id is None:
        raise Refused(
            "audit_person_unknown",
            _("There is no account of this name. Write a username as it stands on the person's page."),
        )
    return user_id


def _kind(value: str, _person: Person) -> dict[str, Any]:
    if not (tags := known.tags(value)):
        kinds = sorted({known.kind_of(tag) for tag in event.kinds()})
        raise Refused(
            "audit_kind_unknown",
            _("There are no events of this kind. Choose one of these: %(kinds)s.")
            % {"kinds": ", ".join(kinds)},
        )
    return {"kind_tags": tags}


def _tag(value: str, _person: Person) -> dict[str, Any]:
    if value not in event.kinds():
        raise Refused(
            "audit_tag_unknown",
            _("There is no such event. Write its tag, such as token.made; docs/events.md lists them."),
        )
    return {"tags": (value,)}


def _project(value: str, _person: Person) -> dict[str, Any]:
    if len(value) > MAX_PROJECT_NAME or not _PROJECT.fullmatch(value):
        raise Refused(
            "audit_project_invalid",
            _("No project has such a name. Write it as it stands on the project's page."),
        )
    return {"project": normalize(value)}


def _outcome(value: str, _person: Person) -> dict[str, Any]:
    if value not in set(Outcome):
        raise Refused("audit_outcome_unknown", _("An outcome is “done” or “refused”."))
    return {"outcome": Outcome(value)}


def _reason(value: str, _person: Person) -> dict[str, Any]:
    if not _CODE.fullmatch(value):
        raise Refused("audit_reason_invalid", _("A reason is a code of small letters, such as “totp_wrong”."))
    return {"reason": value}


def _address(value: str, _person: Person) -> dict[str, Any]:
    try:
        address = ip_address(value if "%" not in value else "")  # a zone (RFC 4007 §11) may be any text
    except ValueError:
        raise Refused(
            "audit_address_invalid", _("Write an IP address, such as 192.0.2.7 or 2001:db8::7.")
        ) from None
    return {"address": pseudonyms.of(str(address))}


def _request_id(value: str, _person: Person) -> dict[str, Any]:
    if not _REQUEST_ID.fullmatch(value):
        raise Refused(
            "audit_request_id_invalid",
            _("The id of a request consists of 16 of the digits 0 to 9 and a to f."),
        )
    return {"request_id": value}


def _since(value: str, _person: Person) -> dict[str, Any]:
    return {"since": _moment(value, whole_days=0)}


def _until(value: str, _person: Person) -> dict[str, Any]:
    return {"until": _moment(value, whole_days=1)}


def _moment(value: str, *, whole_days: int) -> datetime:
    """A time (RFC 3339, or with a space), or the beginning of a date plus ``whole_days``; in UTC unless it has an offset."""
    try:
        if len(value) <= len("2026-01-31"):
            day = date.fromisoformat(value) + timedelta(days=whole_days)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(
            "audit_time_invalid",
            _("Write a date such as 2026-01-31, or a time in UTC such as 2026-01-31 17:30."),
        ) from None


def _one(value: str, _person: Person) -> dict[str, Any]:
    return {"serial": _serial("serial", value)}


def _narrowed(of_kind: tuple[str, ...] | None, tags: tuple[str, ...]) -> tuple[str, ...]:
    """A tag says more than its kind; one of another kind contradicts it, and is found nowhere."""
    if of_kind is None or not tags:
        return of_kind or tags
    return tags if tags[0] in of_kind else ("",)


def _reversed(found: Mapping[str, Any]) -> Iterator[Refused]:
    since, until = found.get("since"), found.get("until")
    if since is not None and until is not None and since >= until:
        yield Refused(
            "audit_times_reversed", _("This is not later than the time from which you look."), field="until"
        )


def _serial(name: str, value: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > 19 or int(value) > _MAX_SERIAL:
        raise Refused(
            "audit_serial_invalid", _("The serial number of an event is a whole number."), field=name
        )
    return int(value)


def _limit(value: str) -> int:
    if not value:
        return PAGE
    if not (value.isascii() and value.isdigit()) or len(value) > 4 or not 0 < int(value) <= MAX_LIMIT:
        raise Refused(
            "audit_limit_invalid",
            _("A limit is a number from 1 to %(most)s.") % {"most": MAX_LIMIT},
            field="limit",
        )
    return int(value)


_READERS: Final[Mapping[str, Callable[[str, Person], dict[str, Any]]]] = {
    "actor": _actor,
    "subject": _subject,
    "person": partial(_subject, column="person_id"),
    "kind": _kind,
    "tag": _tag,
    "project": _project,
    "outcome": _outcome,
    "reason": _reason,
    "address": _address,
    "request_id": _request_id,
    "since": _since,
    "until": _until,
    "serial": _one,
}
