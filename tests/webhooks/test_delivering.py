"""Events are posted in order, signed, as far as their owner may see them, and never skipped."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from standardwebhooks.webhooks import WebhookVerificationError

from strongroom.accounts import standing
from strongroom.accounts.models import User
from strongroom.audit import sealing
from strongroom.audit.models import Entry
from strongroom.audit.proof import seal as proof
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.projects.models import Project
from strongroom.webhooks import changing, owner, sending_again, signing
from strongroom.webhooks.adding import Wish
from strongroom.webhooks.couriers import Couriers
from strongroom.webhooks.models import Delivery, Webhook
from strongroom.webhooks.retries import PAUSES, next_attempt
from tests.support.configuration import configured
from tests.support.patience import SECONDS, until
from tests.support.people import as_user, mails, person
from tests.webhooks.delivering import deliver_due
from tests.webhooks.receiving import (
    Received,
    Receiver,
    again,
    codes,
    happens,
    hook_of_account,
    hook_of_instance,
    hook_of_project,
    project_of,
    receiver,
)


def test_an_event_arrives_with_a_signature_that_the_reference_library_believes(
    alice: User, post: Receiver
) -> None:
    added = hook_of_project(alice, post.url)
    happens(by=as_user(alice))
    assert deliver_due() == 2
    first, second = post.got
    assert [first.message["type"], second.message["type"]] == ["webhook.added", "release.yanked"]
    message = second.verify(added.secret)
    entry = Entry.objects.get(tag="release.yanked")
    assert message["data"]["serial"] == entry.serial
    assert message["data"]["details"]["version"] == "1.0"
    assert message["timestamp"] == message["data"]["time"]
    assert (second.id, second.path) == (f"evt_{entry.serial}", "/hook?key=hunter2")
    assert second.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        second.verify(signing.new_secret())
    delivery = Delivery.objects.get(webhook=added.webhook, serial=entry.serial)
    assert (delivery.message, delivery.tag, delivery.attempt, delivery.status, delivery.code) == (
        second.id, "release.yanked", 1, 204, "",
    )  # fmt: skip
    assert again(added.webhook).serial == entry.serial
    assert deliver_due() == 0


def test_owners_of_a_project_are_told_no_address_and_people_their_own(alice: User, post: Receiver) -> None:
    # AU-11
    hook_of_project(alice, post.url, events=("release",))
    hook_of_account(alice, post.url, events=("release",))
    hook_of_instance(post.url, events=("release",))
    happens(by=as_user(alice))
    assert deliver_due() == 3
    addresses = [(got.message["data"]["address"], got.message["data"]["client"]) for got in post.got]
    seen = ("203.0.113.7", "Firefox on Linux")
    assert sorted(addresses) == [("", ""), seen, seen]


def test_only_what_its_owner_may_see_and_wants_is_sent(alice: User, post: Receiver) -> None:
    mallory = person("mallory")
    project_of(mallory, "loot")
    hook_of_project(mallory, post.url, name="loot", events=("release.yanked",))
    hook_of_account(mallory, post.url, events=("release",))
    happens(by=as_user(alice))
    happens("loot", by=as_user(alice))
    deliver_due()
    assert [got.message["data"]["project"] for got in post.got] == ["loot"]


def test_a_failure_holds_up_what_follows_and_nothing_is_skipped(alice: User, post: Receiver) -> None:
    added = hook_of_project(alice, post.url, events=("release",))
    for version in ("1", "2", "3"):
        happens(version=version, by=as_user(alice))
    post.says(500, b"out of\n\x1b[31morder")
    with clock.frozen(clock.now()):
        assert deliver_due() == 0
        assert deliver_due() == 0  # not yet
        assert len(post.got) == 1
        row = again(added.webhook)
        assert (row.failures, row.failing_since is not None) == (1, True)
        assert timedelta(seconds=4) < row.next_attempt - clock.now() < timedelta(seconds=7)
    post.says(200)
    with clock.shifted(timedelta(seconds=7)):
        assert deliver_due() == 3
    assert [got.message["data"]["details"]["version"] for got in post.got] == ["1", "1", "2", "3"]
    assert post.ids[0] == post.ids[1]
    assert codes(added.webhook) == ["status_500", "", "", ""]
    assert list(Delivery.objects.order_by("pk").values_list("attempt", flat=True)) == [1, 2, 1, 1]
    row = again(added.webhook)
    assert (row.failures, row.failing_since) == (0, None)


def test_the_log_shows_operators_the_answer_in_printable_characters(alice: User, post: Receiver) -> None:
    # AU-07; what machines in private networks answer is not for everybody who can have a webhook
    hook_of_instance(post.url, events=("release",))
    hook_of_project(alice, post.url, events=("release",))
    post.says(500, b"out of\r\n\x1b[31morder" + b"x" * 5000)
    happens(by=as_user(alice))
    deliver_due()
    excerpts = dict(Delivery.objects.values_list("webhook__owner", "excerpt"))
    assert excerpts["instance"].startswith("out of \N{REPLACEMENT CHARACTER}[31morderxxx")
    assert len(excerpts["instance"]) == 512
    assert excerpts["project"] == ""


def test_pauses_grow_and_a_receiver_may_ask_for_longer_ones() -> None:
    now = clock.now()
    with clock.frozen(now):
        waits = [(next_attempt(failures) - now).total_seconds() for failures in range(1, 12)]
        for wait, least in zip(waits, [*PAUSES, *[PAUSES[-1]] * 5], strict=True):
            assert least <= wait <= least * 1.2
        assert 60 <= (next_attempt(1, "60") - now).total_seconds() <= 72
        assert (next_attempt(1, "99999999999999999999") - now) <= timedelta(hours=7.2)
        assert (next_attempt(1, "Fri, 31 Dec 9999 23:59:59 GMT") - now) <= timedelta(hours=7.2)
        for nonsense in (
            "-5",
            "soon",
            "",
            "Fri, 31 Dec 1999 23:59:59 GMT",
            "\N{ARABIC-INDIC DIGIT FIVE}",
            "1e9",
        ):
            assert (next_attempt(1, nonsense) - now).total_seconds() <= 6


def test_retry_after_is_honored(alice: User, post: Receiver) -> None:
    added = hook_of_project(alice, post.url)
    post.says(503, Retry_After="600")
    with clock.frozen(clock.now()):
        deliver_due()
        assert again(added.webhook).next_attempt - clock.now() > timedelta(seconds=590)


def test_after_three_days_it_is_paused_with_a_mail_and_an_event(
    alice: User, post: Receiver, mailoutbox: list[object]
) -> None:
    added = hook_of_project(alice, post.url, events=("release",))
    happens(by=as_user(alice))
    mails(mailoutbox).clear()
    post.says(500)
    spent = timedelta(0)
    while again(added.webhook).paused is None:
        with clock.shifted(spent):
            deliver_due()
            spent = again(added.webhook).next_attempt - clock.now() + spent
    assert timedelta(days=3) < spent < timedelta(days=4)
    assert 17 <= len(post.got) <= 19
    assert set(post.ids) == {post.ids[0]}
    event = Entry.objects.get(tag="webhook.paused")
    assert (event.actor_kind, event.project, event.details["why"]) == ("system", "strongbox", "failing")
    with clock.shifted(spent):
        (mail,) = mails(mailoutbox)
    assert mail.to == ["alice@example.org"]
    assert "status_500" in mail.body
    assert "http://127.0.0.1" in mail.body
    assert "hunter2" not in mail.body
    assert "/manage/project/strongbox/webhooks/" in mail.body
    post.says(200)
    with clock.shifted(spent + timedelta(days=1)):
        assert deliver_due() == 0
        sending_again.resume(
            owner.project("strongbox", by=as_user(alice)), added.webhook.public_id, by=as_user(alice)
        )
        assert deliver_due() == 1
    assert set(post.ids) == {post.ids[0]}


def test_a_receiver_that_is_gone_pauses_it_at_once(
    alice: User, post: Receiver, mailoutbox: list[object]
) -> None:
    added = hook_of_account(alice, post.url)
    mails(mailoutbox).clear()
    post.says(410)
    deliver_due()
    row = again(added.webhook)
    assert (row.paused is not None, row.paused_why) == (True, "gone")
    assert len(mails(mailoutbox)) == 1
    with clock.shifted(timedelta(days=30)):
        assert deliver_due() == 0
    assert len(post.got) == 1


def test_a_redirect_is_a_failure_and_is_not_followed(alice: User, post: Receiver) -> None:
    added = hook_of_project(alice, post.url)
    with receiver(host="127.0.0.2") as elsewhere:
        post.says(302, Location=elsewhere.url)
        deliver_due()
        assert elsewhere.got == []
    assert codes(added.webhook) == ["redirect"]


def test_nothing_is_sent_to_a_network_that_is_not_allowed_any_more(alice: User, post: Receiver) -> None:
    added = hook_of_project(alice, post.url)
    with configured("audit", webhook_networks=()):
        deliver_due()
    Webhook.objects.update(url=post.url.replace("http://", "https://"), next_attempt=clock.now())
    with configured("audit", webhook_networks=("10.0.0.0/8",)):
        deliver_due()
    assert codes(added.webhook) == ["https_required", "address_private"]
    assert post.got == []


def test_a_replay_sends_the_same_events_with_the_same_ids(alice: User, post: Receiver) -> None:
    added = hook_of_project(alice, post.url, events=("release",))
    by = as_user(alice)
    for version in ("1", "2", "3"):
        happens(version=version, by=by)
    deliver_due()
    before, serial = post.ids, int(post.ids[1].removeprefix("evt_"))
    sending_again.replay(owner.project("strongbox", by=by), added.webhook.public_id, first=serial, by=by)
    assert deliver_due() == 2
    assert post.ids == [*before, before[1], before[2]]
    assert Entry.objects.get(tag="webhook.replayed").details["first"] == serial


def test_for_a_day_both_secrets_sign(alice: User, post: Receiver) -> None:
    added = hook_of_project(alice, post.url, events=("release",))
    by = as_user(alice)
    new = changing.rotate_secret(owner.project("strongbox", by=by), added.webhook.public_id, by=by)
    happens(by=by)
    deliver_due()
    assert post.got[0].verify(added.secret) == post.got[0].verify(new)
    with clock.shifted(timedelta(hours=25)):
        happens(by=by)
        deliver_due()
    assert len(post.got[0].headers["webhook-signature"].split()) == 2
    assert len(post.got[1].headers["webhook-signature"].split()) == 1


def test_an_instance_gets_each_seal(alice: User, post: Receiver) -> None:  # AU-12
    added = hook_of_instance(post.url, events=("release",), seals=True)
    happens(by=as_user(alice))
    sealing.seal_all()
    deliver_due()
    assert [got.message["type"] for got in post.got] == ["release.yanked", "audit.seal"]
    message = post.got[1].verify(added.secret)
    seal = proof.from_document(message["data"])
    assert seal.is_genuine()
    assert post.got[1].id == f"seal_{seal.statement.number}"
    assert seal.statement.key == sealing.public_key()
    assert deliver_due() == 0


def test_a_test_message_is_sent_once_also_by_one_that_is_off(alice: User, post: Receiver) -> None:
    added = hook_of_project(alice, post.url)
    by, whose = as_user(alice), owner.project("strongbox", by=as_user(alice))
    changing.change(whose, added.webhook.public_id, Wish(url=post.url, active=False), by=by)
    post.says(500)
    sending_again.send_test(whose, added.webhook.public_id, by=by)
    deliver_due()
    deliver_due()
    assert [got.verify(added.secret)["type"] for got in post.got] == ["webhook.test"]
    row = again(added.webhook)
    assert (row.test_asked, row.failures, row.paused) == (None, 0, None)
    assert codes(row) == ["status_500"]


@pytest.mark.parametrize("stopped", ["disabled", "frozen", "deleted"])
def test_webhooks_of_an_account_stop_with_it_and_those_of_its_projects_stay(
    alice: User, post: Receiver, stopped: str
) -> None:
    bob = person("bob")
    hook_of_account(bob, post.url)
    added = hook_of_project(alice, post.url)
    Webhook.objects.filter(pk=added.webhook.pk).update(created_by=bob)
    if stopped == "disabled":
        standing.disable(bob, by=Actor.console())
    elif stopped == "frozen":
        User.objects.filter(pk=bob.pk).update(frozen=clock.now())
    else:
        bob.delete()
    deliver_due()
    assert [got.message["data"]["project"] for got in post.got] == ["strongbox"]
    assert again(added.webhook).created_by_id == (None if stopped == "deleted" else bob.pk)


def test_webhooks_go_with_their_project(alice: User, post: Receiver) -> None:
    hook_of_project(alice, post.url)
    Project.objects.all().delete()
    assert not Webhook.objects.exists()
    assert deliver_due() == 0
    assert post.got == []


def test_a_secret_that_cannot_be_read_pauses_it(alice: User, post: Receiver) -> None:
    one, other = hook_of_project(alice, post.url).webhook, hook_of_account(alice, post.url).webhook
    Webhook.objects.filter(pk=one.pk).update(secret=other.secret)  # a sealed value opens in no other row
    deliver_due()
    assert again(one).paused_why == "secret_lost"
    assert {got.message["data"]["details"]["owner"] for got in post.got} == {"account"}
    assert Entry.objects.filter(tag="webhook.paused").count() == 1


def test_a_batch_ends_so_that_others_have_their_turn(alice: User, post: Receiver) -> None:
    hook_of_project(alice, post.url, events=("release",))
    for version in range(120):
        happens(version=str(version), by=as_user(alice))
    assert [deliver_due() for _ in range(4)] == [50, 50, 20, 0]
    assert len(set(post.ids)) == 120


def test_no_transaction_is_open_while_a_message_is_on_its_way(alice: User, post: Receiver) -> None:
    """A receiver that writes to the database would wait for ever."""
    wrote: list[int] = []

    def answer(_received: Received) -> tuple[int, dict[str, str], bytes]:
        happens("elsewhere", by=as_user(alice))
        connection.close()
        wrote.append(1)
        return 200, {}, b""

    post.answer = answer
    hook_of_project(alice, post.url)
    assert deliver_due() == 1
    assert wrote == [1]


def test_however_many_receivers_are_slow_the_site_hears_what_happens(alice: User, post: Receiver) -> None:
    with receiver() as slow:
        goes_on = threading.Event()
        slow.answer = lambda _received: (goes_on.wait(SECONDS), (200, {}, b""))[1]
        for _ in range(6):
            hook_of_account(alice, slow.url, events=("release",))
        hook_of_instance(post.url, events=("release",))
        happens(by=as_user(alice))
        Couriers(_with_connection, threads=1).turn()
        until(lambda: post.got)
        assert len(slow.got) < 2
        goes_on.set()
        until(lambda: len(slow.got) == 6 and not Webhook.objects.exclude(lease="").exists())


def _with_connection(job: Callable[[], object]) -> None:
    try:
        job()
    finally:
        connection.close()


def test_one_slow_receiver_does_not_hold_up_others(alice: User, post: Receiver) -> None:
    with receiver() as slow:
        goes_on = threading.Event()
        slow.answer = lambda _received: (goes_on.wait(SECONDS), (200, {}, b""))[1]
        hook_of_account(alice, slow.url)
        hook_of_project(alice, post.url)

        couriers = Couriers(_with_connection, threads=2)
        until(lambda: (couriers.turn(), post.got)[1])  # type: ignore[func-returns-value]
        goes_on.set()
        until(lambda: slow.got and not Webhook.objects.exclude(lease="").exists())
        assert len(slow.ids) == len(set(slow.ids)) == 2
