"""A form that can be kept while somebody proves who they are, and what it says of itself (see ``web.acts``)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strongroom.accounts.models import User


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent: by whom, the values of its path, and those of its fields that are kept, each with all of its values."""

    user: User
    path: Mapping[str, Any]
    fields: Mapping[str, list[str]]

    def __getitem__(self, name: str) -> str:
        return next(reversed(self.fields.get(name, [])), "")


def _nothing_more(_sent: Sent) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class KeptAct:
    """The ``sentence`` that says what a form does, ``details`` if it needs more of them, and the ``fields`` to keep: all but secrets."""

    sentence: Callable[[Sent], str]
    fields: tuple[str, ...] = ()
    details: Callable[[Sent], tuple[str, ...]] = _nothing_more
    beginning: str = ""
    """What the names of further fields to keep begin with, where a form's fields are not the same for everybody."""

    def keeps(self, field: str) -> bool:
        """Whether a field of this name is kept."""
        return field in self.fields or (self.beginning != "" and field.startswith(self.beginning))
