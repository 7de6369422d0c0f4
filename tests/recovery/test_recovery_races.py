"""What happens when two do something to one recovery at the same time: one conditional statement decides (design, D1)."""

from functools import partial

import pytest

from strongroom.accounts import passwords
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.projects.models import Role
from strongroom.recovery import begin, finish, proofs, remind, stop
from strongroom.recovery.finish import Finished
from strongroom.recovery.models import Recovery, Vouch
from strongroom.signin import session as sessions
from tests.recovery.recovering import (
    FINISH,
    NEW,
    REASON,
    STOP,
    WAIT,
    Cast,
    as_operator,
    begun_by_mail,
    cast,
    complete,
    mail_to,
    protected,
    proven_now,
    start_link,
    untouched,
)
from tests.support.people import BROWSER, at_once, mails, visitor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def everybody(mailoutbox: list) -> Cast:
    people = cast()
    mails(mailoutbox).clear()
    return people


def codes(answers: list) -> set[str]:
    return {answer.code for answer in answers if isinstance(answer, Refused)}


def done(answers: list) -> int:
    return sum(not isinstance(answer, Refused) for answer in answers)


def test_of_parallel_posts_of_one_link_one_begins(everybody: Cast, mailoutbox: list) -> None:
    token = start_link(mailoutbox)
    answers = at_once([partial(begin.begin, token, by=visitor()) for _turn in range(6)])
    assert (done(answers), codes(answers)) == (1, {"link_invalid"})
    assert Recovery.objects.count() == 1


def test_two_links_at_the_same_time_begin_one_recovery(everybody: Cast, mailoutbox: list) -> None:
    tokens = [start_link(mailoutbox) for _turn in range(4)]
    answers = at_once([partial(begin.begin, token, by=visitor()) for token in tokens])
    assert (done(answers), codes(answers)) == (1, {"recovery_proof_given"})
    assert Recovery.objects.count() == 1
    assert Entry.objects.filter(tag="recovery.begun").count() == 1


def test_proofs_that_come_at_the_same_time_see_one_another(everybody: Cast, mailoutbox: list) -> None:
    """Two that are both "the first" would leave the recovery without a wait for ever."""
    for _round in range(4):
        by = as_operator(everybody.olga)
        recovery = begin.begin_for(everybody.alice, reason=REASON, address="", by=by)
        Recovery.objects.filter(pk=recovery.pk).update(approved=None, approved_by="", approved_by_id=None)
        session = proven_now(everybody.bob)
        author = sessions.actor_of(session, BROWSER)
        answers = at_once(
            [
                partial(proofs.approve, recovery.pk, reason=REASON, by=by),
                partial(proofs.vouch, session, recovery.pk, by=author),
            ]
        )
        assert done(answers) == 2
        recovery.refresh_from_db()
        assert recovery.complete is not None
        stop.own(everybody.alice, recovery.pk, by=visitor())
    assert Entry.objects.filter(tag="recovery.complete").count() == 4


def test_parallel_vouches_of_one_person_are_one(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    Recovery.objects.filter(pk=recovery.pk).update(mail_proved=None)
    session = proven_now(everybody.bob)
    author = sessions.actor_of(session, BROWSER)
    answers = at_once([partial(proofs.vouch, session, recovery.pk, by=author) for _turn in range(6)])
    assert (done(answers), codes(answers)) == (1, {"recovery_proof_given"})
    assert Vouch.objects.count() == 1


def test_parallel_vouches_of_two_people_complete_it_once(everybody: Cast, mailoutbox: list) -> None:
    carol = protected("carol")
    Role.objects.create(project=everybody.project, user=carol, kind=Role.Kind.MAINTAINER)
    recovery = begun_by_mail(mailoutbox)
    calls = []
    for user in (everybody.bob, carol):
        session = proven_now(user)
        author = sessions.actor_of(session, BROWSER)
        calls.append(partial(proofs.vouch, session, recovery.pk, by=author))
    answers = at_once(calls)
    assert (done(answers), codes(answers)) == (1, {"recovery_waiting"})
    assert Entry.objects.filter(tag="recovery.complete").count() == 1


def test_of_parallel_finishes_one_sets_the_password(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    with clock.shifted(WAIT):
        remind.remind_due()
        token = mail_to(mailoutbox, "alice@example.org", FINISH)
        chosen = [f"{NEW} number {turn}" for turn in range(5)]
        answers = at_once([partial(finish.finish, token, password, by=visitor()) for password in chosen])
        assert (done(answers), codes(answers)) == (1, {"recovery_finished"})
        winner = next(turn for turn, answer in enumerate(answers) if isinstance(answer, Finished))
        assert passwords.is_right(User.objects.get(username="alice"), chosen[winner])
    assert Entry.objects.filter(tag="recovery.finished", outcome="done").count() == 1


def test_of_stopping_and_finishing_one_wins_and_the_other_changes_nothing(
    everybody: Cast, mailoutbox: list
) -> None:
    recovery = complete(mailoutbox, everybody)
    stopping = mail_to(mailoutbox, "bob@example.org", STOP)
    with clock.shifted(WAIT):
        remind.remind_due()
        token = mail_to(mailoutbox, "alice@example.org", FINISH)
        answers = at_once(
            [partial(finish.finish, token, NEW, by=visitor()), partial(stop.by_link, stopping, by=visitor())]
        )
    assert done(answers) == 1
    recovery.refresh_from_db()
    if isinstance(answers[0], Refused):
        assert (answers[0].code, recovery.outcome) == ("recovery_stopped", "stopped")
        assert untouched(everybody.alice)
    else:
        assert (codes(answers), recovery.outcome) == ({"recovery_finished"}, "finished")
        assert passwords.is_right(User.objects.get(username="alice"), NEW)


def test_several_housekeepers_tell_everybody_once(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    mails(mailoutbox).clear()
    with clock.shifted(WAIT):
        answers = at_once([remind.remind_due for _turn in range(4)])
        assert sum(answers) == 2  # type: ignore[arg-type]
        subjects = sorted(mail.to[0] for mail in mails(mailoutbox))
        assert subjects == ["alice@example.org", "alice@example.org", "bob@example.org"]
    with clock.shifted(WAIT * 10):
        assert sum(at_once([remind.remind_due for _turn in range(4)])) == 1  # type: ignore[arg-type]
    assert Entry.objects.filter(tag="recovery.expired").count() == 1
