"""Webhooks are added, changed and removed by their owners alone, and each act says so in the trail."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.projects.models import Project, Role
from strongroom.webhooks import adding, addresses, changing, find, owner, sending_again
from strongroom.webhooks.adding import MAX_WEBHOOKS, Wish
from strongroom.webhooks.models import Webhook
from tests.support.configuration import configured
from tests.support.people import as_user, at_once, person, refusal_of, visitor
from tests.webhooks.receiving import again, hook_of_account, hook_of_instance, hook_of_project

URL = "https://hooks.example.org/in/box?key=hunter2"
SHOWN = "https://hooks.example.org/in/box"


def events() -> list[Entry]:
    return list(Entry.objects.filter(tag__startswith="webhook.").order_by("serial"))


def test_adding_one_says_so_without_its_secret(alice: User) -> None:
    added = hook_of_project(alice, URL, events=("release", "file.uploaded", "release"))
    assert added.secret.startswith("whsec_")
    (event,) = events()
    assert (event.tag, event.outcome, event.actor_id, event.project) == (
        "webhook.added",
        "done",
        alice.pk,
        "strongbox",
    )
    assert event.details == {
        "webhook": str(added.webhook.public_id),
        "owner": "project",
        "to": SHOWN,
        "events": ["file.uploaded", "release"],
        "seals": False,
    }
    row = again(added.webhook)
    assert (row.wanted, row.created_by_id, row.active) == (["file.uploaded", "release"], alice.pk, True)
    assert row.serial < event.serial
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM webhooks_webhook")
        assert added.secret.removeprefix("whsec_") not in str(
            [bytes(v) if isinstance(v, memoryview) else v for v in cursor.fetchone()]
        )


@pytest.mark.parametrize(("url", "code"), [
    ("", "webhook_address_invalid"),
    ("hooks.example.org", "webhook_address_invalid"),
    ("https://[::1", "webhook_address_invalid"),
    ("https://hooks.example.org/" + "a/" * 100_000, "webhook_address_invalid"),
    ("https://alice:hunter2@hooks.example.org/", "webhook_address_invalid"),
    ("https://hooks.example.org/#a", "webhook_address_invalid"),
    ("https://hooks.example.org/\x00", "webhook_address_invalid"),
    ("https://hooks.example.org:25/", "webhook_port_refused"),
    ("http://hooks.example.org/", "webhook_https_required"),
    ("https://127.0.0.1/", "webhook_address_private"),
    ("https://[::ffff:10.0.0.1]/", "webhook_address_private"),
    ("https://169.254.169.254/latest/", "webhook_address_private"),
])  # fmt: skip
def test_an_address_that_cannot_be_is_refused(alice: User, url: str, code: str) -> None:
    with configured("audit", webhook_networks=()):
        assert refusal_of(lambda: hook_of_project(alice, url)) == code
    (event,) = events()
    assert (event.outcome, event.reason) == ("refused", code)
    assert "hunter2" not in event.personal
    assert len(event.personal) < 300
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "wanted", ["relase", "release.", ".yanked", "release.yanked.x", "webhook.test", "%", "a\x00"]
)
def test_events_that_there_are_not_are_refused(alice: User, wanted: str) -> None:
    assert refusal_of(lambda: hook_of_project(alice, URL, events=(wanted,))) == "webhook_events_unknown"
    assert not Webhook.objects.exists()


def test_seals_are_for_the_instance_alone(alice: User) -> None:
    by = as_user(alice)
    wish = Wish(url=URL, seals=True)
    assert refusal_of(lambda: adding.add(owner.account(by=by), wish, by=by)) == "webhook_seals_of_instance"
    added = hook_of_account(alice, URL)
    with pytest.raises(IntegrityError), transaction.atomic():
        Webhook.objects.filter(pk=added.webhook.pk).update(sends_seals=True)


def test_a_row_has_exactly_one_owner(alice: User) -> None:
    project = hook_of_project(alice, URL).webhook
    account = hook_of_account(alice, URL).webhook
    wrong: list[tuple[Webhook, dict[str, Any]]] = [
        (project, {"project": None}),
        (project, {"user": alice}),
        (project, {"owner": "instance"}),
        (account, {"user": None}),
        (account, {"owner": "instance"}),
        (account, {"owner": "project"}),
    ]
    for row, values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Webhook.objects.filter(pk=row.pk).update(**values)


def test_only_owners_manage_those_of_a_project_and_operators_those_of_the_instance(alice: User) -> None:
    bob, mallory = person("bob"), person("mallory")
    Role.objects.create(project=Project.objects.get(), user=bob, kind=Role.Kind.MAINTAINER)
    assert refusal_of(lambda: owner.project("strongbox", by=as_user(bob))) == "project_not_owned"
    for by in (as_user(mallory), visitor()):
        assert refusal_of(lambda by=by: owner.project("strongbox", by=by)) == "project_not_yours"
    for by in (as_user(alice), visitor(), Actor.system()):
        assert refusal_of(lambda by=by: owner.instance(by=by)) == "not_operator"
    assert refusal_of(lambda: owner.account(by=visitor())) == "account_missing"
    User.objects.filter(pk=bob.pk).update(is_operator=True)
    assert owner.instance(by=as_user(bob)).kind == "instance"
    User.objects.filter(pk=bob.pk).update(disabled=True)
    assert refusal_of(lambda: owner.instance(by=as_user(bob))) == "not_operator"


def test_nobody_reaches_a_webhook_of_another_owner(alice: User) -> None:  # D6
    mallory = person("mallory")
    foreign = [
        hook_of_project(alice, URL).webhook,
        hook_of_account(alice, URL).webhook,
        hook_of_instance(URL).webhook,
    ]
    by = as_user(mallory)
    mine = owner.account(by=by)
    before = list(Webhook.objects.order_by("pk").values())
    for hook in foreign:
        acts: list[Callable[[], object]] = [
            lambda hook=hook: find.one(mine, hook.public_id),
            lambda hook=hook: changing.change(mine, hook.public_id, Wish(url=URL), by=by),
            lambda hook=hook: changing.remove(mine, hook.public_id, by=by),
            lambda hook=hook: changing.rotate_secret(mine, hook.public_id, by=by),
            lambda hook=hook: sending_again.replay(mine, hook.public_id, first=1, by=by),
            lambda hook=hook: sending_again.resume(mine, hook.public_id, by=by),
            lambda hook=hook: sending_again.send_test(mine, hook.public_id, by=by),
        ]
        assert {refusal_of(act) for act in acts} == {"webhook_missing"}
    assert refusal_of(lambda: find.one(mine, "no uuid")) == "webhook_missing"
    assert list(Webhook.objects.order_by("pk").values()) == before
    assert find.of(mine) == []


def test_there_are_at_most_ten_of_one_owner_however_many_are_added_at_once(alice: User) -> None:
    outcomes = at_once([lambda: hook_of_project(alice, URL)] * 16)
    assert [getattr(outcome, "code", "") for outcome in outcomes].count("webhooks_too_many") == 6
    assert Webhook.objects.count() == MAX_WEBHOOKS
    hook_of_account(alice, URL)


def test_a_change_says_what_was_and_what_is(alice: User) -> None:  # AU-05
    added = hook_of_project(alice, URL)
    by, whose = as_user(alice), owner.project("strongbox", by=as_user(alice))
    wish = Wish(url="https://other.example.org/", events=("release",), active=False)
    changing.change(whose, added.webhook.public_id, wish, by=by)
    changing.change(whose, added.webhook.public_id, wish, by=by)  # nothing changes
    (event,) = Entry.objects.filter(tag="webhook.changed")
    assert event.details == {
        "webhook": str(added.webhook.public_id), "owner": "project",
        "to": "https://other.example.org/", "before_to": SHOWN, "address_changed": True,
        "events": ["release"], "before_events": [], "seals": False, "before_seals": False,
        "active": False, "before_active": True,
    }  # fmt: skip
    row = again(added.webhook)
    assert (row.url, row.wanted, row.active) == (wish.url, ["release"], False)
    with configured("audit", webhook_networks=()):
        bad = Wish(url="http://other.example.org/")
        assert (
            refusal_of(lambda: changing.change(whose, row.public_id, bad, by=by)) == "webhook_https_required"
        )
    assert again(row).url == wish.url


def test_each_act_has_its_event_and_none_has_a_secret(alice: User) -> None:  # AU-03, AU-10
    added = hook_of_account(alice, URL)
    by, whose, which = as_user(alice), owner.account(by=as_user(alice)), added.webhook.public_id
    secret = changing.rotate_secret(whose, which, by=by)
    assert secret != added.secret
    sending_again.replay(whose, which, first=1, by=by)
    sending_again.send_test(whose, which, by=by)
    sending_again.resume(whose, which, by=by)  # it was not paused: nothing happens
    Webhook.objects.update(paused=clock.now(), failures=9)
    sending_again.resume(whose, which, by=by)
    changing.remove(whose, which, by=by)
    assert [event.tag.partition(".")[2] for event in events()] == [
        "added", "secret_rotated", "replayed", "tested", "resumed", "removed",
    ]  # fmt: skip
    for event in events():
        assert (event.subject_id, event.actor_id, event.details["to"]) == (alice.pk, alice.pk, SHOWN)
        text = json.dumps([event.facts, event.personal])
        assert not any(word in text for word in ("hunter2", added.secret[6:], secret[6:]))
    assert not Webhook.objects.exists()


def test_all_webhooks_of_an_account_can_go_with_it(alice: User) -> None:
    for _ in range(2):
        hook_of_account(alice, URL)
    hook_of_project(alice, URL)
    changing.remove_all(alice.pk, by=as_user(alice))
    assert [hook.owner for hook in Webhook.objects.all()] == ["project"]
    assert Entry.objects.filter(tag="webhook.removed", subject_id=alice.pk).count() == 2


def test_too_many_tests_and_replays_are_refused(alice: User) -> None:
    which, by = hook_of_account(alice, URL).webhook.public_id, as_user(alice)
    whose = owner.account(by=by)
    for _ in range(20):
        sending_again.send_test(whose, which, by=by)
        sending_again.replay(whose, which, first=1, by=by)
    assert refusal_of(lambda: sending_again.send_test(whose, which, by=by)) == "too_many_attempts"
    assert refusal_of(lambda: sending_again.replay(whose, which, first=1, by=by)) == "too_many_attempts"


@pytest.mark.parametrize(("url", "shown"), [
    ("https://hooks.example.org", "https://hooks.example.org"),
    ("https://hooks.example.org:8443/a/b?c=d", "https://hooks.example.org:8443/a/b"),
    ("https://chat.example/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
     "https://chat.example/services/T00000000/B00000000/XXXX…"),
])  # fmt: skip
def test_what_may_be_secret_in_an_address_is_not_shown(url: str, shown: str) -> None:  # AU-10
    assert addresses.shown(url) == shown
