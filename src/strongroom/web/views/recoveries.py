"""The operators' page of recoveries: begin, approve, stop."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import find
from strongroom.kernel.refused import Refused
from strongroom.recovery import begin, proofs, stage, stop
from strongroom.recovery.models import Recovery
from strongroom.recovery.stage import Proofs, Stage
from strongroom.web import redirects
from strongroom.web.asking import Request
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.recovery import Approve, BeginForSomebody
from strongroom.web.pages import sent, show_form


@dataclass(frozen=True, slots=True)
class Listed:
    """One recovery that is going on, with the form to approve it; ``approve`` is none where it needs no approval."""

    recovery: Recovery
    stage: Stage
    proofs: Proofs
    vouched_by: list[str]
    approve: Approve | None


def overview(request: Request) -> HttpResponse:
    """Everything that is going on, and the form to begin one for somebody."""
    form = BeginForSomebody(sent(request), named="begin")
    if form.is_valid():
        with form.refusals():
            return _begin(request, form)
    return _page(request, form)


def approve(request: Request, recovery_id: int) -> HttpResponse:
    """Approve one that somebody else began."""
    form = Approve(request.POST, named=f"approve-{recovery_id}")
    if form.is_valid():
        with form.refusals():
            recovery = proofs.approve(recovery_id, reason=as_typed(form, "reason"), by=request.actor)
            messages.success(
                request,
                _("The recovery of %(name)s is approved.") % {"name": recovery.user.username},
            )
            return _back()
    return _page(request, form, of=recovery_id)


def stop_one(request: Request, recovery_id: int) -> HttpResponse:
    """Stop any."""
    recovery = stop.as_operator(recovery_id, by=request.actor)
    messages.success(request, _("The recovery of %(name)s is stopped.") % {"name": recovery.user.username})
    return _back()


def _begin(request: Request, form: BeginForSomebody) -> HttpResponse:
    user = find.by_username(as_typed(form, "username"))
    if user is None:
        raise Refused("user_unknown", _("There is nobody of that name."), field="username")
    begin.begin_for(
        user, reason=as_typed(form, "reason"), address=as_typed(form, "address"), by=request.actor
    )
    messages.success(
        request,
        _("The recovery of %(name)s has your approval. It needs one more proof, then it waits.")
        % {"name": user.username},
    )
    return _back()


def _page(request: Request, form: BeginForSomebody | Approve, *, of: int | None = None) -> HttpResponse:
    """The page, with the form on it that has to be shown again: to begin, or to approve the recovery ``of``."""
    return show_form(
        request,
        "operate/recoveries.html",
        form,
        begin=form if of is None else BeginForSomebody(named="begin"),
        listed=[_listed(recovery, form if recovery.pk == of else None) for recovery in stage.all_open()],
    )


def _listed(recovery: Recovery, form: BeginForSomebody | Approve | None) -> Listed:
    given = stage.proofs_of(recovery)
    names = recovery.vouches.order_by("pk").values_list("user__username", flat=True)
    shown = form if isinstance(form, Approve) else Approve(named=f"approve-{recovery.pk}")
    needs_it = recovery.complete is None and not given.operator
    return Listed(recovery, stage.stage_of(recovery), given, list(names), shown if needs_it else None)


def _back() -> HttpResponse:
    return redirects.see_other(reverse("operate-recoveries"))
