"""Getting back in after every second factor is lost, and stopping whoever tries to."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.recovery import begin, finish, proofs, stage, stop
from strongroom.web import cookies, links, redirects
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.recovery import AskRecovery, FinishRecovery
from strongroom.web.pages import sent, show, show_form


def ask(request: Request) -> HttpResponse:
    """Ask for the link that begins. The answer is the same whether there is such an account (D17)."""
    form = AskRecovery(sent(request))
    if form.is_valid():
        with form.refusals():
            begin.request(as_typed(form, "login"), by=request.actor)
            return show(request, "recovery/asked.html")
    return show_form(request, "recovery/ask.html", form)


def start(request: Request) -> HttpResponse:
    """GET shows what will happen, so that a mail scanner that follows the link begins nothing; POST begins."""
    token = links.secret_in(request)
    if request.method != "POST":
        found = begin.find(token)
        return show(
            request,
            "recovery/start.html",
            token=token,
            username=found.username,
            recovery=found.recovery,
            stage=stage.stage_of(found.recovery) if found.recovery else None,
            **_times(),
        )
    recovery = begin.begin(token, by=request.actor)
    return show(request, "recovery/begun.html", recovery=recovery, stage=stage.stage_of(recovery), **_times())


def stop_by_link(request: Request) -> HttpResponse:
    """GET shows a button; POST stops, without a login."""
    token = links.secret_in(request)
    if request.method != "POST":
        return show(request, "recovery/stop.html", token=token, recovery=stop.find(token))
    recovery = stop.by_link(token, by=request.actor)
    return show(request, "recovery/stopped.html", recovery=recovery)


def finish_by_link(request: Request) -> HttpResponse:
    """Choose the new password, after the wait. It never signs anybody in."""
    token = links.secret_in(request)
    recovery = finish.find(token)
    form = FinishRecovery(sent(request))
    if form.is_valid():
        with form.refusals():
            finished = finish.finish(token, as_typed(form, "password"), by=request.actor)
            messages.success(
                request, _("Your new password is set. Log in with it, then turn on two-factor sign-in again.")
            )
            closed = cookies.closed(request, redirects.see_other(reverse("login")))
            return cookies.known(closed, finished.browser)
    return show_form(request, "recovery/finish.html", form, token=token, recovery=recovery)


def vouch(request: Request, recovery_id: int) -> HttpResponse:
    """A co-maintainer says that it is really them who asks."""
    session = session_of(request)
    recovery = proofs.vouchable(session.user_id, recovery_id)
    if request.method != "POST":
        return show(request, "recovery/vouch.html", recovery=recovery, stage=stage.stage_of(recovery))
    proofs.vouch(session, recovery_id, by=request.actor)
    messages.success(
        request,
        _("Thank you. %(name)s can get back in after a wait, unless somebody stops it.")
        % {"name": recovery.user.username},
    )
    return redirects.see_other(reverse("account"))


def stop_own(request: Request, recovery_id: int) -> HttpResponse:
    """The person, in any live session, stops the recovery of their own account."""
    stop.own(user_of(request), recovery_id, by=request.actor)
    messages.success(request, _("The recovery is stopped. Nothing of your account has changed."))
    return redirects.see_other(reverse("account") + "#two-factor")


def _times() -> dict[str, int]:
    return {"wait_hours": round(stage.wait().total_seconds() / 3600), "days": stage.TO_PROVE.days}
