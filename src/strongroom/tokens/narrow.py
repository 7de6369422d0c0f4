"""Narrowing a token offline: whoever holds its text can do this, on any machine, without asking the site.

Nothing here knows Django's settings, nor a database. The text that comes in stays as good as it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from strongroom.kernel import clock
from strongroom.kernel.names import MAX_PROJECT_NAME, normalize
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.tokens import caveats, macaroon, spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a copy of a token is held to, beside what the token is; what is left out stays as it was.

    ``projects`` are names in any spelling, of projects that there are; ``patterns`` are names, or beginnings of names and then
    ``*`` (``acme-*``), and cover new projects too; with both, the copy is for either, and new ones. ``actions`` are of
    ``caveats.ACTIONS``. Times are aware. ``networks`` are addresses or in CIDR notation. ``uses`` is how many files may be
    published or yanked; copies with another ``label`` count for themselves. ``version`` is one of PEP 440, ``sha256`` hex.
    """

    projects: Sequence[str] = ()
    patterns: Sequence[str] = ()
    actions: Sequence[str] = ()
    expires: datetime | None = None
    not_before: datetime | None = None
    networks: Sequence[str] = ()
    uses: int | None = None
    label: str = ""
    version: str = ""
    sha256: Sequence[str] = ()


def narrow(text: str, to: Narrowing) -> Secret:
    """A copy of the token ``text`` that is good for ``to`` alone.

    Raises ``Refused``, with the field: ``token_malformed``, ``token_restrictions_missing``, ``token_project_invalid``,
    ``token_pattern_invalid``, ``token_action_unknown``, ``token_expiry_past``, ``token_never_valid``,
    ``token_network_invalid``, ``token_uses_invalid``, ``token_version_invalid``, ``token_digest_invalid``,
    ``token_too_long``.
    """
    added = [
        *_projects(to.projects, to.patterns),
        *_actions(to.actions),
        *_times(to.expires, to.not_before),
        *_networks(to.networks),
        *_uses(to.uses, to.label),
        *_version(to.version),
        *_digests(to.sha256),
    ]
    if not added:
        raise Refused(
            "token_restrictions_missing",
            "Say at least one thing that the copy is held to, such as --project or --expires.",
        )
    narrowed = _held(text)
    for caveat in added:
        narrowed = macaroon.narrow(narrowed, caveats.dump(caveat))
    return _readable(macaroon.dump(narrowed))


def _held(text: str) -> macaroon.Macaroon:
    try:
        return macaroon.load(text.strip())
    except macaroon.Malformed:
        raise Refused(
            "token_malformed",
            f"This is no API token. One begins with '{macaroon.PREFIX}', and is given whole.",
            field="token",
        ) from None


def _readable(text: Secret) -> Secret:
    """The site reads tokens of a bounded length, with a bounded number of restrictions."""
    try:
        macaroon.load(text)
    except macaroon.Malformed:
        raise Refused(
            "token_too_long", "The copy would be too long to be read. Say less, or narrow an earlier copy."
        ) from None
    return text


def _projects(names: Sequence[str], patterns: Sequence[str]) -> list[list[Any]]:
    normalized = _each(
        names,
        _name,
        lambda word: Refused("token_project_invalid", f"'{word}' is no name of a project.", field="projects"),
    )
    spelled = _each(
        patterns,
        spelling.pattern,
        lambda word: Refused(
            "token_pattern_invalid",
            f"'{word}' is no name of projects. Write one, or the beginning of one, of at least two characters, and then *: "
            "acme-*",
            field="patterns",
        ),
    )
    if spelled:
        return [["projects", [], list(dict.fromkeys([*normalized, *spelled]))]]
    return [[1, normalized]] if normalized else []


def _name(word: str) -> str:
    found = normalize(word)
    if len(found) > MAX_PROJECT_NAME or found.endswith("*") or not caveats.is_pattern(found):
        raise ValueError(word)
    return found


def _actions(names: Sequence[str]) -> list[list[Any]]:
    for name in names:
        if name not in caveats.ACTIONS:
            raise Refused(
                "token_action_unknown",
                f"'{name}' is nothing that a token is for. Choose of: {', '.join(caveats.ACTIONS)}.",
                field="actions",
            )
    return [["actions", [action for action in caveats.ACTIONS if action in names]]] if names else []


def _times(expires: datetime | None, not_before: datetime | None) -> list[list[Any]]:
    if expires is None and not_before is None:
        return []
    until = int(expires.timestamp()) if expires is not None else spelling.FOR_EVER
    since = ceil(not_before.timestamp()) if not_before is not None else 0
    if until <= clock.timestamp():
        raise Refused("token_expiry_past", "The copy would have ended already.", field="expires")
    if since >= until:
        raise Refused("token_never_valid", "The copy would end before it begins.", field="not_before")
    return [[0, until, since]]


def _networks(words: Sequence[str]) -> list[list[Any]]:
    found = _each(
        words,
        spelling.network,
        lambda word: Refused(
            "token_network_invalid",
            f"'{word}' is no network. Write an address, or one in CIDR notation: 192.0.2.0/24",
            field="networks",
        ),
    )
    return [["networks", found]] if found else []


def _uses(count: int | None, label: str) -> list[list[Any]]:
    if count is None and not label:
        return []
    if count is None or not 0 < count <= spelling.MAX_USES:
        raise Refused(
            "token_uses_invalid", f"A number of uses is from 1 to {spelling.MAX_USES}.", field="uses"
        )
    return [["uses", count, label] if label else ["uses", count]]


def _version(word: str) -> list[list[Any]]:
    if not word:
        return []
    try:
        return [["version", spelling.version(word)]]
    except ValueError:
        raise Refused("token_version_invalid", f"'{word}' is no version.", field="version") from None


def _digests(words: Sequence[str]) -> list[list[Any]]:
    found = _each(
        words,
        spelling.digest,
        lambda word: Refused(
            "token_digest_invalid",
            f"'{word}' is no SHA-256 digest. It has 64 digits from 0 to 9 and a to f.",
            field="sha256",
        ),
    )
    return [["sha256", found]] if found else []


def _each(
    words: Sequence[str], spelled: Callable[[str], str], refusal: Callable[[str], Refused]
) -> list[str]:
    """Each word in its one spelling, once."""
    found: dict[str, None] = {}
    for word in words:
        try:
            found[spelled(word)] = None
        except ValueError:
            raise refusal(word) from None
    return list(found)
