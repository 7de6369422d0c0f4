"""What an audit event is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, Final, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

_PERSONAL: Final = "says something about a person"
Personal = Annotated[str, _PERSONAL]
"""A field with an address or a name that a person chose: it can be erased without breaking the seal of its event."""

Sentence = Promise | str

_COLUMNS: Final = frozenset({"subject_id", "project"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened and that somebody may ask about later.

    A domain declares one frozen dataclass for each of its events. ``tag`` is its stable name; its docstring is its
    documentation; its fields are all that is ever stored of it, so no secret can slip in.

    ``sentence`` says it to people, without a full stop; ``refused`` says so where it was not allowed; ``because`` has the
    sentences for values of the field ``why``. Places such as ``%(name)s`` are filled by the fields, by ``actor``,
    ``subject`` and ``project``.

    Two field names are columns of their own, to search by: ``subject_id`` (the user it is about) and ``project``
    (a normalized name).
    """

    tag: ClassVar[str]
    sentence: ClassVar[Sentence]
    refused: ClassVar[Sentence] = gettext_lazy("%(actor)s was refused")
    because: ClassVar[Mapping[str, Sentence]] = {}

    subject_id: int | None = None
    project: str = ""

    def facts(self) -> dict[str, Any]:
        """The fields that have no column of their own and say nothing about a person."""
        return {name: getattr(self, name) for name in _fields_of(type(self))[0]}

    def personal(self) -> dict[str, Any]:
        """The fields that are ``Personal``."""
        return {name: getattr(self, name) for name in _fields_of(type(self))[1]}


def _fields_of(kind: type[Event]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of an event class's facts, and of its personal fields."""
    if kind not in _known:
        own = [field for field in fields(kind) if field.name not in _COLUMNS]
        personal = tuple(field.name for field in own if _PERSONAL in get_args(field.type))
        _known[kind] = tuple(field.name for field in own if field.name not in personal), personal
    return _known[kind]


_known: dict[type[Event], tuple[tuple[str, ...], tuple[str, ...]]] = {}
