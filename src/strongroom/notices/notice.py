"""What a notice is, and whom it goes to."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person and the addresses to write to, each of which gets a mail of its own.

    ``panic_url`` is the link by which its reader says "this was not me"; empty where the mail offers none.
    """

    username: str
    addresses: tuple[str, ...]
    language: str = "en"
    panic_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A mail to be. A domain declares one frozen dataclass for each of its notices.

    ``template`` names a text template whose first line is the subject; it sees the notice's fields, ``recipient``,
    ``site`` (the site's name) and ``base_url``. Fields that are points in time are written out already, in UTC and as
    the reader's language does. The HTML part is made from the text (see ``notices.html``): an empty line divides
    paragraphs, ``- `` begins an item of a list, an address of this site on a line of its own becomes a button,
    of which the first stands out.
    """

    template: ClassVar[str]

    def values(self) -> dict[str, Any]:
        """The fields, for the template."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
