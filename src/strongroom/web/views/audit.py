"""The whole trail, for operators."""

from django.http import HttpResponse
from django.urls import reverse

from strongroom.audit.sealed import MOST as MOST_UNSEALED
from strongroom.audit.sealed import sealed
from strongroom.audit.search import EVERYTHING
from strongroom.audit.sinks.standing import MOST as MOST_BEHIND
from strongroom.audit.sinks.standing import standings
from strongroom.web.asking import Request
from strongroom.web.audit.page import Trail, show_trail


def everything(request: Request) -> HttpResponse:
    """All that has been recorded on this site."""
    trail = Trail(scope=EVERYTHING, kind="operate", url=reverse("operate-audit"))
    return show_trail(
        request,
        "operate/audit.html",
        trail,
        sealed=sealed(),
        most_unsealed=MOST_UNSEALED,
        sinks=standings(),
        most=MOST_BEHIND,
    )
