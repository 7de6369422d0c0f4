"""What is recorded when something is lost or stolen."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Personal, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequested(Event):
    """Somebody who says that they have lost every second factor asked for the link that begins a recovery."""

    tag: ClassVar[str] = "recovery.requested"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s asked for a link to begin a recovery of the account of %(subject)s"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryBegun(Event):
    """A recovery began. ``address`` is where the link that finishes it will go, ``reason`` an operator's."""

    tag: ClassVar[str] = "recovery.begun"
    sentence: ClassVar[Sentence] = _("%(actor)s began a recovery of the account of %(subject)s")
    address: Personal
    reason: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryProved(Event):
    """A recovery got one of its proofs: ``mail``, ``operator`` or ``maintainer``; or somebody tried to give it."""

    tag: ClassVar[str] = "recovery.proved"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s gave the recovery of the account of %(subject)s one of its two proofs"
    )
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to give a recovery of the account of %(subject)s a proof and was refused"
    )
    proof: str
    reason: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryComplete(Event):
    """A recovery has two different proofs: its wait began, which is over at ``ready`` (ISO 8601, UTC)."""

    tag: ClassVar[str] = "recovery.complete"
    sentence: ClassVar[Sentence] = _(
        "The recovery of the account of %(subject)s has its two proofs: its wait began"
    )
    ready: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStopped(Event):
    """A recovery was stopped, for good, by ``stopped_by``: whoever was signed in, or to whom the link was mailed."""

    tag: ClassVar[str] = "recovery.stopped"
    sentence: ClassVar[Sentence] = _("%(stopped_by)s stopped the recovery of the account of %(subject)s")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to stop the recovery of the account of %(subject)s and was refused"
    )
    stopped_by: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryFinished(Event):
    """A recovery finished: second factors, recovery codes, tokens and sessions are gone, the password is new."""

    tag: ClassVar[str] = "recovery.finished"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s finished the recovery of the account of %(subject)s: the password is new, second factors and API tokens are gone"
    )
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to finish the recovery of the account of %(subject)s and was refused"
    )
    factors: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryExpired(Event):
    """A recovery was over because nothing more happened in its time."""

    tag: ClassVar[str] = "recovery.expired"
    sentence: ClassVar[Sentence] = _("The recovery of the account of %(subject)s expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDisowned(Event):
    """Somebody said of an event in their own history that it was not them: its ``serial``, and its tag as ``event``."""

    tag: ClassVar[str] = "event.disowned"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s said “this was not me” about event %(serial)s in the history of %(subject)s"
    )
    own: ClassVar[Sentence] = _("%(actor)s said “this was not me” about event %(serial)s of this history")
    refused: ClassVar[Sentence] = _(
        "%(actor)s said “this was not me” about event %(serial)s, which was too old for that"
    )
    serial: int
    event: str
