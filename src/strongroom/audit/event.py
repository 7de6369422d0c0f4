"""What an audit event is."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened and that somebody may ask about later.

    A domain declares one frozen dataclass for each of its events. ``tag`` is its stable name; its docstring is its
    documentation; its fields are all that is ever stored of it, so no secret can slip in.

    Two field names are columns of their own, to search by: ``subject_id`` (the user it is about) and ``project``
    (a normalized name).
    """

    tag: ClassVar[str]

    subject_id: int | None = None
    project: str = ""

    def details(self) -> dict[str, Any]:
        """The fields that have no column of their own."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in {"subject_id", "project"}
        }
