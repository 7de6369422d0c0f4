"""Events of the cast, and those that a page shows."""

import re

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.audit.event import Event
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.projects.events import FileUploaded

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


def somebody(user: User | None = None, *, address: str = "203.0.113.9", client: str = FIREFOX) -> Actor:
    """Somebody at an address of their own; without ``user`` one who is not signed in."""
    origin = Origin(address=address, client=client, request_id="00c0ffee00c0ffee")
    if user is None:
        return Actor.anonymous(origin)
    return Actor(
        kind=ActorKind.USER,
        origin=origin,
        user_id=user.pk,
        username=user.username,
        authenticated="password+totp",
        credential="s-c0ffee",
    )


def happened(event: Event, *, by: Actor, refused: str = "") -> int:
    """The serial of an event that has just been recorded."""
    trail.record(event, by=by, refused=refused)
    return Entry.objects.order_by("-serial").values_list("serial", flat=True)[0]


def shown(text: str) -> list[int]:
    """The serials of the events on a page, in their order."""
    return [int(serial) for serial in re.findall(r'id="event-(\d+)"', text)]


def uploaded(filename: str, *, project: str = "strong-box") -> FileUploaded:
    """A file of a project."""
    return FileUploaded(project=project, filename=filename, version="1.0", sha256="ab" * 32, size=7)
