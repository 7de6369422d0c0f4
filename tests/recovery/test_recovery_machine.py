"""Whatever is done to recoveries, in whatever order and after however long: the rules hold."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from strongroom.accounts import emails
from strongroom.accounts import links as mail_links
from strongroom.accounts.models import MailLink, User
from strongroom.accounts.register import make_operator
from strongroom.factors import methods
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.publish import credentials
from strongroom.recovery import begin, finish, links, proofs, remind, stop
from strongroom.recovery.models import Recovery
from strongroom.signin import session as sessions
from tests.recovery.recovering import NEW, REASON, WAIT, Cast, as_operator, cast, proven_now
from tests.support.people import BROWSER, visitor

pytestmark = pytest.mark.django_db
HOURS = st.sampled_from([1, 71, 72, 73])
SELDOM = st.integers(0, 5).map(
    lambda number: number == 5
)  # what ends a recovery would else leave few to finish
PEOPLE = st.sampled_from(["bob", "olga"])


@dataclass
class Known:
    """What the test itself knows of one recovery: who gave which proof when, and whether it was stopped."""

    given: list[tuple[str, str, datetime]] = field(default_factory=list)
    stopped: bool = False
    finished: datetime | None = None


class Recoveries(RuleBasedStateMachine):
    """Bob is a co-maintainer and an operator, olga an operator; alice has lost everything."""

    everybody: Cast

    def __init__(self) -> None:
        super().__init__()
        self._undo = ExitStack()
        self._undo.enter_context(transaction.atomic())
        self.now = clock.now()
        self.known: dict[int, Known] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._undo.close()

    @rule(hours=HOURS)
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(weeks=st.sampled_from([1, 2, 3]), happens=SELDOM)
    def weeks_pass(self, weeks: int, *, happens: bool) -> None:
        if happens:
            self.now += timedelta(weeks=weeks)

    @rule()
    def housekeeping(self) -> None:
        self._try(remind.remind_due)

    @rule()
    def mail_is_answered(self) -> None:
        alice = self.everybody.alice
        with clock.frozen(self.now):
            url = mail_links.make(
                MailLink.Purpose.RECOVER,
                user=User.objects.get(pk=alice.pk),
                address=emails.primary(alice),
            )
        ready = Recovery.objects.filter(ended=None, ready__lte=self.now).exists()
        recovery = self._try(lambda: begin.begin(url.partition("token=")[2], by=visitor()))
        if recovery is not None and not ready:
            self._gave(recovery, "mail", "alice")

    @rule(name=PEOPLE)
    def operator_begins_or_approves(self, name: str) -> None:
        by = as_operator(User.objects.get(username=name))
        recovery = self._try(lambda: begin.begin_for(self.everybody.alice, reason=REASON, address="", by=by))
        if recovery is not None:
            self._gave(recovery, "operator", name)

    @rule()
    def bob_vouches(self) -> None:
        for newest in Recovery.objects.order_by("-pk")[:1]:
            with clock.frozen(self.now):
                session = proven_now(User.objects.get(username="bob"))
            by = sessions.actor_of(session, BROWSER)
            recovery = self._try(lambda: proofs.vouch(session, newest.pk, by=by))  # noqa: B023
            if recovery is not None:
                self._gave(recovery, "maintainer", "bob")

    @rule(name=PEOPLE, happens=SELDOM)
    def somebody_stops(self, name: str, *, happens: bool) -> None:
        reader = User.objects.get(username=name)
        for newest in Recovery.objects.order_by("-pk")[:happens]:
            token = links.to_stop(newest, reader.pk).partition("token=")[2]
            if self._try(lambda: stop.by_link(token, by=visitor())) is not None:  # noqa: B023
                self.known[newest.pk].stopped = True

    @rule()
    def somebody_finishes_each(self) -> None:
        """With the link of every recovery there ever was, mailed or not."""
        for recovery in list(Recovery.objects.all()):
            token = links.to_finish(recovery).partition("token=")[2]
            if self._try(lambda: finish.finish(token, NEW, by=visitor())) is not None:  # noqa: B023
                self.known[recovery.pk].finished = self.now

    @invariant()
    def at_most_one_is_open(self) -> None:
        assert Recovery.objects.filter(ended=None).count() <= 1

    @invariant()
    def what_finished_had_two_proofs_of_two_people_and_the_whole_wait(self) -> None:
        finished = set(Recovery.objects.filter(outcome="finished").values_list("pk", flat=True))
        assert finished == {pk for pk, known in self.known.items() if known.finished}
        for pk in finished:
            known = self.known[pk]
            assert not known.stopped
            assert len({proof for proof, _who, _when in known.given}) >= 2
            assert len({who for _proof, who, _when in known.given}) >= 2
            second = sorted(when for _proof, _who, when in known.given)[1]
            assert known.finished is not None
            assert known.finished - second >= WAIT

    @invariant()
    def what_was_stopped_stays_stopped(self) -> None:
        stopped = set(Recovery.objects.filter(outcome="stopped").values_list("pk", flat=True))
        assert stopped == {pk for pk, known in self.known.items() if known.stopped}

    @invariant()
    def factors_and_tokens_go_with_a_finished_recovery_alone(self) -> None:
        gone = any(known.finished for known in self.known.values())
        alice = User.objects.get(username="alice")
        assert alice.must_enroll is gone
        assert methods.has_any(alice.pk) is not gone
        assert bool(credentials.tokens_of(alice)) is not gone

    def _gave(self, recovery: Recovery, proof: str, who: str) -> None:
        self.known.setdefault(recovery.pk, Known()).given.append((proof, who, self.now))

    def _try(self, call: Callable[[], Any]) -> Any:
        with clock.frozen(self.now):
            try:
                return call()
            except Refused:
                return None


@pytest.mark.slow
def test_no_order_of_events_gets_around_the_rules() -> None:
    # PR-12, AD-05
    everybody = cast()
    make_operator(everybody.bob, by=Actor.console())
    Recoveries.everybody = everybody
    few = settings(
        max_examples=40,
        stateful_step_count=30,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(Recoveries, settings=few)  # type: ignore[no-untyped-call]
