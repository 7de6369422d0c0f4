"""Limits: an attempt is spent before it is evaluated."""

from datetime import timedelta
from functools import partial

import pytest

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.throttle.limits import Limit, address_block, forget, spend, sweep
from strongroom.throttle.models import Bucket
from tests.support.people import at_once, refusal_of

pytestmark = pytest.mark.django_db
THREE = Limit("test", count=3, seconds=60)


def test_what_is_beyond_the_limit_is_refused_until_the_window_ends() -> None:
    with clock.frozen(clock.now()):
        for _ in range(3):
            spend("alice", THREE)
        with clock.shifted(timedelta(seconds=20)), pytest.raises(Refused) as caught:
            spend("alice", THREE)
        assert (caught.value.code, caught.value.retry_after) == ("too_many_attempts", 40)
        with clock.shifted(timedelta(seconds=60)):
            spend("alice", THREE)


def test_trying_on_does_not_lengthen_the_lock() -> None:
    with clock.frozen(clock.now()):
        for second in range(59):
            with clock.shifted(timedelta(seconds=second)):
                if second < 3:
                    spend("alice", THREE)
                else:
                    assert refusal_of(lambda: spend("alice", THREE)) == "too_many_attempts"
        with clock.shifted(timedelta(seconds=60)):
            spend("alice", THREE)


def test_keys_and_scopes_do_not_collide() -> None:  # RL-06
    other = Limit("test:alice", count=1, seconds=60)
    for _ in range(3):
        spend("alice", THREE)
    spend("bob", THREE)
    spend("", other)
    spend("alice:", THREE)
    assert Bucket.objects.count() == 4


def test_forgetting_gives_all_attempts_back() -> None:
    for _ in range(3):
        spend("alice", THREE)
    forget("alice", THREE)
    spend("alice", THREE)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("2001:db8:1:2:3::1", "2001:db8:1:2:ffff::9", True),  # RL-05
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("", "", True),
    ],
)
def test_an_ipv6_household_is_one_address(left: str, right: str, same: bool) -> None:
    assert (address_block(left) == address_block(right)) is same


@pytest.mark.parametrize("key", ["", "a\0b", "\ud800", "x" * 100_000])
def test_every_text_is_a_key(key: str) -> None:
    for _ in range(3):
        spend(key, THREE)
    assert refusal_of(lambda: spend(key, THREE)) == "too_many_attempts"


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_forty_at_once_spend_exactly_the_limit() -> None:  # RL-01
    ten = Limit("test", count=10, seconds=3600)
    for round_ in range(5):
        answers = at_once([partial(spend, f"alice{round_}", ten)] * 40)
        assert sum(answer is None for answer in answers) == 10


def test_counters_are_swept_once_they_say_nothing_and_those_in_a_row_never() -> None:  # RL-02
    spend("alice", THREE, Limit("test-row", count=100, seconds=10**9))
    assert sweep() == 0
    with clock.shifted(timedelta(days=3)):
        assert sweep() == 1
    assert Bucket.objects.get().key.startswith("test-row:")


def test_what_was_spent_before_a_limit_is_used_up_stays_spent() -> None:  # RL-01
    wide, narrow = Limit("wide", count=9, seconds=60), Limit("narrow", count=1, seconds=60)
    for code in ("", "too_many_attempts", "too_many_attempts"):
        if code:
            assert refusal_of(partial(spend, "alice", wide, narrow)) == code
        else:
            spend("alice", wide, narrow)
    assert Bucket.objects.get(key__startswith="wide:").spent == 3
