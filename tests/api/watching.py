"""Programs that watch: their tokens, and what they ask."""

from typing import Any

from django.db import transaction

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.publish.events import PublisherRefused
from tests.api.asking import bearer
from tests.api.calling import Api, refused
from tests.tokens.making import token_for

EVENTS = "/api/audit/events"


def auditing_token(user: User, **asked: Any) -> str:
    return str(token_for(user, name="watcher", actions=("audit",), **asked).secret)


def make_operator(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_operator=True)


def happen(by: Actor, *, subject: int | None = None, project: str = "", times: int = 1) -> None:
    for _ in range(times):
        with transaction.atomic():
            trail.record(PublisherRefused(subject_id=subject, project=project, method="test"), by=by)


def read(api: Api, token: str, query: str = "") -> dict[str, Any]:
    answer = api.get(f"{EVENTS}?{query}", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def refusal(api: Api, token: str, query: str = "", *, path: str = EVENTS) -> tuple[int, str]:
    """Status and code; nothing of the trail is in the answer."""
    answer = api.get(f"{path}?{query}", headers=bearer(token))
    assert set(answer.json()) <= {"message", "code", "errors"}
    return refused(answer)


def serials(page: dict[str, Any]) -> list[int]:
    return [event["serial"] for event in page["events"]]
