"""From the trail to a sink: in order, nothing skipped, one process at a time, and patience with what is away."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from strongroom.audit import following
from strongroom.audit.models import Cursor
from strongroom.audit.sinks.relay import BATCHES, LEASE, Relay
from strongroom.audit.sinks.sink import Said, Undelivered
from strongroom.kernel import clock
from tests.audit.sinks.entries import record, say

pytestmark = pytest.mark.django_db


class Kept:
    """A sink at hand: keeps sentences in ``got``, or fails with ``failing`` after it has kept ``half`` of a batch."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.batches: list[int] = []
        self.failing: Undelivered | None = None
        self.half = 0
        self.during: Callable[[], None] = lambda: None

    def send(self, batch: Sequence[Said]) -> None:
        self.during()
        said = [entry.sentence for entry in batch]
        self.batches.append(len(said))
        self.got += said[: self.half] if self.failing else said
        if self.failing:
            raise self.failing

    def close(self) -> None:
        """Nothing is open."""


def relay_to(sink: Kept) -> Relay:
    """One that has been there before what the test records."""
    relay = Relay("test", sink, say=say)
    relay.turn()
    return relay


def cursor() -> Cursor:
    return Cursor.objects.get(name="test")


def test_a_new_sink_begins_with_what_comes_next() -> None:
    record("old")
    sink = Kept()
    relay = relay_to(sink)
    record("one", "two")
    relay.turn()
    record("three")
    relay.turn()
    relay.turn()
    assert (sink.got, sink.batches) == (["one", "two", "three"], [2, 1])


def test_a_backlog_is_sent_in_batches_and_in_order() -> None:
    sink = Kept()
    relay = relay_to(sink)
    names = [str(number) for number in range(450)]
    record(*names)
    relay.turn()
    assert (sink.got, sink.batches) == (names, [200, 200, 50])


def test_a_turn_ends_so_that_a_stop_is_heard() -> None:
    sink = Kept()
    relay = relay_to(sink)
    record(*map(str, range(BATCHES + 5)))
    with patch.object(following, "following", lambda after: original(after, limit=1)):
        relay.turn()
        assert len(sink.got) == BATCHES
        relay.turn()
    assert sink.got == [str(number) for number in range(BATCHES + 5)]


original = following.following


def test_of_a_batch_that_fails_nothing_is_skipped() -> None:
    sink = Kept()
    relay = relay_to(sink)
    record("one", "two", "three")
    before = cursor().serial
    sink.failing, sink.half = Undelivered("away"), 2
    relay.turn()
    assert cursor().serial == before
    sink.failing = None
    with patch.object(clock, "monotonic", return_value=clock.monotonic() + 2):
        relay.turn()
    assert sink.got == ["one", "two", "one", "two", "three"]


def test_what_is_away_is_asked_ever_less_often_and_logged_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink = Kept()
    relay = relay_to(sink)
    record("one")
    sink.failing = Undelivered("connection refused")
    attempts, start = [], clock.monotonic()
    with patch.object(clock, "monotonic") as now, caplog.at_level(logging.INFO):
        for second in range(200):
            now.return_value = start + second
            tried = len(sink.batches)
            relay.turn()
            attempts += [second] * (len(sink.batches) - tried)
        sink.failing = None
        now.return_value = start + 300
        relay.turn()
    assert attempts == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    waiting = [record_ for record_ in caplog.records if "takes no events" in record_.message]
    assert [(each.__dict__["sink"], each.__dict__["reason"]) for each in waiting] == [
        ("test", "connection refused")
    ] * 4
    assert [record_.message for record_ in caplog.records][-1].endswith("takes events again")
    assert sink.got == ["one"]


def test_a_sink_that_says_how_long_to_wait_is_left_alone_for_so_long() -> None:
    sink = Kept()
    relay = relay_to(sink)
    record("one")
    sink.failing = Undelivered("busy", retry_after=120)
    start = clock.monotonic()
    with patch.object(clock, "monotonic", return_value=start) as now:
        relay.turn()
        sink.failing = None
        now.return_value = start + 119
        relay.turn()
        assert sink.got == []
        now.return_value = start + 120
        relay.turn()
    assert sink.got == ["one"]


def test_only_one_process_sends_and_another_follows_when_it_ends_or_dies() -> None:
    first, second = Kept(), Kept()
    one, two = relay_to(first), relay_to(second)
    record("one")
    one.turn()
    record("two")
    two.turn()
    assert (first.got, second.got) == (["one"], [])
    one.close()
    two.turn()
    assert second.got == ["two"]
    record("three")
    one.turn()
    assert first.got == ["one"]
    with clock.shifted(LEASE + timedelta(seconds=1)):  # two has died
        one.turn()
    assert first.got == ["one", "three"]


def test_whoever_lost_the_lease_while_it_was_sending_moves_no_cursor() -> None:
    """Its events arrive twice rather than never."""
    slow, quick = Kept(), Kept()
    one, two = relay_to(slow), relay_to(quick)
    record("one")

    def take_over() -> None:
        with clock.shifted(LEASE + timedelta(seconds=1)):
            two.turn()
        record("two")

    slow.during = take_over
    one.turn()
    assert (slow.got, quick.got) == (["one"], ["one"])
    with clock.shifted(LEASE + timedelta(seconds=2)):
        two.turn()
    assert (slow.got, quick.got) == (["one"], ["one", "two"])


def test_whoever_lost_the_lease_leaves_the_cursor_and_the_lease_to_whom_it_is() -> None:
    sink = Kept()
    relay = relay_to(sink)
    before = cursor().serial
    record("one")
    until = clock.now() + LEASE

    def another_claims_it() -> None:
        Cursor.objects.filter(name="test").update(lease="another", leased_until=until)

    sink.during = another_claims_it
    relay.turn()
    assert sink.got == ["one"]
    assert (cursor().serial, cursor().lease, cursor().leased_until) == (before, "another", until)


def test_nothing_is_written_while_nothing_happens() -> None:
    sink = Kept()
    relay = relay_to(sink)
    with CaptureQueriesContext(connection) as queries:
        relay.turn()
    assert {query["sql"].split()[0] for query in queries.captured_queries} == {"SELECT"}
    assert (sink.batches, cursor().lease) == ([], "")


@pytest.mark.django_db(transaction=True)
def test_what_was_undone_is_not_sent_and_its_serial_is_passed_over() -> None:
    sink = Kept()
    relay = relay_to(sink)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("undone")
        raise ZeroDivisionError
    record("done")
    relay.turn()
    assert sink.got == ["done"]
