"""The mails about API tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strongroom.notices.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWasMade(Notice):
    """Tells that an API token was made. ``project`` is empty for the whole account; ``address`` is the IP address."""

    template: ClassVar[str] = "tokens/mail/token_made.txt"
    name: str
    project: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensWereRevoked(Notice):
    """Tells that API tokens were revoked, by their names."""

    template: ClassVar[str] = "tokens/mail/tokens_revoked.txt"
    names: tuple[str, ...]
    when: datetime
    address: str
