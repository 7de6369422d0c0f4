"""The mail queue: a row in the transaction of the effect, so that there is no mail without it, nor it without mail."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import override

from strongroom.kernel import clock
from strongroom.kernel.secrets import Unsealable
from strongroom.notices.html import as_html
from strongroom.notices.models import QueuedMail
from strongroom.notices.notice import Notice, Recipient

_PURPOSE = "notices"
MAX_ATTEMPTS = 12
_MORE_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")  # what conditions leave in a template
_CLAIM = timedelta(minutes=2)  # longer than any attempt takes: the mail server's time-out is 10 seconds
_LONGEST_PAUSE = timedelta(hours=6)
_MOMENT = "j F Y, H:i"  # in UTC, which the templates say
_HEADERS = {"Auto-Submitted": "auto-generated"}  # RFC 3834 §5: no out-of-office answers, please


def send(notice: Notice, *, to: Recipient) -> None:
    """Queue ``notice`` to each address of ``to``; call it inside the transaction of what it tells of."""
    if not to.addresses:
        return
    subject, body = _write(notice, to)
    text = orjson.dumps([subject, body, to.language])
    now = clock.now()
    QueuedMail.objects.bulk_create(
        QueuedMail(
            address=address,
            sealed=settings.KEYRING.seal(_PURPOSE, text, context=address),
            queued=now,
            due=now,
        )
        for address in to.addresses
    )


def forget(addresses: Sequence[str]) -> None:
    """Delete what is queued to ``addresses``, in the caller's transaction."""
    QueuedMail.objects.filter(address__in=addresses).delete()


def deliver_due(*, limit: int = 50) -> int:
    """Send what is due, at most ``limit`` mails; returns how many went out. Any number of processes may call it."""
    due = QueuedMail.objects.filter(due__lte=clock.now(), attempts__lt=MAX_ATTEMPTS).order_by("due")[:limit]
    return sum(_deliver(mail) for mail in due)


def _deliver(mail: QueuedMail) -> bool:
    """Claim by one conditional update, whose row count is the decision (design, D1); then send; then forget."""
    claimed = QueuedMail.objects.filter(pk=mail.pk, due=mail.due).update(
        due=clock.now() + _CLAIM, attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    try:
        _message(mail).send()
    except (OSError, Unsealable):  # smtplib's errors are OSErrors
        pause = min(timedelta(seconds=30 * 2**mail.attempts), _LONGEST_PAUSE)
        QueuedMail.objects.filter(pk=mail.pk).update(due=clock.now() + pause)
        return False
    mail.delete()
    return True


def _message(mail: QueuedMail) -> EmailMultiAlternatives:
    """The text and, made from it, the HTML. A mail that an older version has queued says no language: it is English."""
    opened = settings.KEYRING.unseal(_PURPOSE, mail.sealed, context=mail.address)
    subject, body, language = [*orjson.loads(opened), "en"][:3]
    message = EmailMultiAlternatives(subject, body, to=[mail.address], headers=_HEADERS)
    html = as_html(body, subject=subject, language=language, base_url=settings.CONFIG.base_url)
    message.attach_alternative(html, "text/html")
    return message


def _write(notice: Notice, to: Recipient) -> tuple[str, str]:
    with override(to.language):
        values = {
            **{name: _readable(value) for name, value in notice.values().items()},
            "recipient": to,
            "site": settings.CONFIG.site.name,
            "base_url": settings.CONFIG.base_url,
        }
        text = _MORE_EMPTY_LINES.sub("\n\n", render_to_string(notice.template, values).strip())
    subject, _, body = text.partition("\n")
    return " ".join(subject.split()), body.lstrip("\n") + "\n"


def _readable(value: Any) -> Any:
    """Points in time as the present language writes them; anything else as it is."""
    return date_format(value.astimezone(UTC), _MOMENT) if isinstance(value, datetime) else value
