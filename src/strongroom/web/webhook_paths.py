"""The paths of webhooks, which are the same for an account, a project and the whole site, with who may ask them."""

from functools import partial

from django.urls import URLPattern, path

from strongroom.web.routes import FRESH, FRESH_OPERATOR, OPERATOR, SIGNED_IN, page
from strongroom.web.views import webhooks
from strongroom.web.webhooks.places import PLACES

_ONE = "<uuid:webhook>/"


def paths(kind: str) -> list[URLPattern]:
    """Below ``webhooks/``; ``kind`` (``account``, ``project``, ``operate``) begins the name of each route."""
    see, act = (OPERATOR, FRESH_OPERATOR) if kind == "operate" else (SIGNED_IN, FRESH)
    pages = {
        "webhooks": ("", page(partial(webhooks.overview, PLACES[kind]), get=see)),
        "webhook-add": ("add/", page(partial(webhooks.add, PLACES[kind]), get=act, post=act)),
        "webhook": (_ONE, page(partial(webhooks.detail, PLACES[kind]), get=see)),
        "webhook-change": (f"{_ONE}change/", page(partial(webhooks.change, PLACES[kind]), get=act, post=act)),
        "webhook-test": (f"{_ONE}test/", page(partial(webhooks.test, PLACES[kind]), get=see, post=act)),
        "webhook-resume": (f"{_ONE}resume/", page(partial(webhooks.resume, PLACES[kind]), get=see, post=act)),
        "webhook-replay": (f"{_ONE}replay/", page(partial(webhooks.replay, PLACES[kind]), get=see, post=act)),
        "webhook-secret": (f"{_ONE}secret/", page(partial(webhooks.secret, PLACES[kind]), get=act, post=act)),
        "webhook-remove": (f"{_ONE}remove/", page(partial(webhooks.remove, PLACES[kind]), get=act, post=act)),
    }
    return [path(route, view, name=f"{kind}-{name}") for name, (route, view) in pages.items()]
