"""What the caveats of a token ask for, in the JSON format of the public index: a list that begins with a tag.

Unknown tags, other types and further elements are refused (TK-04): what is not understood is not met.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from strongroom.kernel.names import NormalizedName, normalize


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


Caveat = Expiration | ProjectName | ProjectID | RequestUser


def for_user(public_id: uuid.UUID) -> bytes:
    """The caveat that binds a token to its account."""
    return orjson.dumps([3, str(public_id)])


def for_project(public_id: uuid.UUID) -> bytes:
    """The caveat that binds a token to one project."""
    return orjson.dumps([2, [str(public_id)]])


def parse(caveat: bytes) -> Caveat:
    """What a caveat asks for; raises ``UnknownCaveat``, whatever the bytes are."""
    try:
        match orjson.loads(caveat):
            case [int() as tag, *arguments] if not isinstance(tag, bool) and tag in _KINDS:
                return _KINDS[tag](*arguments)
    except (orjson.JSONDecodeError, TypeError):  # TypeError: too many arguments, or too few
        pass
    raise UnknownCaveat


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


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UnknownCaveat
    return value


_KINDS: dict[int, Callable[..., Caveat]] = {
    0: _expiration,
    1: _project_name,
    2: _project_id,
    3: _request_user,
}
