"""What is recorded when something is lost or stolen."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequested(Event):
    """Somebody who says that they have lost every second factor asked for the link that begins a recovery."""

    tag: ClassVar[str] = "recovery.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryBegun(Event):
    """A recovery began. ``address`` is where the link that finishes it will go, ``reason`` an operator's."""

    tag: ClassVar[str] = "recovery.begun"
    address: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryProved(Event):
    """A recovery got one of its proofs: ``mail``, ``operator`` or ``maintainer``; or somebody tried to give it."""

    tag: ClassVar[str] = "recovery.proved"
    proof: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryComplete(Event):
    """A recovery has two different proofs: its wait began, which is over at ``ready`` (ISO 8601, UTC)."""

    tag: ClassVar[str] = "recovery.complete"
    ready: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStopped(Event):
    """A recovery was stopped, for good, by ``stopped_by``: whoever was signed in, or to whom the link was mailed."""

    tag: ClassVar[str] = "recovery.stopped"
    stopped_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryFinished(Event):
    """A recovery finished: second factors, recovery codes, tokens and sessions are gone, the password is new."""

    tag: ClassVar[str] = "recovery.finished"
    factors: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryExpired(Event):
    """A recovery was over because nothing more happened in its time."""

    tag: ClassVar[str] = "recovery.expired"
