"""What a notice is, and whom it goes to."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person and the addresses to write to, each of which gets a mail of its own."""

    username: str
    addresses: tuple[str, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A mail to be. A domain declares one frozen dataclass for each of its notices.

    ``template`` names a text template whose first line is the subject; it sees the notice's fields, ``recipient``,
    ``site`` (the site's name) and ``base_url``.
    """

    template: ClassVar[str]

    def values(self) -> dict[str, Any]:
        """The fields, for the template."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
