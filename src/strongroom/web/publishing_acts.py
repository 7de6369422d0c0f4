"""What the forms of trusted publishing do, each in a sentence (see ``web.acts_in_words``)."""

from collections.abc import Mapping
from typing import Final

from django.http import Http404
from django.utils.translation import gettext as _

from strongroom.projects import access
from strongroom.trust import issuers, pending, publishers
from strongroom.trust.publishers import ListedPublisher
from strongroom.web import publisher_forms
from strongroom.web.forms.trust import OF_IDENTITY, AddIssuer
from strongroom.web.kept_acts import KeptAct, Sent


def _add_publisher(sent: Sent) -> str:
    told = {"project": sent.path["name"], "publisher": publisher_forms.in_words(sent.fields)[0]}
    return _("Let %(publisher)s publish the project %(project)s.") % told


def _add_pending(sent: Sent) -> str:
    told = {"project": sent["name"], "publisher": publisher_forms.in_words(sent.fields)[0]}
    return _("Let %(publisher)s make the project %(project)s, which will be yours.") % told


def _about_publisher(sent: Sent) -> tuple[str, ...]:
    return publisher_forms.in_words(sent.fields)[1]


def _remove_publisher(sent: Sent) -> str:
    told = {"project": sent.path["name"], "publisher": _publisher(sent).name}
    return _("Remove the trusted publisher %(publisher)s of the project %(project)s.") % told


def _confirm_publisher(sent: Sent) -> str:
    row = _publisher(sent)
    told = {"project": sent.path["name"], "publisher": row.name}
    if row.new_name is None:
        return _("Confirm the trusted publisher %(publisher)s of the project %(project)s.") % told
    return _(
        "Confirm that the trusted publisher %(publisher)s of the project %(project)s is called %(new_name)s now."
    ) % {**told, "new_name": row.new_name.name}


def _constrain_publisher(sent: Sent) -> str:
    told = {"project": sent.path["name"], "publisher": _publisher(sent).name, "where": sent["environment"]}
    return (
        _(
            "Let the trusted publisher %(publisher)s publish the project %(project)s from the environment %(where)s alone."
        )
        % told
    )


def _remove_pending(sent: Sent) -> str:
    rows = pending.of(sent.user.pk)
    row = next((row for row in rows if row.id == sent.path["pending_id"]), None)
    if row is None:
        raise Http404
    told = {"project": row.project_name, "publisher": row.name}
    return _("Remove the pending publisher %(publisher)s for the project %(project)s.") % told


def _add_issuer(sent: Sent) -> str:
    told = {"name": sent["name"], "url": sent["url"]}
    return _("Believe the identity provider %(name)s (%(url)s).") % told


def _about_issuer(sent: Sent) -> tuple[str, ...]:
    told = [(AddIssuer.base_fields[name].label, sent[name]) for name in ("kind", "claims", "rules", "pins")]
    return tuple(f"{label}: {', '.join(value.splitlines())}" for label, value in told if value)


def _remove_issuer(sent: Sent) -> str:
    row = next((row for row in issuers.listed() if row.id == sent.path["issuer_id"]), None)
    if row is None:
        raise Http404
    return _("Believe the identity provider %(name)s (%(url)s) no more.") % {
        "name": row.issuer.name,
        "url": row.issuer.url,
    }


def _publisher(sent: Sent) -> ListedPublisher:
    project = access.owned_by(sent.user.pk, sent.path["name"])
    rows = publishers.of(project.id)
    row = next((row for row in rows if row.id == sent.path["publisher_id"]), None)
    if row is None:
        raise Http404
    return row


PUBLISHING_ACTS: Final[Mapping[str, KeptAct]] = {
    "project-publishing": KeptAct(_add_publisher, ("provider",), _about_publisher, beginning=OF_IDENTITY),
    "publisher-remove": KeptAct(_remove_publisher),
    "publisher-confirm": KeptAct(_confirm_publisher, ("state",)),
    "publisher-constrain": KeptAct(_constrain_publisher, ("environment",)),
    "account-publishing": KeptAct(
        _add_pending, ("provider", "name"), _about_publisher, beginning=OF_IDENTITY
    ),
    "pending-remove": KeptAct(_remove_pending),
    "operate-issuers": KeptAct(_add_issuer, tuple(AddIssuer.base_fields), _about_issuer),
    "operate-issuer-remove": KeptAct(_remove_issuer),
}
