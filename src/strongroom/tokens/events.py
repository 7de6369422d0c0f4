"""What is recorded about API tokens. ``token`` is the beginning of a token's identifier, never enough to use it."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(Event):
    """A person made an API token; once for each project that it names. ``restrictions`` are its caveats."""

    tag: ClassVar[str] = "token.made"
    name: str
    token: str = ""
    restrictions: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMinted(Event):
    """A trusted publisher got a token for 15 minutes; once for each of its projects."""

    tag: ClassVar[str] = "token.minted"
    token: str
    publisher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(Event):
    """An API token was revoked; once for each project that it named. ``why``: ``held``, ``leaked``, or nothing for its owner."""

    tag: ClassVar[str] = "token.revoked"
    name: str
    token: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFromNewNetwork(Event):
    """A token that was used before came from a network that it never came from."""

    tag: ClassVar[str] = "token.new_network"
    name: str
    token: str
    network: str
