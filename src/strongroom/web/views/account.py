"""Account settings: one page that shows everything, and the password."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.kernel.secrets import digest
from strongroom.publish import credentials as publishing
from strongroom.publish import levels as may_publish
from strongroom.signin import browsers, credentials
from strongroom.signin import session as sessions
from strongroom.web import cookies, history, levels, redirects, token_words, two_factor
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.forms.account import AddEmail, ChangePassword
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.levels import ChooseLevel
from strongroom.web.pages import sent, show_form
from strongroom.web.standing import standing_of

_SHOWN_EVENTS = 8


def overview(request: Request) -> HttpResponse:
    """The whole account on one page."""
    return page(request)


def page(
    request: Request, *, email_form: AddEmail | None = None, level_form: ChooseLevel | None = None
) -> HttpResponse:
    """The page of ``overview``, with the form on it that has to be shown again."""
    session, user = session_of(request), user_of(request)
    known = browsers.of(user)
    emailing = email_form or AddEmail(named="email")
    return show_form(
        request,
        "manage/account.html",
        level_form or emailing,
        email_form=emailing,
        level_form=level_form or _level_form(user),
        ruling=levels.told(may_publish.for_account(user)),
        standing=standing_of(user),
        **two_factor.section_of(user),
        addresses=user.addresses.order_by("-primary", "pk"),
        tokens=token_words.lines_of(publishing.tokens_of(user)),
        sessions=sessions.of(user),
        this_session=session.pk,
        browsers=known,
        this_browser=digest(cookies.browser(request)),
        remembered={row.pk for row in known if browsers.still_remembered(row, user)},
        events=history.about(user, limit=_SHOWN_EVENTS),
    )


def change_password(request: Request) -> HttpResponse:
    """A new password; all other sessions end."""
    form = ChangePassword(sent(request))
    if form.is_valid():
        with form.refusals(places={"password_wrong": "current"}):
            opened = credentials.change_password(
                session_of(request),
                current=as_typed(form, "current"),
                new=as_typed(form, "password"),
                by=request.actor,
            )
            messages.success(request, _("Your password is changed. Your other sessions have ended."))
            return cookies.opened(request, redirects.see_other(reverse("account")), opened)
    return show_form(request, "manage/password.html", form)


def end_session(request: Request, session_id: int) -> HttpResponse:
    """End one session of this person."""
    sessions.end(user_of(request), session_id, by=request.actor)
    if session_id == session_of(request).pk:
        return cookies.closed(request, redirects.see_other(reverse("login")))
    messages.success(request, _("The session has ended."))
    return redirects.see_other(reverse("account") + "#sessions")


def end_other_sessions(request: Request) -> HttpResponse:
    """End all sessions of this person but this one."""
    sessions.end_others(session_of(request), by=request.actor)
    messages.success(request, _("All your other sessions have ended."))
    return redirects.see_other(reverse("account") + "#sessions")


def forget_browser(request: Request, browser_id: int) -> HttpResponse:
    """Forget a browser of this person: it is new again, and asks for the second factor."""
    browsers.forget(user_of(request), browser_id, by=request.actor)
    messages.success(request, _("The browser is forgotten. Logging in there takes every factor again."))
    return redirects.see_other(reverse("account") + "#browsers")


def choose_level(request: Request) -> HttpResponse:
    """Choose what may publish with this account."""
    user = user_of(request)
    form = _level_form(user, request.POST)
    if form.is_valid():
        with form.refusals():
            may_publish.switch_account(user, form.choice, by=request.actor)
            told = _("What may publish with your account: %(level)s.")
            messages.success(request, told % {"level": levels.title_of(form.choice)})
            return redirects.see_other(reverse("account") + "#may-publish")
    return page(request, level_form=form)


def _level_form(user: User, typed: QueryDict | None = None) -> ChooseLevel:
    return levels.form_of(typed, chosen=user.may_publish, above=may_publish.for_everybody())
