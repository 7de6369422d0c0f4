"""What the caveats of a token ask for: JSON lists, each of which begins with a tag.

The numbered tags are those of the public index, so that tools which narrow its tokens narrow ours. Tags in words are our own
and can never collide with those. Every caveat of a token must hold, so that one more can only narrow it.

Unknown tags, other types and further elements are refused (TK-04): what is not understood is not met.
"""

import ipaddress
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from packaging.version import InvalidVersion, Version

from strongroom.kernel.names import NormalizedName, normalize

UPLOAD, YANK, READ, AUDIT = "upload", "yank", "read", "audit"
UNNAMED: Final = (UPLOAD, YANK, READ)
"""What a token is for that names no actions."""
ACTIONS: Final = (*UNNAMED, AUDIT)
"""What a token can be for. The audit trail is read by those alone that were made to, by name (``verify.require_made_to``)."""

_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9-]\*|[a-z0-9]+(-[a-z0-9]+)*")
_DIGEST = re.compile(r"[0-9a-f]{64}")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class UnknownCaveat(Exception):
    """This caveat is of no kind that we know, so nothing meets it."""


@dataclass(frozen=True, slots=True)
class Expiration:
    """``[0, not_after, not_before]`` in seconds since 1970. There is no leeway: from the first second to before the last."""

    not_after: int
    not_before: int


@dataclass(frozen=True, slots=True)
class ProjectName:
    """``[1, [name, ...]]``: only for projects of these names, in whatever spelling."""

    names: frozenset[NormalizedName]


@dataclass(frozen=True, slots=True)
class ProjectID:
    """``[2, [uuid, ...]]``: only for these projects, and for no later one that takes their names (TK-07)."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class RequestUser:
    """``[3, uuid]``: only for the account with this public id."""

    user_id: str


@dataclass(frozen=True, slots=True)
class Actions:
    """``["actions", ["upload", ...]]``: only to do these things; without it, what is in ``UNNAMED``."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Projects:
    """``["projects", [uuid, ...], [pattern, ...]]``: for these projects, and for all whose names fit a pattern.

    A pattern is a normalized name, or the beginning of one and then ``*``. Unlike a name it also covers projects to be made.
    """

    ids: frozenset[str]
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Networks:
    """``["networks", ["192.0.2.0/24", ...]]``: only from these addresses."""

    networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Uses:
    """``["uses", n]`` or ``["uses", n, label]``: for so many files published or yanked.

    Copies narrowed with another label count for themselves.
    """

    count: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class ExactVersion:
    """``["version", "1.2"]``: only for this version, in whatever spelling (PEP 440)."""

    version: Version


@dataclass(frozen=True, slots=True)
class Digests:
    """``["sha256", [hex, ...]]``: only to publish files with these digests."""

    sha256: frozenset[str]


Caveat = (
    Expiration
    | ProjectName
    | ProjectID
    | RequestUser
    | Actions
    | Projects
    | Networks
    | Uses
    | ExactVersion
    | Digests
)


def for_user(public_id: uuid.UUID) -> list[Any]:
    """The caveat that binds a token to its account."""
    return [3, str(public_id)]


def for_projects(public_ids: Sequence[uuid.UUID]) -> list[Any]:
    """The caveat that binds a token to some projects, as the public index writes it."""
    return [2, [str(public_id) for public_id in public_ids]]


def dump(caveat: list[Any]) -> bytes:
    """A caveat as it stands in a token."""
    return orjson.dumps(caveat)


def parse(caveat: bytes) -> Caveat:
    """What a caveat asks for; raises ``UnknownCaveat``, whatever the bytes are."""
    try:
        return understood(orjson.loads(caveat))
    except orjson.JSONDecodeError:
        raise UnknownCaveat from None


def understood(caveat: Any) -> Caveat:
    """The same for a caveat that is JSON no more."""
    match caveat:
        case [str() | int() as tag, *arguments] if not isinstance(tag, bool) and tag in _KINDS:
            try:
                return _KINDS[tag](*arguments)
            except (TypeError, ValueError):  # TypeError: too many arguments, or too few
                pass
    raise UnknownCaveat


def fits(pattern: str, name: str) -> bool:
    """Whether the normalized name of a project fits a pattern."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def is_pattern(text: str) -> bool:
    """Whether this is a normalized name, or at least two characters of one and then ``*``."""
    return _PATTERN.fullmatch(text) is not None


def _expiration(not_after: Any, not_before: Any) -> Expiration:
    if type(not_after) is not int or type(not_before) is not int:
        raise UnknownCaveat
    return Expiration(not_after, not_before)


def _project_name(names: Any) -> ProjectName:
    return ProjectName(frozenset(normalize(name) for name in _texts(names)))


def _project_id(ids: Any) -> ProjectID:
    return ProjectID(frozenset(_texts(ids)))


def _request_user(user_id: Any) -> RequestUser:
    if not isinstance(user_id, str):
        raise UnknownCaveat
    return RequestUser(user_id)


def _actions(names: Any) -> Actions:
    actions = frozenset(_texts(names))
    if not actions <= set(ACTIONS):
        raise UnknownCaveat
    return Actions(actions)


def _projects(ids: Any, patterns: Any) -> Projects:
    if not all(is_pattern(pattern) for pattern in _texts(patterns)):
        raise UnknownCaveat
    return Projects(frozenset(_texts(ids)), tuple(patterns))


def _networks(networks: Any) -> Networks:
    return Networks(tuple(ipaddress.ip_network(network) for network in _texts(networks)))


def _uses(count: Any, label: Any = "") -> Uses:
    if type(count) is not int or not 0 < count < 2**31 or not isinstance(label, str):
        raise UnknownCaveat
    return Uses(count, label)


def _exact_version(version: Any) -> ExactVersion:
    if not isinstance(version, str):
        raise UnknownCaveat
    try:
        return ExactVersion(Version(version))
    except InvalidVersion:
        raise UnknownCaveat from None


def _digests(digests: Any) -> Digests:
    if not all(_DIGEST.fullmatch(digest) for digest in _texts(digests)):
        raise UnknownCaveat
    return Digests(frozenset(digests))


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UnknownCaveat
    return value


_KINDS: dict[int | str, Callable[..., Caveat]] = {
    0: _expiration,
    1: _project_name,
    2: _project_id,
    3: _request_user,
    "actions": _actions,
    "projects": _projects,
    "networks": _networks,
    "uses": _uses,
    "version": _exact_version,
    "sha256": _digests,
}
