"""What the pages of webhooks leave, for each of the three owners."""

from typing import Any

from django.test import Client

from strongroom.kernel import clock
from strongroom.webhooks.models import Webhook
from tests.audit.acts import Act, Left, Mailbox, leaves
from tests.support.people import person
from tests.web.browsing import browser_of, operator
from tests.web.content import publish

PATHS = {
    "account": "/manage/account/webhooks/",
    "project": "/manage/project/strong-box/webhooks/",
    "operate": "/operate/webhooks/",
}
WHO = {
    "account": {"actor": "alice", "subject": "alice"},
    "project": {"actor": "alice", "subject": "", "project": "strong-box"},
    "operate": {"actor": "olga", "subject": ""},
}
OWNERS = {"account": "account", "project": "project", "operate": "instance"}
URL = "https://hooks.example.org/in?key=hunter2"
SHOWN = "https://hooks.example.org/in"
TYPED = {"url": URL, "scope": "some", "events": ["release", "webhook.added", "release.yanked"]}


def owner_of(kind: str) -> Client:
    """The browser of whoever may."""
    if kind == "operate":
        return browser_of(operator())
    alice = person()
    if kind == "project":
        publish(alice)
    return browser_of(alice)


def with_webhook(kind: str, page: str, fields: dict[str, Any]) -> Act:
    """A webhook that was there before, and a form about it."""
    client = owner_of(kind)
    assert client.post(f"{PATHS[kind]}add/", TYPED).status_code == 200
    Webhook.objects.update(failures=3, failing_since=clock.now(), serial=1)
    path = f"{PATHS[kind]}{Webhook.objects.get().public_id}/{page}/"
    return lambda: client.post(path, fields)


def declare_for(kind: str) -> None:
    """A case for each route of an owner."""
    about = {"webhook": ..., "owner": OWNERS[kind], "to": SHOWN}

    def left(tag: str, **details: Any) -> Left:
        return Left(f"webhook.{tag}", **WHO[kind], details=about | details)

    def declare(page: str, expected: Left, **fields: Any) -> None:
        def prepare(_mailbox: Mailbox) -> Act:
            return with_webhook(kind, page, fields)

        leaves(f"{kind}-webhook-{page}", expected)(prepare)

    @leaves(f"{kind}-webhook-add", left("added", events=["release", "webhook.added"], seals=False))
    def add(_mailbox: Mailbox) -> Act:
        client = owner_of(kind)
        return lambda: client.post(f"{PATHS[kind]}add/", TYPED)

    changed = left(
        "changed",
        before_to=SHOWN,
        address_changed=True,
        events=[],
        before_events=["release", "webhook.added"],
        seals=kind == "operate",
        before_seals=False,
        active=False,
        before_active=True,
    )
    elsewhere = {"to": "https://other.example.org/"}
    changed = Left(changed.tag, **WHO[kind], details=changed.details | elsewhere)
    declare("change", changed, url="https://other.example.org/", scope="all", seals="on")
    declare("test", left("tested"))
    declare("resume", left("resumed"))
    declare("replay", left("replayed", first=1), first="1")
    declare("secret", left("secret_rotated"))
    declare("remove", left("removed"))


for _kind in PATHS:
    declare_for(_kind)
