"""Webhooks that somebody may have set up who had got into an account: they stop when the account does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from strongroom.accounts import panic_link
from strongroom.accounts.models import User
from strongroom.accounts.register import make_operator
from strongroom.audit.models import Entry
from strongroom.audit.settled import settled
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.recovery import finish, links, panic
from strongroom.webhooks import adding, changing, deliver, owner, sending_again
from strongroom.webhooks.adding import MAX_WEBHOOKS, Wish
from strongroom.webhooks.models import Webhook
from tests.recovery.recovering import NEW, WAIT, cast, complete
from tests.support.people import as_user, at_once, mails, person, refusal_of, visitor
from tests.webhooks.delivering import deliver_due
from tests.webhooks.receiving import (
    Receiver,
    again,
    happens,
    hook_of_account,
    hook_of_instance,
    hook_of_project,
)

URL = "https://hooks.example.org/in"
LONG_AGO = timedelta(days=-3)


def freeze(user: User) -> None:
    panic.pull(panic_link.make(user).partition("?token=")[2], by=visitor("198.51.100.9"))


def paused() -> set[str]:
    return set(Webhook.objects.filter(paused__isnull=False).values_list("paused_why", flat=True))


def test_a_thiefs_webhook_does_not_outlive_the_freeze(alice: User, post: Receiver) -> None:
    added = hook_of_account(alice, post.url)
    freeze(alice)
    User.objects.update(frozen=None, thawed=clock.now())
    deliver_due()
    assert post.got == []
    assert again(added.webhook).paused_why == "doubtful"
    (event,) = Entry.objects.filter(tag="webhook.paused")
    assert (event.subject_id, event.actor_kind, event.details["why"]) == (alice.pk, "system", "doubtful")
    by = as_user(alice)
    sending_again.resume(owner.account(by=by), added.webhook.public_id, by=by)
    deliver_due()
    assert [received.message["type"] for received in post.got[:2]] == ["webhook.added", "account.frozen"]


def test_of_projects_and_the_site_those_are_paused_that_were_set_up_since_a_day_before(alice: User) -> None:
    by, whose = as_user(alice), owner.project("strongbox", by=as_user(alice))
    with clock.shifted(LONG_AGO):
        older, changed, rotated = (hook_of_project(alice, URL).webhook for _ in range(3))
        of_site = hook_of_instance(URL).webhook
    newer = hook_of_project(alice, URL).webhook
    of_bob = adding.add(whose, Wish(url=URL), by=as_user(person("bob"))).webhook
    changing.change(whose, changed.public_id, Wish(url="https://mallory.example/"), by=by)
    changing.rotate_secret(whose, rotated.public_id, by=by)
    freeze(alice)
    assert {row.pk for row in Webhook.objects.filter(paused_why="doubtful")} == {
        newer.pk,
        changed.pk,
        rotated.pk,
    }
    assert not any(again(row).paused for row in (older, of_site, of_bob))


def test_whoever_keeps_a_paused_webhook_is_told_why(alice: User, mailoutbox: list[Any]) -> None:
    hook_of_project(alice, f"{URL}?key=hunter2")
    freeze(alice)
    told = [mail.body for mail in mails(mailoutbox) if "webhook" in mail.subject]
    assert len(told) == 1
    assert "frozen or recovered" in told[0]
    assert "hunter2" not in told[0]


@pytest.mark.django_db(transaction=True)
def test_a_recovery_pauses_the_webhooks_of_the_account(mailoutbox: list[Any]) -> None:
    everybody = cast()
    mails(mailoutbox).clear()
    hook_of_account(everybody.alice, URL)
    hook_of_account(everybody.bob, URL)
    recovery = complete(mailoutbox, everybody)
    with clock.shifted(WAIT):
        finish.finish(links.to_finish(recovery).partition("token=")[2], NEW, by=visitor())
    states = Webhook.objects.order_by("pk").values_list("user__username", "paused_why")
    assert list(states) == [("alice", "doubtful"), ("bob", "")]


ACTS: dict[str, Callable[[Any, Any, Actor], object]] = {
    "added": lambda whose, _which, by: adding.add(whose, Wish(url=URL), by=by),
    "changed": lambda whose, which, by: changing.change(whose, which, Wish(url=f"{URL}/2"), by=by),
    "secret_rotated": lambda whose, which, by: changing.rotate_secret(whose, which, by=by),
    "replayed": lambda whose, which, by: sending_again.replay(whose, which, first=1, by=by),
    "resumed": lambda whose, which, by: sending_again.resume(whose, which, by=by),
    "tested": lambda whose, which, by: sending_again.send_test(whose, which, by=by),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_frozen_account_sets_nothing_up(alice: User, act: str) -> None:
    with clock.shifted(LONG_AGO):
        hook = hook_of_project(alice, URL).webhook
    Webhook.objects.update(failures=3)
    by, whose = as_user(alice), owner.project("strongbox", by=as_user(alice))
    freeze(alice)
    before = list(Webhook.objects.values())
    assert refusal_of(lambda: ACTS[act](whose, hook.public_id, by)) == "account_frozen"
    assert list(Webhook.objects.values()) == before
    (event,) = Entry.objects.filter(tag=f"webhook.{act}", outcome="refused")
    assert (event.reason, event.project, event.actor_id) == ("account_frozen", "strongbox", alice.pk)


def test_a_frozen_account_can_remove_a_webhook(alice: User) -> None:
    hook, by = hook_of_account(alice, URL).webhook, as_user(alice)
    freeze(alice)
    changing.remove(owner.account(by=by), hook.public_id, by=by)
    assert not Webhook.objects.exists()


def test_an_account_without_a_verified_address_has_no_webhooks(alice: User) -> None:
    alice.addresses.update(verified=None)
    assert refusal_of(lambda: hook_of_account(alice, URL)) == "email_unverified"
    assert refusal_of(lambda: hook_of_project(alice, URL)) == "email_unverified"
    assert not Webhook.objects.exists()
    assert Entry.objects.filter(tag="webhook.added", reason="email_unverified").count() == 2


def test_changes_are_bounded(alice: User) -> None:  # AU-06
    hook, by = hook_of_account(alice, URL).webhook, as_user(alice)
    whose = owner.account(by=by)
    for number in range(120):
        changing.change(whose, hook.public_id, Wish(url=f"{URL}/{number}"), by=by)
    over = Wish(url=f"{URL}/over")
    assert refusal_of(lambda: changing.change(whose, hook.public_id, over, by=by)) == "too_many_attempts"
    assert refusal_of(lambda: changing.rotate_secret(whose, hook.public_id, by=by)) == "too_many_attempts"
    assert again(hook).url == f"{URL}/119"


def test_operators_who_add_at_once_have_ten_for_the_site_in_all(alice: User) -> None:
    make_operator(alice, by=Actor.console())
    outcomes = at_once([lambda: hook_of_instance(URL)] * 16)
    assert [getattr(outcome, "code", "") for outcome in outcomes].count("webhooks_too_many") == 6
    assert Webhook.objects.count() == MAX_WEBHOOKS


def test_what_happens_while_a_webhook_is_widened_is_not_passed_over(
    alice: User, post: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cursor moves over what it did not want; not over what it has come to want meanwhile."""
    hook = hook_of_account(alice, post.url, events=("session",)).webhook
    by = as_user(alice)

    def later() -> int | None:
        if not Entry.objects.filter(tag="webhook.changed").exists():
            changing.change(owner.account(by=by), hook.public_id, Wish(url=post.url), by=by)
            happens(by=by)
        return settled()

    monkeypatch.setattr(deliver, "_FAR", 0)
    monkeypatch.setattr(deliver, "settled", later)
    deliver_due()
    deliver_due()
    assert "release.yanked" in [received.message["type"] for received in post.got]
