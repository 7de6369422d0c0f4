"""Webhooks are managed by their owners alone, who have proved lately who they are."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from strongroom.kernel import clock
from strongroom.projects.models import Role
from strongroom.signin.models import Session
from strongroom.webhooks.models import Webhook
from tests.support.people import person
from tests.web.browsing import browser_of, location_of, main_of, operator, refused_in, text_of
from tests.web.content import publish
from tests.web.test_webhook_pages import KINDS, PATHS, TYPED, URL, keeper
from tests.webhooks.receiving import hook_of_account, hook_of_instance, hook_of_project

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["", "change/", "test/", "resume/", "replay/", "secret/", "remove/"])
def test_those_of_other_owners_are_nobody_s(page: str) -> None:  # D6
    alice = person()
    publish(alice)
    bob = operator("bob")
    publish(bob, "Other")
    hooks = {
        "account": hook_of_account(alice, URL).webhook,
        "project": hook_of_project(alice, URL, name="strong-box").webhook,
        "operate": hook_of_instance(URL).webhook,
    }
    before = list(Webhook.objects.order_by("pk").values())
    mine = {**PATHS, "project": "/manage/project/other/webhooks/"}
    client = browser_of(bob)
    for kind, path in mine.items():
        for owner, hook in hooks.items():
            if kind == owner == "operate":
                continue
            for method in (client.get, client.post):
                answer = method(f"{path}{hook.public_id}/{page}")
                assert answer.status_code == (405 if not page and method == client.post else 404), (
                    kind,
                    owner,
                )
    assert list(Webhook.objects.order_by("pk").values()) == before


def test_who_is_no_owner_any_more_manages_none_of_a_project() -> None:
    at = keeper("project")
    hook_of_project(at.user, URL, name="strong-box")
    before = list(Webhook.objects.values())
    Role.objects.filter(user=at.user).update(kind=Role.Kind.MAINTAINER)
    for path in (at.path, f"{at.path}add/", at.one(), f"{at.one()}remove/", f"{at.one()}replay/"):
        assert refused_in(at.client.get(path)) == "project_not_owned"
    for page in ("change", "test", "resume", "replay", "secret", "remove"):
        answer = at.client.post(f"{at.one()}{page}/", TYPED | {"first": "1"})
        assert (answer.status_code, refused_in(answer)) == (403, "project_not_owned")
    Role.objects.filter(user=at.user).delete()
    assert refused_in(at.client.get(at.one())) == "project_not_yours"
    assert list(Webhook.objects.values()) == before


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("add", "Add a webhook to https://hooks.example.org/in."),
        ("change", "Change the webhook to https://hooks.example.org/in: it is off, and its address is"),
        ("test", "Send a test message to https://hooks.example.org/in."),
        ("resume", "Let the webhook to https://hooks.example.org/in go on."),
        ("replay", "Send the events from number 1 on once more to https://hooks.example.org/in."),
        ("secret", "Make a new secret for the webhook to https://hooks.example.org/in."),
        ("remove", "Remove the webhook to https://hooks.example.org/in."),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_asked_for_is_kept_while_somebody_proves_who_they_are(
    kind: str, page: str, said: str
) -> None:  # SU-06
    at = keeper(kind)
    at.client.post(f"{at.path}add/", TYPED)
    before = list(Webhook.objects.values())
    Session.objects.update(proven=clock.now() - timedelta(minutes=11))
    path = f"{at.path}add/" if page == "add" else f"{at.one()}{page}/"
    typed = TYPED | {"scope": "some", "events": ["release"], "first": "1"}
    (onward,) = parse_qs(urlsplit(location_of(at.client.post(path, typed))).query)["next"]
    assert "hunter2" not in onward
    assert list(Webhook.objects.values()) == before
    Session.objects.update(proven=clock.now())
    shown = main_of(at.client.get(onward))
    assert said in shown
    assert f'action="{path}"' in shown
    assert ("Releases: all of it" in shown) is (page in {"add", "change"})
    assert ("This sends" in shown) is (page == "replay")


def test_links_lead_to_the_webhooks() -> None:
    at = keeper("project")
    assert PATHS["account"] in text_of(at.client.get("/manage/account/"))
    assert at.path in text_of(at.client.get("/manage/project/strong-box/settings/"))
    assert PATHS["operate"] in text_of(browser_of(operator()).get("/operate/"))
    assert location_of(at.client.get("/manage/project/Strong.Box/webhooks/")) == at.path
    bob = person("bob")
    Role.objects.create(project_id=Role.objects.get().project_id, user=bob, kind=Role.Kind.MAINTAINER)
    assert at.path not in text_of(browser_of(bob).get("/manage/project/strong-box/settings/"))
