"""What is recorded about trusted publishing. ``publisher`` is an identity in words, ``issuer`` the URL of its provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerAdded(Event):
    """An operator added an OpenID provider that is believed from then on; the rest says how its tokens are read."""

    tag: ClassVar[str] = "issuer.added"
    sentence: ClassVar[Sentence] = _("%(actor)s added the identity provider “%(name)s” (%(url)s)")
    refused: ClassVar[Sentence] = _("%(actor)s tried to add the identity provider “%(name)s” and was refused")
    url: str
    name: str
    kind: str
    fields: list[str] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)
    pins: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerRemoved(Event):
    """An operator removed an OpenID provider: nothing of it is believed any more."""

    tag: ClassVar[str] = "issuer.removed"
    sentence: ClassVar[Sentence] = _("%(actor)s removed the identity provider “%(name)s” (%(url)s)")
    refused: ClassVar[Sentence] = _("%(actor)s tried to remove an identity provider and was refused")
    url: str = ""
    name: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherAdded(Event):
    """An owner let an identity publish a project; or a pending publisher became one by its first use (``pending``)."""

    tag: ClassVar[str] = "publisher.added"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s added the trusted publisher %(publisher)s to the project %(project)s"
    )
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to add the trusted publisher %(publisher)s to the project %(project)s and was refused"
    )
    publisher: str
    issuer: str
    pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherRemoved(Event):
    """An owner took an identity's right to publish a project; ``tokens`` is how many live tokens died with it."""

    tag: ClassVar[str] = "publisher.removed"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s removed the trusted publisher %(publisher)s from the project %(project)s"
    )
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to remove a trusted publisher from the project %(project)s and was refused"
    )
    publisher: str = ""
    issuer: str = ""
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherConfirmed(Event):
    """An owner vouched for a publisher, which is theirs now.

    ``why`` is ``resurrected`` where ids were refused, so that those of its next token are kept, and ``renamed`` where it
    took the name that it has now; ``before`` is the one that it had.
    """

    tag: ClassVar[str] = "publisher.confirmed"
    sentence: ClassVar[Sentence] = _("%(actor)s confirmed the trusted publisher %(publisher)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to confirm a trusted publisher and was refused")
    because: ClassVar[Mapping[str, Sentence]] = {
        "renamed": _(
            "%(actor)s confirmed the trusted publisher %(before)s under its new name: %(publisher)s"
        ),
    }
    publisher: str = ""
    issuer: str = ""
    why: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherConstrained(Event):
    """An owner let a publisher that took any environment publish from ``environment`` alone; ``before`` is what it was in words."""

    tag: ClassVar[str] = "publisher.constrained"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s made the trusted publisher %(publisher)s publish from the environment %(environment)s alone"
    )
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to make a trusted publisher publish from one environment alone and was refused"
    )
    publisher: str = ""
    issuer: str = ""
    environment: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherNoticed(Event):
    """A token was refused that seemed to be a publisher's: ``why`` is ``renamed`` or ``resurrected``."""

    tag: ClassVar[str] = "publisher.noticed"
    sentence: ClassVar[Sentence] = _(
        "A token was refused that seemed to be of the trusted publisher %(publisher)s"
    )
    because: ClassVar[Mapping[str, Sentence]] = {
        "renamed": _(
            "A token of what the trusted publisher %(publisher)s stands for was refused: it has another name now"
        ),
        "resurrected": _(
            "A token with the names of the trusted publisher %(publisher)s was refused: its ids are others"
        ),
    }
    publisher: str
    issuer: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherAdded(Event):
    """A person let an identity make the project ``name`` by publishing it first."""

    tag: ClassVar[str] = "publisher.pending_added"
    sentence: ClassVar[Sentence] = _("%(actor)s added a pending publisher for %(name)s: %(publisher)s")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to add a pending publisher for %(name)s and was refused: %(publisher)s"
    )
    name: str
    publisher: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherRemoved(Event):
    """A pending publisher is gone: its owner ``removed`` it, its name was ``taken`` meanwhile, or it ``expired``."""

    tag: ClassVar[str] = "publisher.pending_removed"
    sentence: ClassVar[Sentence] = _("The pending publisher for %(name)s is gone: %(publisher)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to remove a pending publisher and was refused")
    because: ClassVar[Mapping[str, Sentence]] = {
        "removed": _("%(actor)s removed the pending publisher for %(name)s"),
        "taken": _("The pending publisher for %(name)s is void: the name is taken by somebody else"),
        "expired": _("The pending publisher for %(name)s expired"),
    }
    name: str = ""
    publisher: str = ""
    issuer: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityExchanged(Event):
    """An identity token was exchanged for an API token, once for each project, or refused.

    ``claims`` are those that the provider's kind allows to be kept, none of which says who did something.
    """

    tag: ClassVar[str] = "identity.exchanged"
    sentence: ClassVar[Sentence] = _(
        "The trusted publisher %(publisher)s exchanged an identity token for the API token %(token)s"
    )
    refused: ClassVar[Sentence] = _("%(actor)s came with an identity token and was refused")
    issuer: str = ""
    publisher: str = ""
    token: str = ""
    claims: dict[str, str] = field(default_factory=dict)
