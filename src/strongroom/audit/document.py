"""An entry as a JSON document, for the API, webhooks, downloads and sinks alike."""

from typing import Any

from strongroom.audit.models import Entry
from strongroom.audit.reading import timestamp
from strongroom.audit.search import Scope


def document(entry: Entry, scope: Scope) -> dict[str, Any]:
    """What readers of ``scope`` may see of an entry. Fields that are always there; what is unknown or gone is ``null`` or empty."""
    shows_origin = scope.shows_origin(entry)
    return {
        "serial": entry.serial,
        "time": timestamp(entry.time),
        "tag": entry.tag,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name},
        "subject": entry.subject_id,
        "project": entry.project,
        "details": details(entry, scope),
        "authenticated": entry.authenticated if shows_origin else "",
        "credential": entry.credential if shows_origin else "",
        "address": entry.address if shows_origin else "",
        "address_pseudonym": entry.address_pseudonym if shows_origin else "",
        "client": entry.client if shows_origin else "",
        "request_id": entry.request_id if shows_origin else "",
    }


def details(entry: Entry, scope: Scope) -> dict[str, Any]:
    """The event's own fields. From which networks a token is used tells where its owner is: that is for readers of origins alone."""
    found = entry.details
    if scope.shows_origin(entry):
        return found
    if isinstance(caveats := found.get("restrictions"), list):
        found["restrictions"] = [caveat for caveat in caveats if not _tells_networks(caveat)]
    return {name: value for name, value in found.items() if name != "network"}


def _tells_networks(caveat: object) -> bool:
    return isinstance(caveat, list) and caveat[:1] == ["networks"]
