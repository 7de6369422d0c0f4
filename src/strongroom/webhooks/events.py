"""What is recorded about webhooks. Their secrets are in no event, and of their addresses what ``addresses.shown`` leaves.

A delivery makes no event: it would be delivered, too, and so on for ever. What went where stands in the delivery log.

In all of them ``webhook`` is its public id, ``owner`` says whose it is (``instance``, ``project``, ``account``), and ``to`` is where it
sends to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Personal, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAdded(Event):
    """A webhook was added: events are sent to ``to`` from now on, those in ``events`` (kinds and tags; none: all).

    ``seals``: the seals of the trail are sent there, too.
    """

    tag: ClassVar[str] = "webhook.added"
    sentence: ClassVar[Sentence] = _("%(actor)s added a webhook to %(to)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to add a webhook and was refused")
    webhook: str
    owner: str
    to: Personal
    events: tuple[str, ...] = ()
    seals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanged(Event):
    """A webhook was changed: where it sends to, which events, whether seals, whether it sends at all.

    What stands after ``before_`` is how it was. ``address_changed`` also where what is shown of both addresses is the same.
    """

    tag: ClassVar[str] = "webhook.changed"
    sentence: ClassVar[Sentence] = _("%(actor)s changed the webhook to %(to)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to change a webhook and was refused")
    webhook: str
    owner: str
    to: Personal
    before_to: Personal = ""
    address_changed: bool = False
    events: tuple[str, ...] = ()
    before_events: tuple[str, ...] = ()
    seals: bool = False
    before_seals: bool = False
    active: bool = True
    before_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRemoved(Event):
    """A webhook was removed, with its delivery log."""

    tag: ClassVar[str] = "webhook.removed"
    sentence: ClassVar[Sentence] = _("%(actor)s removed the webhook to %(to)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to remove a webhook and was refused")
    webhook: str
    owner: str
    to: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecretRotated(Event):
    """A webhook got a new secret; for a day its messages are signed with both."""

    tag: ClassVar[str] = "webhook.secret_rotated"
    sentence: ClassVar[Sentence] = _("%(actor)s made a new secret for the webhook to %(to)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to make a new secret for a webhook and was refused")
    webhook: str
    owner: str
    to: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReplayed(Event):
    """The events from the serial ``first`` on are sent again."""

    tag: ClassVar[str] = "webhook.replayed"
    sentence: ClassVar[Sentence] = _("%(actor)s had events from number %(first)s on sent again to %(to)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to have events sent again and was refused")
    webhook: str
    owner: str
    to: Personal
    first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPaused(Event):
    """A webhook sends no more until it is resumed. ``why``: its receiver is gone, or took nothing for three days, its secret

    cannot be read, or the account that set it up was frozen or recovered.
    """

    tag: ClassVar[str] = "webhook.paused"
    sentence: ClassVar[Sentence] = _("%(actor)s paused the webhook to %(to)s")
    because: ClassVar[Mapping[str, Sentence]] = {
        "gone": _("%(actor)s paused the webhook to %(to)s, since its receiver says that it is gone"),
        "failing": _(
            "%(actor)s paused the webhook to %(to)s, since nothing could be delivered for three days"
        ),
        "secret_lost": _("%(actor)s paused the webhook to %(to)s, since its secret cannot be read any more"),
        "doubtful": _(
            "%(actor)s paused the webhook to %(to)s, since the account that set it up was frozen or recovered"
        ),
    }
    webhook: str
    owner: str
    to: Personal
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookResumed(Event):
    """A webhook that was paused or waited after failures sends again, from where it stopped."""

    tag: ClassVar[str] = "webhook.resumed"
    sentence: ClassVar[Sentence] = _("%(actor)s resumed the webhook to %(to)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to resume a webhook and was refused")
    webhook: str
    owner: str
    to: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTested(Event):
    """Somebody had a test message sent."""

    tag: ClassVar[str] = "webhook.tested"
    sentence: ClassVar[Sentence] = _("%(actor)s had a test message sent to %(to)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to have a test message sent and was refused")
    webhook: str
    owner: str
    to: Personal
