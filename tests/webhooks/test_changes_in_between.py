"""What people change while messages are being sent counts from the next message on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import pytest

from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.webhooks import changing, deliver, owner, pausing, sending_again
from strongroom.webhooks.adding import Added, Wish
from strongroom.webhooks.models import Webhook
from tests.support.people import as_user
from tests.webhooks.delivering import deliver_due
from tests.webhooks.receiving import Receiver, happens, hook_of_account


def before_message(number: int, act: Callable[[], object]) -> AbstractContextManager[Any]:
    """A context in which ``act`` happens right before the webhook is looked at again for the ``number``-th message."""
    looked, is_still = [0], deliver._is_still

    def look(*given: Any) -> bool:
        looked[0] += 1
        if looked[0] == number:
            act()
        return is_still(*given)

    return patch.object(deliver, "_is_still", look)


@pytest.fixture
def added(alice: User, post: Receiver) -> Added:
    """A webhook of alice that has three events before it."""
    made = hook_of_account(alice, post.url, events=("release",))
    for version in ("1", "2", "3"):
        happens(version=version, by=as_user(alice))
    return made


def versions(post: Receiver) -> list[str]:
    return [got.message["data"]["details"]["version"] for got in post.got]


def test_a_replay_between_two_messages_begins_where_it_says(
    alice: User, post: Receiver, added: Added
) -> None:
    by = as_user(alice)

    def replay() -> None:
        sending_again.replay(owner.account(by=by), added.webhook.public_id, first=1, by=by)

    with before_message(2, replay):
        assert deliver_due() == 1
    assert deliver_due() == 3
    assert versions(post) == ["1", "1", "2", "3"]


def frozen(user: User, _added: Added) -> None:
    User.objects.filter(pk=user.pk).update(frozen=clock.now())


def disabled(user: User, _added: Added) -> None:
    User.objects.filter(pk=user.pk).update(disabled=True)


def switched_off(user: User, added: Added) -> None:
    by = as_user(user)
    wish = Wish(url=added.webhook.url, events=("release",), active=False)
    changing.change(owner.account(by=by), added.webhook.public_id, wish, by=by)


def removed(user: User, added: Added) -> None:
    changing.remove(owner.account(by=as_user(user)), added.webhook.public_id, by=as_user(user))


def paused(_user: User, added: Added) -> None:
    pausing.pause(Webhook.objects.get(pk=added.webhook.pk), "gone", code="status_410")


@pytest.mark.parametrize("change", [frozen, disabled, switched_off, removed, paused])
def test_a_webhook_that_is_stopped_sends_nothing_after_the_message_in_hand(
    change: Callable[[User, Added], None], alice: User, post: Receiver, added: Added
) -> None:
    with before_message(2, lambda: change(alice, added)):
        assert deliver_due() == 1
    assert deliver_due() == 0
    assert versions(post) == ["1"]


def test_another_address_counts_from_the_next_message_on(alice: User, post: Receiver, added: Added) -> None:
    by = as_user(alice)
    wish = Wish(url=added.webhook.url.replace("/hook", "/other"), events=("release",))

    def move() -> None:
        changing.change(owner.account(by=by), added.webhook.public_id, wish, by=by)

    with before_message(2, move):
        assert deliver_due() == 3
    assert [got.path.partition("?")[0] for got in post.got] == ["/hook", "/other", "/other"]
