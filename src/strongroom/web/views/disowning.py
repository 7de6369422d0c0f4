"""“This was not me” beside an event of one's own history."""

from django.http import HttpResponse
from django.urls import reverse

from strongroom.audit.search import Scope
from strongroom.factors import methods
from strongroom.recovery import disown as disowning
from strongroom.signin import session as sessions
from strongroom.web import cookies, redirects, saying
from strongroom.web.asking import Request, user_of
from strongroom.web.pages import show


def disown(request: Request, serial: int) -> HttpResponse:
    """GET says what happened, what helps, and what will be stopped; POST stops it. Once more does no harm.

    The session from which it is said ends with all others, so what to do next is the answer, not a page to go to; where
    it goes on, as an account that is frozen already has ended only what went on at the time, it is the same page again.
    """
    user = user_of(request)
    if request.method == "POST":
        disowning.disown(user, serial, by=request.actor)
        if sessions.find(cookies.session(request) or "") is not None:
            return redirects.see_other(reverse("account-event-disown", args=[serial]))
        request.signed_in = None
        return cookies.closed(request, show(request, "manage/event_disowned.html", username=user.username))
    doubt = disowning.look(user, serial)
    shows_origin = Scope(user_id=user.pk).shows_origin(doubt.entry)
    return show(
        request,
        "manage/event_disown.html",
        doubt=doubt,
        sentence=saying.sentence(doubt.entry, saying.names_of([doubt.entry]), shows_origin=shows_origin),
        shows_origin=shows_origin,
        has_second_factor=methods.has_any(user.pk),
    )
