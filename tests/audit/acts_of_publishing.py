"""What the pages of projects, of publishers and of operators leave."""

from typing import Any

from django.test import Client

from strongroom.accounts.models import User
from strongroom.projects import access
from strongroom.trust.models import Issuer, PendingPublisher, Publisher
from tests.audit.acts import Act, Left, Mailbox, leaves
from tests.support.people import person
from tests.trust.trusting import GITHUB, provider, trusted
from tests.web.browsing import browser_of, operator, text_of
from tests.web.content import publish
from tests.web.test_confirming_publishers import hidden_in

PROJECT = "/manage/project/strong-box/"
PUBLISHING = f"{PROJECT}publishing/"
PENDING = "/manage/account/publishing/"
IDENTITY = {
    "provider": "github",
    "identity-owner": "acme",
    "identity-repository": "widget",
    "identity-workflow": "release.yml",
}
ISSUER = {
    "url": "https://ci.example.com",
    "name": "Forge",
    "kind": "generic",
    "claims": "repository",
    "rules": "event_name = push",
    "pins": "repository_id",
    "static_keys": "",
}
IN_BOX = {"subject": "", "project": "strong-box"}


def owner() -> tuple[User, Client]:
    """Alice, who owns Strong.Box, and her browser."""
    alice = person()
    publish(alice)
    return alice, browser_of(alice)


def publisher(alice: User) -> Publisher:
    provider()
    return trusted(alice, access.owned_by(alice.pk, "strong-box"))


def through_page(client: Client, path: str, **typed: str) -> Any:
    """Send the form of the page with what stands hidden in it."""
    return client.post(path, {**hidden_in(text_of(client.get(path))), **typed})


@leaves(
    "release-yank",
    Left(
        "release.yanked", project="strong-box", details={"version": "1.0", "filename": "", "reason": "broken"}
    ),
)
def yank(_mailbox: Mailbox) -> Act:
    _alice, client = owner()
    return lambda: client.post(f"{PROJECT}releases/1.0/yank/", {"reason": "broken"})


@leaves(
    "release-unyank",
    Left("release.unyanked", project="strong-box", details={"version": "1.0", "filename": ""}),
)
def unyank(_mailbox: Mailbox) -> Act:
    _alice, client = owner()
    client.post(f"{PROJECT}releases/1.0/yank/", {"reason": "broken"})
    return lambda: client.post(f"{PROJECT}releases/1.0/unyank/", {})


@leaves(
    "project-settings",
    Left(
        "project.publishing_switched",
        project="strong-box",
        details={"level": "tokens", "before": "passwords"},
    ),
)
def switch_project(_mailbox: Mailbox) -> Act:
    _alice, client = owner()
    return lambda: client.post(f"{PROJECT}settings/", {"level": "tokens"})


@leaves(
    "project-publishing",
    Left("publisher.added", **IN_BOX, details={"publisher": ..., "issuer": ..., "pending": False}),
)
def add_publisher(_mailbox: Mailbox) -> Act:
    _alice, client = owner()
    return lambda: client.post(PUBLISHING, IDENTITY)


@leaves(
    "publisher-remove",
    Left("publisher.removed", **IN_BOX, details={"publisher": ..., "issuer": GITHUB, "tokens": 0}),
)
def remove_publisher(_mailbox: Mailbox) -> Act:
    alice, client = owner()
    path = f"{PUBLISHING}{publisher(alice).pk}/remove/"
    return lambda: client.post(path)


@leaves(
    "publisher-confirm",
    Left(
        "publisher.confirmed",
        **IN_BOX,
        details={"publisher": ..., "issuer": GITHUB, "why": "resurrected", "before": ...},
    ),
)
def confirm_publisher(_mailbox: Mailbox) -> Act:
    alice, client = owner()
    row = publisher(alice)
    Publisher.objects.filter(pk=row.pk).update(noticed="resurrected")
    return lambda: through_page(client, f"{PUBLISHING}{row.pk}/confirm/")


@leaves(
    "publisher-constrain",
    Left(
        "publisher.constrained",
        **IN_BOX,
        details={"publisher": ..., "issuer": GITHUB, "environment": "release", "before": ...},
    ),
)
def constrain_publisher(_mailbox: Mailbox) -> Act:
    alice, client = owner()
    row = publisher(alice)
    Publisher.objects.filter(pk=row.pk).update(last_environment="release")
    return lambda: through_page(client, f"{PUBLISHING}{row.pk}/constrain/", environment="release")


@leaves(
    "account-publishing",
    Left("publisher.pending_added", details={"name": "gizmo", "publisher": ..., "issuer": ...}),
)
def add_pending(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: client.post(PENDING, {**IDENTITY, "name": "Gizmo"})


@leaves(
    "pending-remove",
    Left(
        "publisher.pending_removed",
        details={"name": "gizmo", "publisher": ..., "issuer": ..., "why": "removed"},
    ),
)
def remove_pending(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    client.post(PENDING, {**IDENTITY, "name": "Gizmo"})
    row = PendingPublisher.objects.get()
    return lambda: client.post(f"{PENDING}{row.pk}/remove/")


@leaves(
    "operate-may-publish",
    Left(
        "uploads.publishing_switched",
        actor="olga",
        subject="",
        details={"level": "tokens", "before": "passwords"},
    ),
)
def switch_for_all(_mailbox: Mailbox) -> Act:
    olga = browser_of(operator())
    return lambda: olga.post("/operate/may-publish/", {"level": "tokens"})


@leaves(
    "operate-issuers",
    Left(
        "issuer.added",
        actor="olga",
        subject="",
        details={
            "url": "https://ci.example.com",
            "name": "Forge",
            "kind": "generic",
            "fields": ["repository"],
            "rules": {"event_name": "push"},
            "pins": ["repository_id"],
        },
    ),
)
def add_issuer(_mailbox: Mailbox) -> Act:
    olga = browser_of(operator())
    return lambda: olga.post("/operate/issuers/", ISSUER)


@leaves(
    "operate-issuer-remove",
    Left(
        "issuer.removed",
        actor="olga",
        subject="",
        details={"url": "https://ci.example.com", "name": "Forge", "kind": "generic"},
    ),
)
def remove_issuer(_mailbox: Mailbox) -> Act:
    olga = browser_of(operator())
    olga.post("/operate/issuers/", ISSUER)
    row = Issuer.objects.get()
    return lambda: olga.post(f"/operate/issuers/{row.pk}/remove/")
