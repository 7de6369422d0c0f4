"""The mails about API tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strongroom.notices.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWasMade(Notice):
    """Tells that an API token was made. ``scope`` names projects and patterns, or nothing; ``address`` is the IP address.

    ``last`` is the last second in which it works, if there is one; ``limited`` says whether it is held to more than this tells.
    """

    template: ClassVar[str] = "tokens/mail/token_made.txt"
    name: str
    scope: tuple[str, ...]
    actions: tuple[str, ...]
    limited: bool
    last: datetime | None
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensWereRevoked(Notice):
    """Tells that API tokens were revoked, by their names."""

    template: ClassVar[str] = "tokens/mail/tokens_revoked.txt"
    names: tuple[str, ...]
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWasUsedElsewhere(Notice):
    """Tells that an API token came from a network from which it was never used."""

    template: ClassVar[str] = "tokens/mail/token_used_elsewhere.txt"
    name: str
    when: datetime
    address: str
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExpiresSoon(Notice):
    """Tells that an API token is good for some days more."""

    template: ClassVar[str] = "tokens/mail/token_expires_soon.txt"
    name: str
    days: int
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWasLeaked(Notice):
    """Tells that an API token was found where anybody can read it, and is revoked. ``url`` may be empty."""

    template: ClassVar[str] = "tokens/mail/token_leaked.txt"
    name: str
    when: datetime
    source: str
    url: str
