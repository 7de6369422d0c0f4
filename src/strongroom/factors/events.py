"""What is recorded about second factors."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpAdded(Event):
    """An authenticator app was added to an account."""

    tag: ClassVar[str] = "factor.totp_added"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpRemoved(Event):
    """An authenticator app was removed from an account."""

    tag: ClassVar[str] = "factor.totp_removed"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdded(Event):
    """A security key or passkey was added to an account."""

    tag: ClassVar[str] = "factor.key_added"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRenamed(Event):
    """A security key was given another name."""

    tag: ClassVar[str] = "factor.key_renamed"
    name: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRemoved(Event):
    """A security key or passkey was removed from an account."""

    tag: ClassVar[str] = "factor.key_removed"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCopied(Event):
    """A security key answered with a count that it had passed already, as a copy of it does; it was refused."""

    tag: ClassVar[str] = "factor.key_copied"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesMade(Event):
    """Recovery codes were made; earlier ones are void."""

    tag: ClassVar[str] = "factor.codes_made"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesAcknowledged(Event):
    """A recovery code was typed back, which shows that they were kept."""

    tag: ClassVar[str] = "factor.codes_acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeUsed(Event):
    """A recovery code was used up; ``left`` remain."""

    tag: ClassVar[str] = "factor.code_used"
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoFactorReset(Event):
    """All second factors of an account were removed, at the end of a recovery."""

    tag: ClassVar[str] = "factor.all_removed"
    count: int
