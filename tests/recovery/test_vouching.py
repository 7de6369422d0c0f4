"""Whose word counts for somebody who has lost every factor: that of a co-maintainer, well protected and proved just now."""

from datetime import timedelta

import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.factors.models import RecoveryCode
from strongroom.kernel import clock
from strongroom.projects.models import Role
from strongroom.recovery import proofs, stage, stop
from strongroom.recovery.models import Recovery, Vouch
from strongroom.recovery.stage import Stage
from strongroom.signin import session as sessions
from strongroom.signin.models import Session
from tests.recovery.recovering import Cast, begun_by_mail, cast, protected, proven_now, refused, vouched
from tests.support.people import BROWSER, again, mails, person, refusal_of, signed_in, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody(mailoutbox: list) -> Cast:
    people = cast()
    mails(mailoutbox).clear()
    return people


@pytest.fixture
def recovery(everybody: Cast, mailoutbox: list) -> Recovery:
    return begun_by_mail(mailoutbox)


def refused_to(session: Session, recovery: Recovery) -> str:
    """The reason for which whoever is signed in may not vouch; nothing is left behind."""
    by = sessions.actor_of(session, BROWSER)
    code = refusal_of(lambda: proofs.vouch(session, recovery.pk, by=by))
    recovery.refresh_from_db()
    assert (recovery.complete, Vouch.objects.count()) == (None, 0)
    return code


def test_a_vouch_is_recorded_with_whose_word_it_is(everybody: Cast, recovery: Recovery) -> None:
    after = vouched(recovery, everybody.bob)
    assert stage.stage_of(after) is Stage.WAITING
    assert Vouch.objects.get().user_id == everybody.bob.pk
    entry = Entry.objects.get(tag="recovery.proved", facts__contains="maintainer")
    assert (entry.actor_name, entry.subject_id, entry.outcome) == ("bob", everybody.alice.pk, "done")


def test_a_stranger_finds_no_recovery_to_vouch_for(recovery: Recovery) -> None:
    mallory = protected("mallory")
    assert refused_to(proven_now(mallory), recovery) == "recovery_unknown"
    session = proven_now(mallory)
    by = sessions.actor_of(session, BROWSER)
    assert refusal_of(lambda: proofs.vouch(session, recovery.pk + 1, by=by)) == "recovery_unknown"


def test_who_left_the_project_finds_none_either(everybody: Cast, recovery: Recovery) -> None:
    Role.objects.filter(user=everybody.bob).delete()
    assert refused_to(proven_now(everybody.bob), recovery) == "recovery_unknown"


def test_it_takes_two_factor_sign_in_with_its_codes_kept(everybody: Cast, recovery: Recovery) -> None:
    carol = person("carol")
    Role.objects.create(project=everybody.project, user=carol, kind=Role.Kind.OWNER)
    assert refused_to(again(signed_in(carol)), recovery) == "two_factor_needed"
    RecoveryCode.objects.filter(user=everybody.bob).delete()
    assert refused_to(proven_now(everybody.bob), recovery) == "two_factor_needed"
    assert refused("recovery.proved") == ["two_factor_needed"] * 2


def test_a_factor_that_came_after_the_begin_vouches_for_nobody(everybody: Cast, recovery: Recovery) -> None:
    with clock.shifted(timedelta(minutes=1)):
        carol = protected("carol")
        Role.objects.create(project=everybody.project, user=carol, kind=Role.Kind.MAINTAINER)
        assert refused_to(proven_now(carol), recovery) == "factor_too_new"


def test_it_takes_a_fresh_proof(everybody: Cast, recovery: Recovery) -> None:
    session = proven_now(everybody.bob)
    with clock.shifted(timedelta(minutes=10, seconds=1)):
        assert refused_to(session, recovery) == "proof_needed"


def test_a_frozen_account_vouches_for_nobody(everybody: Cast, recovery: Recovery) -> None:
    User.objects.filter(pk=everybody.bob.pk).update(frozen=clock.now())
    assert refused_to(proven_now(everybody.bob), recovery) == "account_frozen"


def test_two_words_are_one_proof(everybody: Cast, recovery: Recovery) -> None:
    with clock.shifted(timedelta(hours=-1)):
        carol = protected("carol")
    Role.objects.create(project=everybody.project, user=carol, kind=Role.Kind.MAINTAINER)
    Recovery.objects.filter(pk=recovery.pk).update(mail_proved=None)
    for user in (everybody.bob, carol):
        assert vouched(recovery, user).complete is None
    assert refusal_of(lambda: vouched(recovery, carol)) == "recovery_proof_given"
    assert Vouch.objects.count() == 2


def test_a_stopped_or_complete_recovery_takes_no_more_proofs(everybody: Cast, recovery: Recovery) -> None:
    vouched(recovery, everybody.bob)
    assert refusal_of(lambda: vouched(recovery, everybody.bob)) == "recovery_waiting"
    stop.own(everybody.alice, recovery.pk, by=visitor())
    assert refusal_of(lambda: vouched(recovery, everybody.bob)) == "recovery_stopped"
    assert Vouch.objects.count() == 1
