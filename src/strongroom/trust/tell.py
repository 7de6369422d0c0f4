"""Telling people what became of the publishers of their projects."""

from dataclasses import replace

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.kernel.actor import Actor
from strongroom.notices import queue
from strongroom.notices.notice import Notice
from strongroom.projects import access
from strongroom.trust import issuers


def owners(project_id: int, notice: Notice, *, by: Actor) -> None:
    """Queue ``notice`` to every owner at their verified addresses, in the caller's transaction.

    Whoever did it gets the link that says "this was not me"; the others cannot tell whether it was.
    """
    for user in User.objects.filter(pk__in=access.owners_of(project_id), disabled=False).order_by("pk"):
        to = emails.recipient(user)
        queue.send(notice, to=to if user.pk == by.user_id else replace(to, panic_url=""))


def person(user: User, notice: Notice, *, is_act: bool) -> None:
    """Queue ``notice`` to one person; ``is_act``: it is of something that their account has done."""
    to = emails.recipient(user)
    queue.send(notice, to=to if is_act else replace(to, panic_url=""))


def name_of(issuer: str) -> str:
    """The name of an issuer, or its URL where it is not believed any more."""
    known = issuers.find(issuer)
    return known.name if known else issuer
