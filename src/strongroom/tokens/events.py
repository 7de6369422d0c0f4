"""What is recorded about API tokens. ``token`` is the beginning of a token's identifier, never enough to use it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import PERSONAL, Event, Personal, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(Event):
    """A person made an API token; once for each project that it names. ``restrictions`` are its caveats, networks among them."""

    tag: ClassVar[str] = "token.made"
    sentence: ClassVar[Sentence] = _("%(actor)s made the API token “%(name)s”")
    refused: ClassVar[Sentence] = _("%(actor)s tried to make the API token “%(name)s” and was refused")
    name: Personal
    token: str = ""
    restrictions: Annotated[list[Any], PERSONAL] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMinted(Event):
    """A trusted publisher got a token for 15 minutes; once for each of its projects."""

    tag: ClassVar[str] = "token.minted"
    sentence: ClassVar[Sentence] = _(
        "The trusted publisher %(publisher)s got the API token %(token)s for 15 minutes"
    )
    token: str
    publisher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(Event):
    """An API token was revoked; once for each project that it named. ``why``: ``held``, ``leaked``, ``minted`` for one
    of a trusted publisher, or nothing for its owner's."""

    tag: ClassVar[str] = "token.revoked"
    sentence: ClassVar[Sentence] = _("%(actor)s revoked the API token “%(name)s”")
    because: ClassVar[Mapping[str, Sentence]] = {
        "held": _("Somebody who held the API token “%(name)s” of %(subject)s revoked it"),
        "minted": _("%(actor)s revoked the API token %(token)s of a trusted publisher"),
        "leaked": _(
            "The API token “%(name)s” of %(subject)s was found where others could read it, and was revoked"
        ),
    }
    name: Personal
    token: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExpired(Event):
    """The time of a trusted publisher's token was over, and it was deleted; once for each of its projects."""

    tag: ClassVar[str] = "token.expired"
    sentence: ClassVar[Sentence] = _("The API token %(token)s of the trusted publisher %(publisher)s expired")
    token: str
    publisher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFromNewNetwork(Event):
    """A token that was used before came from a network that it never came from."""

    tag: ClassVar[str] = "token.new_network"
    sentence: ClassVar[Sentence] = _(
        "The API token “%(name)s” of %(subject)s was used in a network where it never was before: %(network)s"
    )
    name: Personal
    token: str
    network: Personal
