"""What a webhook sends, how it fares and what came of an attempt, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from strongroom.audit import event, known
from strongroom.kernel.outward import Failure
from strongroom.web.audit import words
from strongroom.webhooks.counting import MOST
from strongroom.webhooks.models import Webhook

Group = tuple[str, str, list[tuple[str, str]]]
"""A kind of events: its name, its words, and its events by tag with their words."""

_OF_PROJECTS: Final = frozenset(
    {"file", "identity", "project", "publisher", "release", "role", "token", "webhook"}
)
"""Kinds that happen in projects."""

_OF_THE_SITE: Final = frozenset({"configuration", "setup", "trust_root"})
"""Kinds that nobody does with an account, and that nobody's account is about."""

_UNSENT: Final[Mapping[str, Promise]] = {
    Failure.ADDRESS_INVALID: gettext_lazy("The address is none to send to."),
    Failure.ADDRESS_PRIVATE: gettext_lazy("Its name leads to a private address, which this site does not send to."),
    Failure.ADDRESS_UNRESOLVABLE: gettext_lazy("Its name could not be looked up."),
    Failure.PORT_REFUSED: gettext_lazy("This site does not send to its port."),
    Failure.HTTPS_REQUIRED: gettext_lazy("It must be reached by https."),
    Failure.TLS: gettext_lazy("Its certificate was not accepted, or TLS failed."),
    Failure.CONNECTION: gettext_lazy("No connection, or it broke off."),
    Failure.PROTOCOL: gettext_lazy("The answer was no HTTP that can be read."),
    Failure.TIMEOUT: gettext_lazy("No answer within 10 seconds."),
    "redirect": gettext_lazy("It answered with a redirect, which is not followed."),
    "secret_lost": gettext_lazy("The secret cannot be read any more."),
}  # fmt: skip
_PAUSED: Final[Mapping[str, Promise]] = {
    "gone": gettext_lazy("Its receiver says that it is gone (status 410)."),
    "failing": gettext_lazy("Nothing could be delivered for three days."),
    "secret_lost": gettext_lazy("Its secret cannot be read any more. Make a new one, then resume."),
    "doubtful": gettext_lazy(
        "The account that set it up was frozen or recovered. Look where it sends to before you resume it."
    ),
}


def outcome(code: str) -> str:
    """What came of an attempt, by its code; "Taken." where there is none."""
    if not code:
        return _("Taken.")
    if code.startswith("status_"):
        return _("It answered with status %(status)s.") % {"status": code.removeprefix("status_")}
    return str(_UNSENT.get(code, code))


def paused(why: str) -> str:
    """Why a webhook was paused."""
    return str(_PAUSED.get(why, why))


def waiting(count: int) -> str:
    """How far behind a webhook is (``counting.waiting``)."""
    if count > MOST:
        return _("More than %(count)s events wait for it.") % {"count": MOST}
    if not count:
        return _("Nothing waits for it.")
    return ngettext("%(count)s event waits for it.", "%(count)s events wait for it.", count) % {
        "count": count
    }


def again(count: int) -> str:
    """How many events a replay sends (``counting.again``)."""
    if count > MOST:
        return _("This sends more than %(count)s events once more.") % {"count": MOST}
    return ngettext(
        "This sends %(count)s event once more.", "This sends %(count)s events once more.", count
    ) % {"count": count}


def wanted(events: list[str]) -> list[str]:
    """Kinds and tags of events in words; nothing of all of them."""
    return [
        words.in_words(text)
        if text in event.kinds()
        else _("%(kind)s: all of it") % {"kind": words.kind_in_words(text)}
        for text in events
    ]


def groups(owner: str, *, chosen: set[str]) -> list[Group]:
    """The events to choose from, by their kinds, for an owner of webhooks (``Webhook.Owner``), and those ``chosen`` already."""
    tags = sorted(event.kinds())
    kinds = {known.kind_of(tag) for tag in tags}
    kept = {known.kind_of(text) for text in chosen}
    if owner == Webhook.Owner.PROJECT:
        kinds &= _OF_PROJECTS | kept
    if owner == Webhook.Owner.ACCOUNT:
        kinds -= _OF_THE_SITE - kept
    return [
        (
            kind,
            words.kind_in_words(kind),
            [(tag, words.in_words(tag)) for tag in tags if known.kind_of(tag) == kind],
        )
        for kind in sorted(kinds, key=words.kind_in_words)
    ]
