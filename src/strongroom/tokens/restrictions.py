"""What a new token may do, as its maker chooses it, and as the caveats that hold it to that."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from strongroom.kernel import clock
from strongroom.kernel.names import NormalizedName
from strongroom.kernel.refused import Refused
from strongroom.tokens import caveats, spelling
from strongroom.tokens.spelling import MAX_NAMED, MAX_USES

DEFAULT_DAYS: Final = 365
"""How long a token lasts unless its maker says otherwise."""
MAX_BYTES: Final = 3072
"""Of the caveats of a new token as JSON; what a token may have more is room to narrow it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedProject:
    """A project that a token is for: its row id, its public id, its normalized name."""

    id: int
    public_id: uuid.UUID
    name: NormalizedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """What a token may do: what its owner may of ``caveats.UNNAMED``, except as said here. Times are aware.

    ``projects`` and ``patterns`` together are what it is for, everything where both are empty. ``version`` is one of
    PEP 440, ``sha256`` lower-case hex; networks are in CIDR notation.
    """

    projects: tuple[NamedProject, ...] = ()
    patterns: tuple[str, ...] = ()
    actions: tuple[str, ...] = caveats.UNNAMED
    expires: datetime | None = None
    not_before: datetime | None = None
    networks: tuple[str, ...] = ()
    uses: int | None = None
    version: str = ""
    sha256: tuple[str, ...] = field(default=())

    def caveats(self) -> list[list[Any]]:
        """The caveats that say so, as JSON: those of the public index where it has one for that."""
        found: list[list[Any]] = []
        if self.patterns:
            ids = [str(project.public_id) for project in self.projects]
            found.append(["projects", ids, list(self.patterns)])
        elif self.projects:
            found.append(caveats.for_projects([project.public_id for project in self.projects]))
        if set(self.actions) != set(caveats.UNNAMED):
            found.append(["actions", [action for action in caveats.ACTIONS if action in self.actions]])
        if self.expires or self.not_before:
            until = int(self.expires.timestamp()) if self.expires else spelling.FOR_EVER
            since = ceil(self.not_before.timestamp()) if self.not_before else 0
            found.append([0, until, since])
        if self.networks:
            found.append(["networks", list(self.networks)])
        if self.uses is not None:
            found.append(["uses", self.uses])
        if self.version:
            found.append(["version", self.version])
        if self.sha256:
            found.append(["sha256", list(self.sha256)])
        return found


UNRESTRICTED: Final = Restrictions()
"""Whatever the owner may do, but for what has to be named."""


def require_sound(asked: Restrictions) -> None:
    """Whether these make a token of any use that the site allows; raises ``Refused``, with the field.

    Codes: ``token_actions_missing``, ``token_expiry_required``, ``token_expiry_too_late``, ``token_expiry_past``,
    ``token_never_valid``, ``token_uses_invalid``, ``token_too_long``.
    """
    if not asked.actions or not set(asked.actions) <= set(caveats.ACTIONS):
        raise Refused(
            "token_actions_missing", _("Choose at least one thing that it may do."), field="actions"
        )
    _require_end(asked.expires)
    if asked.expires and asked.not_before and asked.not_before >= asked.expires:
        raise Refused(
            "token_never_valid", _("It would end before it begins. Choose other dates."), field="not_before"
        )
    if asked.uses is not None and not 0 < asked.uses <= MAX_USES:
        raise Refused(
            "token_uses_invalid",
            _("A number of uses is from 1 to %(count)d.") % {"count": MAX_USES},
            field="uses",
        )
    _require_room(asked)


def patterns_of(text: str) -> tuple[str, ...]:
    """The patterns in what somebody typed, divided by spaces or commas; raises ``Refused`` (``token_pattern_invalid``)."""
    return _each(
        text,
        spelling.pattern,
        lambda word: Refused(
            "token_pattern_invalid",
            _(
                "“%(pattern)s” is no name of projects. Write one, or the beginning of one, of at least two characters, "
                "and then *: acme-*"
            )
            % {"pattern": word},
            field="patterns",
        ),
    )


def networks_of(text: str) -> tuple[str, ...]:
    """The networks in what somebody typed, in CIDR notation; raises ``Refused`` (``token_network_invalid``)."""
    return _each(
        text,
        spelling.network,
        lambda word: Refused(
            "token_network_invalid",
            _("“%(network)s” is no network. Write an address, or one in CIDR notation: 192.0.2.0/24")
            % {"network": word},
            field="networks",
        ),
    )


def digests_of(text: str) -> tuple[str, ...]:
    """The SHA-256 digests in what somebody typed; raises ``Refused`` (``token_digest_invalid``)."""
    return _each(
        text,
        spelling.digest,
        lambda word: Refused(
            "token_digest_invalid",
            _("“%(digest)s” is no SHA-256 digest. It has 64 digits from 0 to 9 and a to f.")
            % {"digest": word},
            field="sha256",
        ),
    )


def version_of(text: str) -> str:
    """The version that somebody typed, normalized, ``""`` for none; raises ``Refused`` (``token_version_invalid``)."""
    if not text.strip():
        return ""
    try:
        return spelling.version(text)
    except ValueError:
        raise Refused(
            "token_version_invalid", _("“%(version)s” is no version.") % {"version": text}, field="version"
        ) from None


def _require_room(asked: Restrictions) -> None:
    """A token is sent along with every request: it is read up to a length, and narrowed on its way."""
    for name in ("projects", "patterns", "networks", "sha256"):
        if len(getattr(asked, name)) > MAX_NAMED:
            raise Refused(
                "token_too_long",
                _("At most %(count)d of these fit into one token. Make another one for the rest.")
                % {"count": MAX_NAMED},
                field=name,
            )
    if sum(len(caveats.dump(caveat)) for caveat in asked.caveats()) > MAX_BYTES:
        raise Refused(
            "token_too_long",
            _("All of this does not fit into one token. Say less, and make another one for the rest."),
        )


def _require_end(expires: datetime | None) -> None:
    days = settings.CONFIG.tokens.max_days
    now = clock.now()
    if expires is None:
        if days:
            raise Refused(
                "token_expiry_required",
                _("On this site each token has an end, within %(days)d days.") % {"days": days},
                field="expires",
            )
        return
    if expires <= now:
        raise Refused("token_expiry_past", _("This is in the past. Choose a later day."), field="expires")
    if days and expires > now + timedelta(days=days):
        raise Refused(
            "token_expiry_too_late",
            _("On this site a token lasts at most %(days)d days. Choose an earlier day.") % {"days": days},
            field="expires",
        )


def _each(text: str, spelled: Callable[[str], str], refusal: Callable[[str], Refused]) -> tuple[str, ...]:
    """Each word in its one spelling, once."""
    found: dict[str, None] = {}
    for word in re.split(r"[\s,;]+", text):
        try:
            found |= {spelled(word): None} if word else {}
        except ValueError:
            raise refusal(word) from None
    return tuple(found)
