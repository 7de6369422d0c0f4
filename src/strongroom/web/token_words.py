"""What API tokens may do, in sentences: one for each caveat."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from strongroom.kernel import clock
from strongroom.tokens import caveats
from strongroom.tokens.caveats import Caveat
from strongroom.tokens.find import ListedToken

SOON: Final = timedelta(days=14)
"""How long before its end a token is said to expire soon; that is when the first mail comes, too."""

_SHOWN_DIGESTS, _SHOWN_DIGITS = 3, 12
_DO: Mapping[str, Promise] = {
    caveats.UPLOAD: gettext_lazy("upload"),
    caveats.YANK: gettext_lazy("yank"),
    caveats.READ: gettext_lazy("read"),
    caveats.AUDIT: gettext_lazy("read the audit trail"),
}


class Term(StrEnum):
    """Where a token stands in its life."""

    ENDLESS = "endless"
    RUNNING = "running"
    SOON = "soon"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Words:
    """What a token is for, what it may do there, its other limits, and until when."""

    scope: str
    actions: str
    limits: tuple[str, ...]
    end: str


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token as lists show it."""

    token: ListedToken
    words: Words
    term: Term


def lines_of(tokens: Iterable[ListedToken]) -> list[TokenLine]:
    """Tokens with their words."""
    return [line_of(token) for token in tokens]


def line_of(token: ListedToken) -> TokenLine:
    """A token with its words."""
    words = told(token.caveats, projects=token.projects, expires=token.expires)
    return TokenLine(token, words, _term(token.expires))


def told(held: Sequence[Caveat], *, projects: Collection[str], expires: datetime | None) -> Words:
    """What caveats ask for. ``projects`` are the names of those that they name by their ids, and that there still are.

    Tokens that only read read everybody's projects; what they name is then not only their maker's.
    """
    scopes, actions, limits = [], [], []
    anybodys = actions_of(held) == {caveats.READ}
    for caveat in held:
        match caveat:
            case caveats.ProjectID() | caveats.ProjectName() | caveats.Projects():
                scopes.append(_scope(caveat, projects, anybodys=anybodys))
            case caveats.Actions(names):
                actions.append(_may(names))
            case _:
                limits.append(_limit(caveat))
    return Words(
        scope=" ".join(scopes) or _everything(anybodys=anybodys),
        actions=" ".join(actions) or _may(caveats.UNNAMED),
        limits=tuple(filter(None, limits)),
        end=_end(expires),
    )


def actions_of(held: Sequence[Caveat]) -> frozenset[str]:
    """What caveats let a token be for, of ``caveats.ACTIONS``."""
    named = [caveat.names for caveat in held if isinstance(caveat, caveats.Actions)]
    return named[0].intersection(*named[1:]) if named else frozenset(caveats.UNNAMED)


def _everything(*, anybodys: bool) -> str:
    if anybodys:
        return _("For all projects, whoever owns them, and those to come.")
    return _("For all of your projects, and those to come.")


def _scope(
    caveat: caveats.ProjectID | caveats.ProjectName | caveats.Projects,
    projects: Collection[str],
    *,
    anybodys: bool,
) -> str:
    match caveat:
        case caveats.ProjectName(names):
            return _for(sorted(names))
        case caveats.ProjectID():
            return _for(sorted(projects))
        case caveats.Projects(_ids, patterns):
            return _named(sorted(projects), patterns, anybodys=anybodys)


def _named(projects: Sequence[str], patterns: Sequence[str], *, anybodys: bool) -> str:
    told = {"projects": _all_of(projects), "names": _any_of(patterns)}
    if projects and anybodys:
        return (
            _("For %(projects)s, and for every project with the name %(names)s, also those to come.") % told
        )
    if projects:
        return (
            _("For %(projects)s, and for every project of yours with the name %(names)s, also those to come.")
            % told
        )
    if anybodys:
        return _("For every project with the name %(names)s, also those to come.") % told
    return _("For every project of yours with the name %(names)s, also those to come.") % told


def _for(projects: Sequence[str]) -> str:
    if not projects:
        return _("For projects that are gone: it is of no use any more.")
    return ngettext("For the project %(projects)s.", "For the projects %(projects)s.", len(projects)) % {
        "projects": _all_of(projects)
    }


def _may(actions: Collection[str]) -> str:
    if not actions:
        return _("It may do nothing.")
    named = [str(_DO[action]) for action in caveats.ACTIONS if action in actions]
    return _("It may %(actions)s.") % {"actions": _all_of(named)}


def _limit(caveat: Caveat) -> str:
    match caveat:
        case caveats.Expiration(not_before=seconds) if seconds > 0:
            return _from(datetime.fromtimestamp(seconds, UTC))
        case caveats.Networks(networks):
            return _("Only from %(networks)s.") % {"networks": _any_of([_network(one) for one in networks])}
        case caveats.Uses(count):
            return ngettext(
                "For one use: a file published, or a release yanked.",
                "For %(count)d uses: each file published and each release yanked is one.",
                count,
            ) % {"count": count}
        case caveats.ExactVersion(version):
            return _("Only for version %(version)s.") % {"version": version}
        case caveats.Digests(sha256):
            return _files(sorted(sha256))
    return ""


def _network(network: caveats.Network) -> str:
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _files(digests: Sequence[str]) -> str:
    shown = [f"{digest[:_SHOWN_DIGITS]}…" for digest in digests[:_SHOWN_DIGESTS]]
    if len(digests) > _SHOWN_DIGESTS:
        shown.append("…")
    return ngettext(
        "Only for the file with the SHA-256 digest %(digests)s",
        "Only for %(count)d files, with the SHA-256 digests %(digests)s",
        len(digests),
    ) % {"count": len(digests), "digests": ", ".join(shown)}


def _from(first: datetime) -> str:
    if first.time() == time.min:
        return _("Not before %(day)s (UTC).") % {"day": _day(first)}
    return _("Not before %(moment)s UTC.") % {"moment": _moment(first)}


def _end(expires: datetime | None) -> str:
    """Ends are chosen as days, the last of which counts to its end."""
    if expires is None:
        return _("It never expires.")
    over, by_day = expires <= clock.now(), expires.astimezone(UTC).time() == time.min
    if by_day:
        told = _("It expired at the end of %(day)s (UTC).") if over else _("It works through %(day)s (UTC).")
        return told % {"day": _day(expires - timedelta(days=1))}
    told = _("It expired on %(moment)s UTC.") if over else _("It works until %(moment)s UTC.")
    return told % {"moment": _moment(expires)}


def _term(expires: datetime | None) -> Term:
    if expires is None:
        return Term.ENDLESS
    left = expires - clock.now()
    if left <= timedelta(0):
        return Term.OVER
    return Term.SOON if left <= SOON else Term.RUNNING


def _day(moment: datetime) -> str:
    return date_format(moment, "j M Y")


def _moment(moment: datetime) -> str:
    return date_format(moment, "j M Y, H:i")


def _all_of(words: Sequence[str]) -> str:
    return get_text_list(list(words), _("and"))


def _any_of(words: Sequence[str]) -> str:
    return get_text_list(list(words), _("or"))
