"""What the forms of webhooks do, each in a sentence (see ``web.acts_in_words``)."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.kernel.actor import Actor, ActorKind
from strongroom.web.kept_acts import KeptAct, Sent
from strongroom.web.webhooks import words
from strongroom.web.webhooks.form import ALL, ReplayForm
from strongroom.web.webhooks.places import PLACES, Place, Whose
from strongroom.webhooks import addresses, counting
from strongroom.webhooks.models import Webhook

_FIELDS: Final = ("url", "scope", "events", "seals", "active")
_ABOUT_ONE: Final = {
    "test": gettext_lazy("Send a test message to %(to)s."),
    "resume": gettext_lazy("Let the webhook to %(to)s go on."),
    "secret": gettext_lazy("Make a new secret for the webhook to %(to)s."),
    "remove": gettext_lazy("Remove the webhook to %(to)s."),
}


def _add(sent: Sent) -> str:
    return _("Add a webhook to %(to)s.") % {"to": _typed(sent)}


def _details(sent: Sent) -> tuple[str, ...]:
    events = [] if sent["scope"] == ALL else words.wanted(sent.fields.get("events", []))
    seals = (_("The seals of the audit trail, too."),) if sent["seals"] else ()
    return (*(events or (_("Every event."),)), *seals)


def _typed(sent: Sent) -> str:
    return addresses.shown(sent["url"]) or sent["url"][:80]


def _acts_of(kind: str, whose: Whose) -> dict[str, KeptAct]:
    def place(sent: Sent) -> Place:
        by = Actor(kind=ActorKind.USER, user_id=sent.user.pk, username=sent.user.username)
        return whose(by, **{name: value for name, value in sent.path.items() if name != "webhook"})

    def row(sent: Sent) -> Webhook:
        return place(sent).one(sent.path["webhook"])

    def change(sent: Sent) -> str:
        told = {"before": addresses.shown(row(sent).url), "to": _typed(sent)}
        if not sent["active"]:
            return _("Change the webhook to %(before)s: it is off, and its address is %(to)s.") % told
        return _("Change the webhook to %(before)s: it sends to %(to)s.") % told

    def replay(sent: Sent) -> str:
        told = {"first": sent["first"], "to": addresses.shown(row(sent).url)}
        return _("Send the events from number %(first)s on once more to %(to)s.") % told

    def about_replay(sent: Sent) -> tuple[str, ...]:
        form = ReplayForm({"first": sent["first"]}, webhook=row(sent))
        return (words.again(counting.again(row(sent), first=form.serial)),) if form.is_valid() else ()

    def about_one(page: str) -> Callable[[Sent], str]:
        return lambda sent: _ABOUT_ONE[page] % {"to": addresses.shown(row(sent).url)}

    return {
        f"{kind}-webhook-add": KeptAct(_add, _FIELDS, _details),
        f"{kind}-webhook-change": KeptAct(change, _FIELDS, _details),
        f"{kind}-webhook-replay": KeptAct(replay, ("first",), about_replay),
        **{f"{kind}-webhook-{page}": KeptAct(about_one(page)) for page in _ABOUT_ONE},
    }


WEBHOOK_ACTS: Final[Mapping[str, KeptAct]] = {
    route: act for kind, whose in PLACES.items() for route, act in _acts_of(kind, whose).items()
}
