"""Telling everybody whom a recovery concerns, so that one of them can stop it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Q

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.notices import queue
from strongroom.notices.notice import Notice
from strongroom.projects import co_maintainers
from strongroom.recovery import links
from strongroom.recovery.models import Recovery


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who is told: ``is_owner`` for the person whose account it is; ``can_vouch`` for co-maintainers.

    ``vouch_url`` is empty for whoever cannot vouch.
    """

    user: User
    is_owner: bool
    vouch_url: str
    stop_url: str


def everybody(recovery: Recovery, write: Callable[[Reader], Notice], *, operators: bool) -> None:
    """Queue what ``write`` makes for each reader, in the caller's transaction.

    The person is told at every verified address, then all co-maintainers, then with ``operators`` all of them, too.
    """
    for reader in _readers(recovery, operators=operators):
        to = emails.recipient(reader.user)
        if not reader.is_owner:
            to = replace(to, panic_url="")  # it is not their own account that the mail is about
        queue.send(write(reader), to=to)


def _readers(recovery: Recovery, *, operators: bool) -> Iterator[Reader]:
    beside = set(co_maintainers.of(recovery.user_id))
    yield Reader(
        user=recovery.user,
        is_owner=True,
        vouch_url="",
        stop_url=links.to_stop(recovery, recovery.user_id),
    )
    wanted = Q(pk__in=beside) | Q(is_operator=True) if operators else Q(pk__in=beside)
    for user in User.objects.filter(wanted, disabled=False).exclude(pk=recovery.user_id).order_by("pk"):
        vouch = f"{settings.CONFIG.base_url}/manage/recovery/{recovery.pk}/vouch/"
        yield Reader(
            user=user,
            is_owner=False,
            vouch_url=vouch if user.pk in beside else "",
            stop_url=links.to_stop(recovery, user.pk),
        )
