"""Somebody who has lost every factor gets back in: two of three proofs, a wait, notices, and one press that stops it."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from strongroom.accounts import emails, passwords, standing
from strongroom.accounts.models import EmailAddress, MailLink
from strongroom.audit.models import Entry
from strongroom.factors import methods
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.publish import credentials
from strongroom.recovery import begin, finish, links, remind, stage, stop
from strongroom.recovery.models import Recovery
from strongroom.recovery.stage import Stage
from strongroom.signin import session, steps
from strongroom.signin.session import Opened
from tests.recovery.recovering import (
    FINISH,
    NEW,
    REASON,
    STOP,
    WAIT,
    Cast,
    begun_by_mail,
    cast,
    complete,
    mail_to,
    opened_by_phone,
    refused,
    start_link,
    untouched,
    vouched,
)
from tests.support.configuration import configured
from tests.support.people import PASSWORD, mails, refusal_of, visitor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def everybody(mailoutbox: list) -> Cast:
    people = cast()
    mails(mailoutbox).clear()
    return people


def test_mail_vouch_and_wait_clear_the_factors_revoke_the_tokens_and_sign_nobody_in(
    everybody: Cast, mailoutbox: list
) -> None:  # PR-12
    alice = everybody.alice
    elsewhere = opened_by_phone(alice)
    recovery = complete(mailoutbox, everybody)
    with clock.shifted(WAIT):
        assert remind.remind_due() == 2  # the link, and the daily reminder
        token = mail_to(mailoutbox, "alice@example.org", FINISH)
        assert finish.find(token) == recovery
        finish.finish(token, NEW, by=visitor())
        alice.refresh_from_db()
        assert passwords.is_right(alice, NEW)
        assert alice.must_enroll
        assert not methods.of(alice.pk).any
        assert methods.of(alice.pk).codes_left == 0
        assert credentials.tokens_of(alice) == []
        assert session.find(elsewhere.secret) is None
        assert session.of(alice) == []
        recovery.refresh_from_db()
        assert (stage.stage_of(recovery), recovery.ended is not None) == (Stage.FINISHED, True)
        event = Entry.objects.get(tag="recovery.finished")
        assert (event.subject_id, event.details) == (alice.pk, {"factors": 1, "tokens": 1})
        told = [mail.to[0] for mail in mails(mailoutbox) if "was recovered" in mail.subject]
        assert sorted(told) == ["alice@example.org", "bob@example.org", "olga@example.org"]
        assert refusal_of(partial(finish.finish, token, "another long passphrase", by=visitor())) == (
            "recovery_finished"
        )


def test_the_new_password_signs_in_alone_until_two_factor_is_on_again(
    everybody: Cast, mailoutbox: list
) -> None:
    complete(mailoutbox, everybody)
    with clock.shifted(WAIT), configured("sign_in", confirm_new_browsers="off"):
        remind.remind_due()
        finish.finish(mail_to(mailoutbox, "alice@example.org", FINISH), NEW, by=visitor())
        assert refusal_of(lambda: steps.start("alice", PASSWORD, by=visitor())) == "credentials_wrong"
        opened = steps.start("alice", NEW, by=visitor())
        assert isinstance(opened, Opened)
        assert opened.session.user.must_enroll


def test_a_frozen_account_is_recovered_and_stays_frozen(everybody: Cast, mailoutbox: list) -> None:  # PR-12
    alice = everybody.alice
    with clock.shifted(HOUR):
        standing.freeze(alice, clock.now(), by=visitor())
    with clock.shifted(2 * HOUR):
        recovery = begin.begin_for(alice, reason=REASON, address="", by=Actor.console())
        vouched(recovery, everybody.bob)
    with clock.shifted(WAIT + 3 * HOUR):
        remind.remind_due()
        finish.finish(mail_to(mailoutbox, "alice@example.org", FINISH), NEW, by=visitor())
        alice.refresh_from_db()
        assert passwords.is_right(alice, NEW)
        assert alice.frozen is not None


def test_the_link_of_the_mail_changes_nothing_until_it_is_used(everybody: Cast, mailoutbox: list) -> None:
    token = start_link(mailoutbox)
    assert begin.find(token) == begin.Start("alice", None)
    assert not Recovery.objects.exists()
    assert [mail.to for mail in mailoutbox] == [["alice@example.org"]]
    assert untouched(everybody.alice)


def test_everybody_hears_of_the_begin_with_a_link_to_stop_it(everybody: Cast, mailoutbox: list) -> None:
    second = EmailAddress.objects.create(
        user=everybody.alice,
        address="second@example.org",
        key="second@example.org",
        verified=clock.now(),
        added=clock.now(),
    )
    EmailAddress.objects.create(
        user=everybody.alice, address="third@example.org", key="third@example.org", added=clock.now()
    )
    begun_by_mail(mailoutbox)
    told = {mail.to[0]: mail.body for mail in mails(mailoutbox)[1:]}
    assert set(told) == {"alice@example.org", second.address, "bob@example.org", "olga@example.org"}
    assert all(STOP in body for body in told.values())
    assert [address for address, body in told.items() if "/vouch/" in body] == ["bob@example.org"]
    event = Entry.objects.get(tag="recovery.begun")
    assert event.details == {"address": "alice@example.org", "reason": ""}


def test_one_proof_alone_never_begins_the_wait(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    assert (recovery.complete, recovery.ready) == (None, None)
    assert stage.stage_of(recovery) is Stage.INCOMPLETE
    with clock.shifted(WAIT + HOUR):
        remind.remind_due()
        assert not [mail for mail in mails(mailoutbox) if FINISH in mail.body]


def test_before_the_wait_is_over_there_is_no_link_and_a_leaked_one_does_nothing(
    everybody: Cast, mailoutbox: list
) -> None:
    with clock.frozen(clock.now()):
        recovery = complete(mailoutbox, everybody)
        token = links.to_finish(recovery).partition("token=")[2]
        with clock.shifted(WAIT - timedelta(microseconds=1)):
            remind.remind_due()
            assert not [mail for mail in mails(mailoutbox) if FINISH in mail.body]
            assert refusal_of(lambda: finish.find(token)) == "recovery_waiting"
            assert refusal_of(lambda: finish.finish(token, NEW, by=visitor())) == "recovery_waiting"
            assert refused("recovery.finished") == ["recovery_waiting"]
            assert untouched(everybody.alice)
        with clock.shifted(WAIT):
            finish.finish(token, NEW, by=visitor())


def test_the_wait_is_as_long_as_configured_when_it_began(everybody: Cast, mailoutbox: list) -> None:
    with configured("recovery", wait_hours=5):
        recovery = complete(mailoutbox, everybody)
    with configured("recovery", wait_hours=1), clock.shifted(timedelta(hours=2)):
        assert stage.stage_of(recovery) is Stage.WAITING
    assert recovery.ready is not None
    assert recovery.complete is not None
    assert recovery.ready - recovery.complete == timedelta(hours=5)


def test_a_stopped_recovery_stays_stopped_and_all_are_told_by_whom(everybody: Cast, mailoutbox: list) -> None:
    recovery = complete(mailoutbox, everybody)
    token = mail_to(mailoutbox, "bob@example.org", STOP)
    assert stop.find(token) == recovery
    stop.by_link(token, by=visitor())
    recovery.refresh_from_db()
    assert stage.stage_of(recovery) is Stage.STOPPED
    event = Entry.objects.get(tag="recovery.stopped")
    assert (event.actor_kind, event.subject_id, event.details) == (
        "anonymous",
        everybody.alice.pk,
        {"stopped_by": "bob"},
    )
    told = [mail.to[0] for mail in mails(mailoutbox) if "was stopped" in mail.subject]
    assert sorted(told) == ["alice@example.org", "bob@example.org", "olga@example.org"]
    mailoutbox.clear()
    with clock.shifted(WAIT + HOUR):
        assert remind.remind_due() == 0
        assert mails(mailoutbox) == []
        for call in (lambda: stop.by_link(token, by=visitor()), lambda: stop.find(token)):
            assert refusal_of(call) == "recovery_stopped"
    assert untouched(everybody.alice)


def test_the_finish_link_of_a_stopped_recovery_is_dead(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    stopping = mail_to(mailoutbox, "alice@example.org", STOP)
    with clock.shifted(WAIT):
        remind.remind_due()
        token = mail_to(mailoutbox, "alice@example.org", FINISH)
        stop.by_link(stopping, by=visitor())
        assert refusal_of(lambda: finish.finish(token, NEW, by=visitor())) == "recovery_stopped"
    assert untouched(everybody.alice)


def test_the_person_stops_their_own_in_a_session_and_nobody_elses(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    assert refusal_of(lambda: stop.own(everybody.bob, recovery.pk, by=visitor())) == "recovery_unknown"
    assert refusal_of(lambda: stop.own(everybody.alice, recovery.pk + 1, by=visitor())) == "recovery_unknown"
    assert stop.own(everybody.alice, recovery.pk, by=visitor()).ended is not None
    assert untouched(everybody.alice)


def test_without_a_second_proof_it_expires_after_a_week(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    with clock.shifted(timedelta(days=7)):
        assert refusal_of(lambda: vouched(recovery, everybody.bob)) == "recovery_expired"
        assert remind.remind_due() == 1
        recovery.refresh_from_db()
        assert recovery.outcome == "expired"
        assert "has expired" in mails(mailoutbox)[-1].subject
        again = begin.begin(start_link(mailoutbox), by=visitor())
        assert (again.pk != recovery.pk, again.mail_proved is not None) == (True, True)
    assert Entry.objects.filter(tag="recovery.expired").count() == 1


def test_a_ready_recovery_expires_two_weeks_after_its_wait(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    with clock.shifted(WAIT):
        remind.remind_due()
        token = mail_to(mailoutbox, "alice@example.org", FINISH)
    with clock.shifted(WAIT + timedelta(days=14)):
        assert refusal_of(lambda: finish.finish(token, NEW, by=visitor())) == "recovery_expired"
        remind.remind_due()
        assert refusal_of(lambda: finish.find(token)) == "recovery_expired"
    assert untouched(everybody.alice)


def test_all_are_reminded_once_a_day(everybody: Cast, mailoutbox: list) -> None:
    begun_by_mail(mailoutbox)
    mails(mailoutbox).clear()
    counts = []
    for hours in (23, 24, 25, 47, 48, 49):
        with clock.shifted(timedelta(hours=hours, minutes=1)):
            remind.remind_due()
            counts.append(len(mails(mailoutbox)))
    assert counts == [0, 2, 2, 2, 4, 4]
    assert {mail.to[0] for mail in mailoutbox} == {"alice@example.org", "bob@example.org"}
    assert all(STOP in mail.body for mail in mailoutbox)


def test_the_last_link_is_mailed_once_and_again_only_when_asked_for(
    everybody: Cast, mailoutbox: list
) -> None:
    recovery = complete(mailoutbox, everybody)
    with clock.shifted(WAIT):
        for _turn in range(3):
            remind.remind_due()
        assert len([mail for mail in mails(mailoutbox) if FINISH in mail.body]) == 1
        assert begin.begin(start_link(mailoutbox), by=visitor()) == recovery
        assert len([mail for mail in mails(mailoutbox) if FINISH in mail.body]) == 2


def test_beginning_again_shows_the_open_one_and_uses_no_link_up(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    token = start_link(mailoutbox)
    assert begin.find(token) == begin.Start("alice", recovery)
    assert refusal_of(lambda: begin.begin(token, by=visitor())) == "recovery_proof_given"
    assert begin.find(token) == begin.Start("alice", recovery)
    assert Recovery.objects.count() == 1


def test_a_link_to_begin_works_once_even_after_the_recovery_was_stopped(
    everybody: Cast, mailoutbox: list
) -> None:
    token = start_link(mailoutbox)
    recovery = begin.begin(token, by=visitor())
    stop.own(everybody.alice, recovery.pk, by=visitor())
    assert refusal_of(lambda: begin.begin(token, by=visitor())) == "link_invalid"
    assert Recovery.objects.count() == 1


def test_an_account_without_a_second_factor_needs_no_recovery(everybody: Cast, mailoutbox: list) -> None:
    begin.request("olga", by=visitor())
    assert [mail.to for mail in mails(mailoutbox)] == [["olga@example.org"]]
    assert "token=" not in mailoutbox[0].body
    by = Actor.console()
    assert refusal_of(lambda: begin.begin_for(everybody.olga, reason=REASON, address="", by=by)) == (
        "recovery_not_needed"
    )
    assert not Recovery.objects.exists()


def test_a_link_is_refused_once_the_factors_are_gone(everybody: Cast, mailoutbox: list) -> None:
    token = start_link(mailoutbox)
    with transaction.atomic():
        methods.remove_all(everybody.alice.pk, by=Actor.console())
    assert refusal_of(lambda: begin.begin(token, by=visitor())) == "recovery_not_needed"
    assert not Recovery.objects.exists()


def test_the_last_link_is_dead_once_its_address_left_the_account(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    with clock.shifted(WAIT):
        remind.remind_due()
        token = mail_to(mailoutbox, "alice@example.org", FINISH)
        row = emails.primary(everybody.alice)
        assert row is not None
        row.delete()
        assert refusal_of(lambda: finish.finish(token, NEW, by=visitor())) == "recovery_address_gone"
    assert untouched(everybody.alice)


def test_whoever_changed_the_primary_address_lately_gets_no_link_to_begin(
    everybody: Cast, mailoutbox: list
) -> None:  # EM-04
    alice, now = everybody.alice, clock.now()
    EmailAddress.objects.filter(user=alice).update(primary=False, undo_until=now + HOUR)
    EmailAddress.objects.create(
        user=alice, address="x@example.net", key="x@example.net", primary=True, verified=now, added=now
    )
    recovery = begun_by_mail(mailoutbox)
    assert mailoutbox[0].to == ["alice@example.org"]
    assert recovery.address == "alice@example.org"


def test_a_weak_password_leaves_the_recovery_to_be_finished(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    with clock.shifted(WAIT):
        remind.remind_due()
        token = mail_to(mailoutbox, "alice@example.org", FINISH)
        for password in ("short", "password1234", PASSWORD):
            code = refusal_of(partial(finish.finish, token, password, by=visitor()))
            assert code in {"password_too_short", "password_weak", "password_unchanged"}
        assert untouched(everybody.alice)
        finish.finish(token, NEW, by=visitor())


def test_the_database_itself_lets_no_recovery_finish_before_its_wait(
    everybody: Cast, mailoutbox: list
) -> None:
    incomplete = begun_by_mail(mailoutbox)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.filter(pk=incomplete.pk).update(ended=clock.now(), outcome="finished")
    waiting = vouched(incomplete, everybody.bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.filter(pk=waiting.pk).update(ended=clock.now(), outcome="finished")
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.create(
            user=everybody.alice,
            begun=clock.now(),
            told=clock.now(),
            expires=clock.now(),
            address="alice@example.org",
        )


def test_the_mailed_links_are_no_links_for_anything_else(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    stopping = mail_to(mailoutbox, "alice@example.org", STOP)
    starting = start_link(mailoutbox)
    with clock.shifted(WAIT):
        for token in (stopping, starting):
            assert refusal_of(partial(finish.finish, token, NEW, by=visitor())) == "link_invalid"
        assert refusal_of(lambda: stop.by_link(starting, by=visitor())) == "link_invalid"
        assert refusal_of(lambda: begin.begin(stopping, by=visitor())) == "link_invalid"
    assert MailLink.objects.filter(purpose="recover", used=None).count() == 1
    assert untouched(everybody.alice)
