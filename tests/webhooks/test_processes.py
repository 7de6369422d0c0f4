"""Several processes deliver, and some die in the middle: every event arrives, in order, with one id."""

import os
import signal
import subprocess
import time
from datetime import timedelta
from itertools import pairwise

from django.db import connection

from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.webhooks.models import Delivery
from tests.support.delivering import delivering
from tests.support.patience import SECONDS, until
from tests.support.people import as_user
from tests.webhooks.delivering import deliver_due
from tests.webhooks.receiving import Received, Receiver, again, happens, hook_of_instance, hook_of_project

EVENTS = 60


def test_two_processes_deliver_each_event_once_and_in_order(alice: User, post: Receiver) -> None:  # D1
    hooks = [hook_of_project(alice, f"{post.url}&n={n}", events=("release",)).webhook for n in range(3)]
    with delivering(), delivering():
        for version in range(EVENTS):
            happens(version=str(version), by=as_user(alice))
        until(lambda: len(post.got) >= EVENTS * len(hooks))
        time.sleep(1)
    for n, hook in enumerate(hooks):
        got = [received for received in post.got if received.path.endswith(f"n={n}")]
        versions = [received.message["data"]["details"]["version"] for received in got]
        assert versions == [str(version) for version in range(EVENTS)]
        assert Delivery.objects.filter(webhook=hook, code="").count() == EVENTS


def test_a_process_that_dies_between_the_answer_and_the_cursor_loses_nothing(
    alice: User, post: Receiver
) -> None:
    # AU-09: the receiver has the message, and kills the process before it knows
    added = hook_of_project(alice, post.url, events=("release",))
    for version in range(5):
        happens(version=str(version), by=as_user(alice))
    victim: list[subprocess.Popen[bytes]] = []

    def answer(_received: Received) -> tuple[int, dict[str, str], bytes]:
        if len(post.got) == 3:
            os.kill(victim[0].pid, signal.SIGKILL)
            victim[0].wait(SECONDS)
        return 200, {}, b""

    post.answer = answer
    with delivering() as process:
        victim.append(process)
        until(lambda: process.poll() is not None)
    row = again(added.webhook)
    assert row.serial == int(post.ids[1].removeprefix("evt_"))
    assert deliver_due() == 0  # the lease of the dead is not over yet
    with clock.shifted(timedelta(minutes=2)):
        assert deliver_due() == 3
    assert post.ids[2] == post.ids[3]
    assert post.ids[:2] + post.ids[3:] == sorted(
        set(post.ids), key=lambda text: int(text.removeprefix("evt_"))
    )
    assert post.got[2].verify(added.secret) == post.got[3].verify(added.secret)


def test_whoever_lost_the_lease_moves_nothing(alice: User, post: Receiver) -> None:
    """A process slept for longer than its lease, with a message on its way."""
    added = hook_of_instance(post.url, events=("release",))
    for version in range(3):
        happens(version=str(version), by=as_user(alice))
    inner: list[int] = []

    def answer(received: Received) -> tuple[int, dict[str, str], bytes]:
        if len(post.got) == 1:
            with clock.shifted(timedelta(minutes=2)):
                inner.append(deliver_due())
            connection.close()
        return 200, {}, b""

    post.answer = answer
    assert deliver_due() == 0
    assert inner == [3]
    serials = [int(text.removeprefix("evt_")) for text in post.ids]
    assert all(later > earlier for earlier, later in pairwise(serials[1:]))
    assert again(added.webhook).serial == max(serials)
