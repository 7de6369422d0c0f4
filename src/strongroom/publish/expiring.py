"""Tokens that end soon: their owners are told in time; those of trusted publishers are deleted once they are of no use."""

from datetime import timedelta
from math import ceil
from typing import Final

from django.db import transaction
from django.db.models import F

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices import queue
from strongroom.tokens import revoke
from strongroom.tokens.models import Token
from strongroom.tokens.notices import TokenExpiresSoon

DAYS_BEFORE: Final = (14, 1)
"""When the mails go out; a token that lasts no longer than that gets the later one alone."""


def remind_due() -> int:
    """Mail the owners of tokens that end within 14 days or within one, once each; returns how many mails that made."""
    return sum(_remind(number, days) for number, days in enumerate(DAYS_BEFORE, start=1))


def sweep() -> int:
    """Delete tokens of trusted publishers that ended an hour ago; people's stay in their lists until they are revoked."""
    over = Token.objects.filter(user=None, expires__lt=clock.now() - timedelta(hours=1)).order_by("pk")
    return sum(revoke.expire(token, by=Actor.system()) for token in over.iterator())


def _remind(number: int, days: int) -> int:
    now = clock.now()
    following = DAYS_BEFORE[number] if number < len(DAYS_BEFORE) else 0
    due = Token.objects.filter(
        user__isnull=False,
        user__disabled=False,
        reminded__lt=number,
        expires__gt=now + timedelta(days=following),
        expires__lte=now + timedelta(days=days),
        created__lt=F("expires") - timedelta(days=days),
    )
    return sum(_tell(token, number) for token in due.order_by("pk")[:500])


def _tell(token: Token, number: int) -> bool:
    """One conditional update decides which node writes the mail (design, D1)."""
    assert token.user_id is not None and token.expires is not None  # noqa: S101, PT018  (asked for above)
    with transaction.atomic():
        if not Token.objects.filter(pk=token.pk, reminded__lt=number).update(reminded=number):
            return False
        notice = TokenExpiresSoon(
            name=token.name,
            days=ceil((token.expires - clock.now()) / timedelta(days=1)),
            expires=token.expires,
        )
        queue.send(notice, to=emails.recipient(User.objects.get(pk=token.user_id)))
        return True
