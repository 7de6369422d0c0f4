"""One request with one message."""

from dataclasses import dataclass
from datetime import datetime

from strongroom.audit.trail import printable
from strongroom.kernel import clock
from strongroom.kernel.outward import Answer, Outward, Unsent
from strongroom.kernel.secrets import Secret
from strongroom.webhooks import signing
from strongroom.webhooks.find import has_two_secrets
from strongroom.webhooks.message import Message
from strongroom.webhooks.models import MAX_EXCERPT, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. ``code`` is empty where it was taken; ``time`` is when it was sent, ``took`` in milliseconds."""

    code: str
    time: datetime
    took: int = 0
    status: int | None = None
    excerpt: str = ""
    retry_after: str = ""

    @classmethod
    def unsent(cls, code: str) -> "Outcome":
        """Nothing was sent, for the reason ``code``."""
        return cls(code=code, time=clock.now())


def post(webhook: Webhook, message: Message, way: Outward) -> Outcome:
    """Sign and send a message; raises ``Unsealable`` where the secret cannot be read."""
    body, secrets, now = message.body(), _secrets(webhook), clock.now()
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "strongroom",
        "webhook-id": message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.signature(secrets, message=message.id, timestamp=timestamp, body=body),
    }
    begun = clock.monotonic()
    try:
        answer = way.post(webhook.url, body, headers=headers)
    except Unsent as error:
        return Outcome(code=error.failure.value, time=now, took=_since(begun))
    return Outcome(
        code=answer.code,
        time=now,
        took=_since(begun),
        status=answer.status,
        excerpt=_excerpt(answer, webhook),
        retry_after=answer.headers.get("retry-after", ""),
    )


def _secrets(webhook: Webhook) -> list[Secret]:
    secrets = [signing.unseal(webhook.secret, webhook)]
    if webhook.secret_before is not None and has_two_secrets(webhook):
        secrets.append(signing.unseal(webhook.secret_before, webhook))
    return secrets


def _excerpt(answer: Answer, webhook: Webhook) -> str:
    """What machines in private networks answer is for the operators, not for everybody who can have a webhook."""
    if answer.is_private and webhook.owner != Webhook.Owner.INSTANCE:
        return ""
    return printable(" ".join(answer.body.decode("utf-8", "replace").split()))[:MAX_EXCERPT]


def _since(begun: float) -> int:
    return round((clock.monotonic() - begun) * 1000)
