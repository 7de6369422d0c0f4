"""What a new token may do, as its maker chooses it, and as the caveats that hold it to that."""

import ipaddress
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from packaging.version import InvalidVersion, Version

from strongroom.kernel import clock
from strongroom.kernel.names import NormalizedName, normalize
from strongroom.kernel.refused import Refused
from strongroom.tokens import caveats

DEFAULT_DAYS: Final = 365
"""How long a token lasts unless its maker says otherwise."""
MAX_NAMED: Final = 20
"""Projects, patterns, networks or digests in one token: it is sent along with every request."""
MAX_USES: Final = 1_000_000

_FOR_EVER = 253402300799  # the last second of the year 9999
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedProject:
    """A project that a token is for: its row id, its public id, its normalized name."""

    id: int
    public_id: uuid.UUID
    name: NormalizedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """What a token may do: everything that its owner may, except as said here. Times are aware.

    ``projects`` and ``patterns`` together are what it is for, everything where both are empty. ``version`` is one of
    PEP 440, ``sha256`` lower-case hex; networks are in CIDR notation.
    """

    projects: tuple[NamedProject, ...] = ()
    patterns: tuple[str, ...] = ()
    actions: tuple[str, ...] = caveats.ACTIONS
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
        if set(self.actions) != set(caveats.ACTIONS):
            found.append(["actions", [action for action in caveats.ACTIONS if action in self.actions]])
        if self.expires or self.not_before:
            found.append([0, _seconds(self.expires, _FOR_EVER), _seconds(self.not_before, 0)])
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
"""Whatever the owner may do."""


def require_sound(asked: Restrictions) -> None:
    """Whether these make a token of any use that the site allows; raises ``Refused``, with the field.

    Codes: ``token_actions_missing``, ``token_expiry_required``, ``token_expiry_too_late``, ``token_expiry_past``,
    ``token_never_valid``, ``token_uses_invalid``, ``token_too_long``.
    """
    if not asked.actions:
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
    for name in ("projects", "patterns", "networks", "sha256"):
        if len(getattr(asked, name)) > MAX_NAMED:
            raise Refused(
                "token_too_long",
                _("At most %(count)d of these fit into one token. Make another one for the rest.")
                % {"count": MAX_NAMED},
                field=name,
            )


def patterns_of(text: str) -> tuple[str, ...]:
    """The patterns in what somebody typed, divided by spaces or commas; raises ``Refused`` (``token_pattern_invalid``)."""
    found = tuple(dict.fromkeys(_pattern(word) for word in _words(text)))
    for pattern in found:
        if not caveats.is_pattern(pattern):
            raise Refused(
                "token_pattern_invalid",
                _(
                    "“%(pattern)s” is no name of projects. Write one, or the beginning of one, of at least two characters, "
                    "and then *: acme-*"
                )
                % {"pattern": pattern},
                field="patterns",
            )
    return found


def networks_of(text: str) -> tuple[str, ...]:
    """The networks in what somebody typed, in CIDR notation; raises ``Refused`` (``token_network_invalid``)."""
    return tuple(dict.fromkeys(_network(word) for word in _words(text)))


def digests_of(text: str) -> tuple[str, ...]:
    """The SHA-256 digests in what somebody typed; raises ``Refused`` (``token_digest_invalid``)."""
    found = tuple(dict.fromkeys(word.lower().removeprefix("sha256:") for word in _words(text)))
    for digest in found:
        if not _DIGEST.fullmatch(digest):
            raise Refused(
                "token_digest_invalid",
                _("“%(digest)s” is no SHA-256 digest. It has 64 digits from 0 to 9 and a to f.")
                % {"digest": digest},
                field="sha256",
            )
    return found


def version_of(text: str) -> str:
    """The version that somebody typed, normalized, ``""`` for none; raises ``Refused`` (``token_version_invalid``)."""
    if not text.strip():
        return ""
    try:
        return str(Version(text))
    except InvalidVersion:
        raise Refused(
            "token_version_invalid", _("“%(version)s” is no version.") % {"version": text}, field="version"
        ) from None


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


def _seconds(moment: datetime | None, otherwise: int) -> int:
    return int(moment.timestamp()) if moment is not None else otherwise


def _words(text: str) -> Iterable[str]:
    return (word for word in re.split(r"[\s,;]+", text) if word)


def _pattern(word: str) -> str:
    """In the one spelling of names: of a beginning, what ends in a separator keeps it."""
    if not word.endswith("*"):
        return normalize(word)
    return re.sub(r"[-_.]+", "-", word[:-1]).lower() + "*"


def _network(word: str) -> str:
    try:
        return str(ipaddress.ip_network(word))
    except ValueError:
        raise Refused(
            "token_network_invalid",
            _("“%(network)s” is no network. Write an address, or one in CIDR notation: 192.0.2.0/24")
            % {"network": word},
            field="networks",
        ) from None
