"""What is recorded about API tokens. ``token`` is the beginning of a token's identifier, never enough to use it."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(Event):
    """A person made an API token, for one project or for the whole account."""

    tag: ClassVar[str] = "token.made"
    name: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(Event):
    """An API token was revoked."""

    tag: ClassVar[str] = "token.revoked"
    name: str
    token: str
