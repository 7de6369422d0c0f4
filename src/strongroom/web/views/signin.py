"""Logging in and out."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import language
from strongroom.factors import keys, methods
from strongroom.factors.methods import KEY, RECOVERY
from strongroom.kernel.refused import Refused
from strongroom.signin import session as sessions
from strongroom.signin import steps
from strongroom.signin.confirmations import Waiting
from strongroom.signin.session import Opened
from strongroom.web import cookies, offers, redirects
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.ceremony import Ceremony, refusals_as_json
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.signin import Login, Passkey, Proof
from strongroom.web.pages import sent, show_form

_GONE = "ticket_invalid"


def login(request: Request) -> HttpResponse:
    """Username and password; from here to the second factor, or in."""
    form = Login(sent(request), with_passkeys=keys.are_offered())
    if form.is_valid():
        with form.refusals():
            begun = steps.start(as_typed(form, "username"), as_typed(form, "password"), by=request.actor)
            if isinstance(begun, steps.Pending):
                onward = redirects.with_next("two-factor", redirects.next_of(request))
                return cookies.pending(onward, begun.ticket)
            return enter(request, begun)
    elif request.signed_in is not None and request.method != "POST":
        return redirects.see_other(redirects.next_of(request) or reverse("account"))
    return show_login(request, form)


def show_login(request: Request, form: Login, *, passkey_form: Passkey | None = None) -> HttpResponse:
    """The page to log in, with what has gone wrong on it."""
    return show_form(
        request,
        "signin/login.html",
        passkey_form or form,
        password_form=form,
        passkey_form=passkey_form or Passkey(named="passkey"),
        ceremony=_passkey_ceremony() if keys.are_offered() else None,
        next=redirects.next_of(request),
    )


def _needs_ticket(view: Callable[[Request], HttpResponse]) -> Callable[[Request], HttpResponse]:
    """``view``, from which a ticket that has expired leads back to the password."""

    @wraps(view)
    def answer(request: Request) -> HttpResponse:
        try:
            return view(request)
        except Refused as refusal:
            if refusal.code != _GONE:
                raise
            messages.error(request, refusal.message)
            return redirects.with_next("login", redirects.next_of(request))

    return answer


@_needs_ticket
def two_factor(request: Request) -> HttpResponse:
    """The second factor, for whoever holds the ticket of a right password: the strongest, or the one they choose."""
    offered = offers.of(steps.methods_of(cookies.ticket(request) or ""))
    return _second_step(request, offered, method=offers.chosen(request, offered))


@_needs_ticket
def recovery_code(request: Request) -> HttpResponse:
    """A recovery code in place of the second factor."""
    return _second_step(request, offers.of(steps.methods_of(cookies.ticket(request) or "")), method=RECOVERY)


@refusals_as_json
def two_factor_options(request: Request) -> JsonResponse:
    """What the browser asks a security key of this account."""
    return JsonResponse(steps.begin_key(cookies.ticket(request) or ""))


def logout(request: Request) -> HttpResponse:
    """End this session."""
    if request.signed_in is not None:
        sessions.end(user_of(request), session_of(request).pk, by=request.actor)
    messages.success(request, _("You are logged out."))
    return cookies.closed(request, redirects.see_other(redirects.next_of(request) or reverse("home")))


def enter(request: Request, proven: Opened | Waiting) -> HttpResponse:
    """In, and on to the page that was asked for; a session that this browser had before ends (SS-01).

    Where the sign-in waits for its mailed confirmation, to the page that says so.
    """
    onward = redirects.next_of(request)
    if isinstance(proven, Waiting):
        return cookies.waiting(redirects.with_next("confirm-login", onward), proven.secret)
    if request.signed_in is not None:
        sessions.end(user_of(request), session_of(request).pk, by=request.actor)
    language.keep(proven.session.user)
    return cookies.opened(request, redirects.see_other(onward or reverse("account")), proven)


def _second_step(request: Request, offered: list[str], *, method: str) -> HttpResponse:
    form = Proof(sent(request), method=method, can_remember=True)
    if form.is_valid():
        with form.refusals(passing={_GONE}):
            ticket = cookies.ticket(request) or ""
            proven = steps.answer(ticket, form.answer, remember=form.remembers, by=request.actor)
            if method == RECOVERY and isinstance(proven, Opened):
                return _enter_by_code(request, proven)
            return enter(request, proven)
    onward = redirects.next_of(request)
    asks = Ceremony("get", reverse("two-factor-options"), at_once=not form.is_bound)
    return show_form(
        request,
        "signin/two_factor.html",
        form,
        next=onward,
        ceremony=asks if method == KEY else None,
        ways=offers.others(offered, method, url=lambda other: _address_of(other, onward)),
    )


def _address_of(method: str, onward: str) -> str:
    """A recovery code has a page of its own."""
    if method != RECOVERY:
        return offers.links_to("two-factor", next=onward)(method)
    return redirects.path_with_next("recovery-code", onward)


def _enter_by_code(request: Request, opened: Opened) -> HttpResponse:
    """Say how many codes are left; without any, the page that makes new ones comes first (RC-12)."""
    left = methods.of(opened.session.user_id).codes_left
    messages.warning(request, _("You used a recovery code; %(count)d are left.") % {"count": left})
    entered = enter(request, opened)
    if not left:
        entered.headers["Location"] = reverse("recovery-codes")
    return entered


def _passkey_ceremony() -> Ceremony:
    return Ceremony("get", reverse("passkey-options"), autofill=True)
