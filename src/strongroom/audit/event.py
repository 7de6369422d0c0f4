"""What an audit event is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, get_args

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy

PERSONAL: Final = "says something about a person"
"""Marks a field of any type as ``Personal``."""
Personal = Annotated[str, PERSONAL]
"""A field with an address or a name that a person chose: it can be erased without breaking the seal of its event."""

Sentence = Promise | str

_COLUMNS: Final = frozenset({"subject_id", "project"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened and that somebody may ask about later.

    A domain declares one frozen dataclass for each of its events. ``tag`` is its stable name; its docstring is its
    documentation; its fields are all that is ever stored of it, so no secret can slip in.

    ``sentence`` says it to people, without a full stop; ``own`` says so where the author is the subject, too; ``refused``
    where it was not allowed; ``because`` has the sentences for values of the field that ``turns_on`` names. Places such as ``%(name)s`` are
    filled by the fields, by ``actor``, ``subject``, ``project`` and ``tag``.

    Two field names are columns of their own, to search by: ``subject_id`` (the user it is about) and ``project``
    (a normalized name).
    """

    tag: ClassVar[str]
    sentence: ClassVar[Sentence]
    own: ClassVar[Sentence] = ""
    refused: ClassVar[Sentence] = gettext_lazy("%(actor)s tried something and was refused (%(tag)s)")
    because: ClassVar[Mapping[str, Sentence]] = {}
    turns_on: ClassVar[str] = "why"

    subject_id: int | None = None
    project: str = ""

    def __init_subclass__(cls) -> None:
        """Keep the class by its tag. It is made twice, since slots take a new class: the second one stays."""
        kept = _by_tag.setdefault(cls.tag, cls)
        if (kept.__module__, kept.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"{cls.__qualname__} has the tag of {kept.__qualname__}")
        _by_tag[cls.tag] = cls

    def facts(self) -> dict[str, Any]:
        """The fields that have no column of their own and say nothing about a person."""
        return {name: getattr(self, name) for name in _fields_of(type(self))[0]}

    def personal(self) -> dict[str, Any]:
        """The fields that are ``Personal``."""
        return {name: getattr(self, name) for name in _fields_of(type(self))[1]}


@cache
def kinds() -> Mapping[str, type[Event]]:
    """Every class of event by its tag: those that the apps declare in their ``events``."""
    autodiscover_modules("events")
    return MappingProxyType(
        {tag: kind for tag, kind in _by_tag.items() if kind.__module__.startswith("strongroom.")}
    )


def personal_fields(kind: type[Event]) -> tuple[str, ...]:
    """The names of the fields that are ``Personal``."""
    return _fields_of(kind)[1]


def _fields_of(kind: type[Event]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of an event class's facts, and of its personal fields."""
    if kind not in _known:
        own = [field for field in fields(kind) if field.name not in _COLUMNS]
        personal = tuple(field.name for field in own if PERSONAL in get_args(field.type))
        _known[kind] = tuple(field.name for field in own if field.name not in personal), personal
    return _known[kind]


_known: dict[type[Event], tuple[tuple[str, ...], tuple[str, ...]]] = {}
_by_tag: dict[str, type[Event]] = {}
