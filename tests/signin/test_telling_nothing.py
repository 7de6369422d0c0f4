"""Neither the time of an answer nor the work behind it tells whether an account exists (design, D17)."""

import statistics
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from strongroom.accounts import standing
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.signin import reset, steps
from tests.support.people import PASSWORD, person, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_password_cost")]

ROUNDS = 9


@pytest.fixture
def cast() -> None:
    """Alice; bob, who is disabled."""
    person("alice")
    standing.disable(person("bob"), by=Actor.console())


def processor_seconds(call: Callable[[], object]) -> float:
    """What this thread computes for ``call``, whatever else the machine does meanwhile."""
    started = time.thread_time()
    with suppress(Refused):
        call()
    return time.thread_time() - started


def medians(calls: dict[str, Callable[[int], object]]) -> dict[str, float]:
    """The median of each call, taken in turns, after a first round that nobody counts."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(ROUNDS + 1):
        for name, call in calls.items():
            seconds = processor_seconds(lambda call=call, turn=turn: call(turn))  # type: ignore[misc]
            if turn:
                taken[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def test_a_sign_in_that_fails_takes_as_long_whatever_is_wrong(cast: None) -> None:
    # LT-19
    def sign_in(login: str, password: str) -> Callable[[int], object]:
        return lambda turn: steps.start(login, password, by=visitor(f"198.51.100.{turn}"))

    taken = medians(
        {
            "wrong password": sign_in("alice", "wrong"),
            "unknown name": sign_in("nobody", PASSWORD),
            "unknown address": sign_in("nobody@example.org", PASSWORD),
            "disabled": sign_in("bob", PASSWORD),
            "disabled, wrong password": sign_in("bob", "wrong"),
        }
    )
    assert max(taken.values()) < 1.25 * min(taken.values()), taken


def test_asking_for_a_reset_takes_as_long_for_nobody(cast: None) -> None:
    # PR-03
    def ask(login: str) -> Callable[[int], object]:
        return lambda turn: reset.request(login, by=visitor(f"198.51.100.{turn}"))

    logins = ["alice", "bob", "nobody", "alice@example.org", "nobody@example.org"]
    counted = {login: _statements(ask(login)) for login in logins}
    assert len({tuple(statements) for statements in counted.values()}) == 1, counted


def _statements(call: Callable[[int], object]) -> list[str]:
    """The statements that write, by their first words; whose rows they are is beside the point."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        call(99)
    texts = [query["sql"] for query in captured.captured_queries]
    return [" ".join(text.split()[:3]) for text in texts if text.startswith(("INSERT", "UPDATE", "DELETE"))]
