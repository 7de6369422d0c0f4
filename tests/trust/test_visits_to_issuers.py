"""Visits to issuers when many want them at once, and when they do not end as they should."""

import json
from datetime import timedelta
from threading import Event, Semaphore, Thread

import pytest
from django.db import connections, transaction

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.trust import fetch, issuer_keys
from strongroom.trust.issuer_keys import key_for
from strongroom.trust.models import IssuerKeys
from tests.support.patience import SECONDS, until
from tests.support.people import at_once
from tests.trust.serving import (
    VISIT,
    Known,
    Site,
    Write,
    code_of,
    later,
    publish,
)
from tests.trust.signing import ec_pen, rsa_pen

pytestmark = pytest.mark.django_db


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visit lasts until the test lets it end."""
    monkeypatch.setattr(fetch, "SECONDS", SECONDS)
    monkeypatch.setattr(issuer_keys, "ATTEMPT", timedelta(seconds=SECONDS))


@pytest.mark.usefixtures("_patient")
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_goes_and_the_others_are_told_to_wait(there: Site, known: Known) -> None:
    # TP-28
    let_go, answer, told = Event(), there.answers["/jwks"], Semaphore(0)
    there.answers["/jwks"] = lambda write: (let_go.wait(SECONDS), answer(write))[1]

    def ask() -> object:
        try:
            return key_for(known, "rsa")
        finally:
            told.release()

    def let_go_in_the_end() -> None:
        for _ in range(31):
            told.acquire(timeout=SECONDS)
        let_go.set()

    Thread(target=let_go_in_the_end, daemon=True).start()
    outcomes = at_once([ask] * 32)
    waiting = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert {(refused.code, refused.retry_after) for refused in waiting} == {("issuer_keys_pending", 1)}
    assert len(waiting) == 31
    assert there.asked == VISIT
    assert key_for(known, "rsa")


@pytest.mark.usefixtures("_patient")
@pytest.mark.django_db(transaction=True)
def test_while_one_looks_for_a_new_key_the_others_go_on_with_the_old_ones(there: Site, known: Known) -> None:
    key_for(known, "rsa")
    publish(there, rsa_pen(), ec_pen())
    let_go, answer = Event(), there.answers["/jwks"]
    there.answers["/jwks"] = lambda write: (let_go.wait(SECONDS), answer(write))[1]
    with later(minutes=11):
        visitor = Thread(target=lambda: (key_for(known, "ES256"), connections.close_all()))
        visitor.start()
        until(lambda: len(there.asked) >= 4)
        assert key_for(known, "rsa")
        assert code_of(known, "ES256") == "issuer_keys_pending"
        let_go.set()
        visitor.join()
        assert key_for(known, "ES256")
    assert there.asked == VISIT * 2


def test_a_visit_that_never_ended_is_given_up(there: Site, known: Known) -> None:
    IssuerKeys.objects.create(issuer=there.origin, tried=clock.now())
    assert code_of(known) == "issuer_keys_pending"
    with later(minutes=0.2):
        assert code_of(known) == "issuer_unreachable"
    assert there.asked == []
    with later(minutes=1):
        assert key_for(known, "rsa")


def test_a_visit_that_was_overtaken_stores_nothing(there: Site, known: Known) -> None:  # W24
    """A process that was stopped during its visit comes back with keys that have been withdrawn since."""
    key_for(known, "rsa")
    since = clock.now() + timedelta(minutes=1)
    IssuerKeys.objects.update(tried=since, fetched=since, jwks=json.dumps({"keys": []}))
    issuer_keys._visit(there.origin, clock.now())
    there.answers.clear()
    issuer_keys._visit(there.origin, clock.now())
    assert IssuerKeys.objects.get().failed == ""
    assert json.loads(IssuerKeys.objects.get().jwks) == {"keys": []}


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_during_a_visit(there: Site, known: Known) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        key_for(known, "rsa")
    assert there.asked == []
    seen = []
    answer = there.answers["/jwks"]

    def peeking(write: Write) -> None:
        seen.append(IssuerKeys.objects.get().tried)  # another connection sees that the visit has begun
        connections.close_all()
        answer(write)

    there.answers["/jwks"] = peeking
    assert key_for(known, "rsa")
    assert seen == [clock.now()]
