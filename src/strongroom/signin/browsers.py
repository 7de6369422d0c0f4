"""Browsers that are known: whether this one is new, and whether it may leave the second factor out.

A browser is known by a random cookie, never by its address. The cookie changes at every sign-in, so that of a copy and
its original only one stays known, and its owner hears of the other.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.factors.methods import KEY
from strongroom.kernel import clock, user_agent
from strongroom.kernel.actor import Actor, Origin
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret, digest, random_secret
from strongroom.notices import queue
from strongroom.prepared.fetch import Fetch
from strongroom.prepared.update import update
from strongroom.signin.events import BrowserForgotten, BrowserRemembered, NewBrowser
from strongroom.signin.models import Browser
from strongroom.signin.notices import BrowserWasRemembered, SignedInFromNewBrowser
from strongroom.throttle.limits import Limit, spend

REMEMBERED = timedelta(days=30)
KNOWN = timedelta(days=400)  # the longest that browsers keep a cookie
_MAX_KNOWN = 100  # of one account; where there are more, those that were not used for longest are forgotten
_TOLD = Limit(
    "new-browser-told", count=20, seconds=24 * 3600
)  # nobody floods a mailbox by signing in (EM-10)


def of(user: User) -> list[Browser]:
    """The browsers in which ``user`` has signed in, the most lately used first."""
    return list(Browser.objects.filter(user=user, last_seen__gt=clock.now() - KNOWN).order_by("-last_seen"))


def is_known(user: User, origin: Origin) -> bool:
    """Whether ``user`` has signed in from this browser before."""
    return _find(user, origin) is not None


def is_remembered(user: User, origin: Origin) -> bool:
    """Whether this browser may leave the second factor out: chosen less than 30 days ago, nothing changed since (SS-18)."""
    browser = _find(user, origin)
    return browser is not None and still_remembered(browser, user)


def still_remembered(browser: Browser, user: User) -> bool:
    """Whether ``browser``, one of ``user``, was let leave it out for a time that has not ended since."""
    return (
        browser.remembered_until is not None
        and browser.remembered_until > clock.now()
        and browser.remembered_epoch == user.auth_epoch
    )


def must_be_confirmed(user: User, *, proof: str, origin: Origin) -> bool:
    """Whether a sign-in waits for a mailed link: from a new browser, with what could have been phished (LT-26)."""
    return (
        settings.CONFIG.confirms_new_browsers
        and proof != KEY
        and not is_known(user, origin)
        and emails.has_verified_primary(user.pk)
    )


def know(user: User, *, told: bool, by: Actor) -> Secret:
    """Know the browser of a sign-in from now on, in the caller's transaction; returns the new value of its cookie.

    Its owner is mailed of a new one, unless they were ``told`` already.
    """
    secret, seen = random_secret(), _seen(by.origin)
    if not _seen_again(user, by.origin, {"digest": digest(secret), **seen}):
        Browser.objects.update_or_create(
            user=user,
            digest=digest(secret),
            defaults={**seen, "remembered_until": None},
            create_defaults={**seen, "created": clock.now()},
        )
        _forget_beyond(user)
        _tell_of_new(user, told=told, by=by)
    return secret


def remember(user: User, secret: Secret, *, by: Actor) -> None:
    """Let the browser with this cookie leave the second factor out for 30 days, in the caller's transaction."""
    until = clock.now() + REMEMBERED
    Browser.objects.filter(user=user, digest=digest(secret)).update(
        remembered_until=until, remembered_epoch=user.auth_epoch
    )
    trail.record(BrowserRemembered(subject_id=user.pk), by=by)
    queue.send(
        BrowserWasRemembered(client=user_agent.name(by.origin.client), until=until), to=emails.recipient(user)
    )


def forget(user: User, browser_id: int, *, by: Actor) -> None:
    """Forget a browser by its owner and id; nothing happens where it is forgotten already."""
    if Browser.objects.filter(user=user, pk=browser_id).delete()[0]:
        trail.record(BrowserForgotten(subject_id=user.pk), by=by)


def forget_all(user: User, *, by: Actor) -> int:
    """Forget every browser of ``user``, in the caller's transaction; returns how many."""
    count = Browser.objects.filter(user=user).delete()[0]
    if count:
        trail.record(BrowserForgotten(subject_id=user.pk, count=count), by=by)
    return count


def forget_older(user: User, moment: datetime, *, by: Actor) -> None:
    """Forget the browsers of ``user`` that were there at ``moment``, in the caller's transaction."""
    count = Browser.objects.filter(user=user, created__lte=moment).delete()[0]
    if count:
        trail.record(BrowserForgotten(subject_id=user.pk, count=count), by=by)


def sweep() -> int:
    """Delete browsers whose cookie has expired; returns how many."""
    return Browser.objects.filter(last_seen__lt=clock.now() - KNOWN).delete()[0]


def _find(user: User, origin: Origin) -> Browser | None:
    """By its cookie, in a browser that calls itself the same: a cookie that was copied elsewhere is worth nothing."""
    if not origin.browser:
        return None
    family = user_agent.family(origin.client)
    return _BY_COOKIE.first(user=user.pk, cookie=digest(origin.browser), family=family)


def _seen_again(user: User, origin: Origin, changes: dict[str, Any]) -> bool:
    """Change the row of a browser that is known; whoever else signs in from it is known by the same new cookie."""
    if not origin.browser:
        return False
    cookie, family = digest(origin.browser), user_agent.family(origin.client)
    known = update(Browser, changes, user_id=user.pk, digest=cookie, family=family)
    update(Browser, {"digest": changes["digest"]}, digest=cookie)
    return bool(known)


def _by_cookie(user: int, cookie: str, family: str) -> QuerySet[Browser]:
    return Browser.objects.filter(user_id=user, digest=cookie, family=family)


_BY_COOKIE = Fetch(Browser, _by_cookie, user=int, cookie=str, family=str)


def _seen(origin: Origin) -> dict[str, Any]:
    return {
        "last_seen": clock.now(),
        "address": origin.address,
        "client": origin.client[: trail.MAX_CLIENT],
        "family": user_agent.family(origin.client),
    }


def _forget_beyond(user: User) -> None:
    kept = Browser.objects.filter(user=user).order_by("-last_seen", "-pk").values_list("pk", flat=True)
    Browser.objects.filter(pk__in=list(kept[_MAX_KNOWN : 2 * _MAX_KNOWN])).delete()


def _tell_of_new(user: User, *, told: bool, by: Actor) -> None:
    trail.record(NewBrowser(subject_id=user.pk), by=by)
    if told:
        return
    notice = SignedInFromNewBrowser(
        client=user_agent.name(by.origin.client), address=by.origin.address, when=clock.now()
    )
    with suppress(Refused):
        spend(str(user.pk), _TOLD)
        queue.send(notice, to=emails.recipient(user))
