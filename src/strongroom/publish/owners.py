"""Telling the owners of a project what was done in it."""

from collections.abc import Callable
from dataclasses import replace

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.kernel.actor import Actor
from strongroom.notices import queue
from strongroom.notices.notice import Notice
from strongroom.projects import access


def tell(project_id: int, notice_from: Callable[[str], Notice], *, by: Actor) -> None:
    """Send all owners what ``notice_from`` makes of the IP address that it was done from, ``""`` for who may not know it.

    The address and the panic link are in the mail to whoever did it alone: the link would stop their account, not
    another's.
    """
    for owner in User.objects.filter(pk__in=access.owners_of(project_id), disabled=False):
        recipient = emails.recipient(owner)
        if owner.pk == by.user_id:
            queue.send(notice_from(by.origin.address), to=recipient)
        else:
            queue.send(notice_from(""), to=replace(recipient, panic_url=""))
