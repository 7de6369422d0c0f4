"""Operators are one of the two proofs of a recovery, with a reason, and never both: nobody is reset by one person."""

from typing import Any

import pytest

from strongroom.accounts.models import EmailAddress
from strongroom.accounts.register import make_operator
from strongroom.audit.models import Entry
from strongroom.factors import methods
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.sections import Switch
from strongroom.recovery import begin, finish, proofs, remind, stop
from strongroom.recovery.models import Recovery, Vouch
from strongroom.signin import browsers, steps
from strongroom.signin.confirmations import Waiting
from strongroom.signin.session import Opened
from tests.recovery.recovering import (
    FINISH,
    NEW,
    REASON,
    WAIT,
    Cast,
    as_operator,
    begun_by_mail,
    cast,
    mail_to,
    start_link,
    untouched,
    vouched,
)
from tests.support.configuration import configured
from tests.support.people import mails, refusal_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody(mailoutbox: list) -> Cast:
    people = cast()
    mails(mailoutbox).clear()
    return people


def test_an_operator_begins_with_a_reason_and_an_address_and_a_vouch_completes_it(
    everybody: Cast, mailoutbox: list
) -> None:  # AD-05
    recovery = begin.begin_for(
        everybody.alice, reason=REASON, address="new@example.org", by=as_operator(everybody.olga)
    )
    assert (recovery.approved_by, recovery.address_chosen, recovery.complete) == ("olga", True, None)
    assert REASON in next(mail.body for mail in mails(mailoutbox) if mail.to == ["alice@example.org"])
    assert untouched(everybody.alice)
    vouched(recovery, everybody.bob)
    with clock.shifted(WAIT):
        remind.remind_due()
        finish.finish(mail_to(mailoutbox, "new@example.org", FINISH), NEW, by=visitor())
        assert not methods.of(everybody.alice.pk).any
    entry = Entry.objects.get(tag="recovery.proved", facts__contains="operator")
    assert (entry.actor_name, entry.subject_id, entry.details["reason"]) == (
        "olga",
        everybody.alice.pk,
        REASON,
    )


def test_an_operator_alone_resets_nobody(everybody: Cast, mailoutbox: list) -> None:  # AD-05
    by = as_operator(everybody.olga)
    recovery = begin.begin_for(everybody.alice, reason=REASON, address="", by=by)
    for call in (
        lambda: proofs.approve(recovery.pk, reason=REASON, by=by),
        lambda: begin.begin_for(everybody.alice, reason=REASON, address="", by=Actor.console()),
    ):
        assert refusal_of(call) == "recovery_proof_given"
    assert refusal_of(
        lambda: begin.begin_for(everybody.alice, reason=REASON, address="olga@example.org", by=by)
    ) == ("recovery_open")
    recovery.refresh_from_db()
    assert (recovery.complete, recovery.address) == (None, "alice@example.org")
    assert untouched(everybody.alice)


def test_mail_and_an_operator_complete_it_in_either_order(everybody: Cast, mailoutbox: list) -> None:
    by = as_operator(everybody.olga)
    begun = begin.begin_for(everybody.alice, reason=REASON, address="", by=by)
    assert begin.begin(start_link(mailoutbox), by=visitor()).complete is not None
    stop.as_operator(begun.pk, by=by)
    mailed = begun_by_mail(mailoutbox)
    assert proofs.approve(mailed.pk, reason=REASON, by=by).complete is not None


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_without_a_reason_an_operator_approves_nothing(
    reason: str, everybody: Cast, mailoutbox: list
) -> None:
    by = as_operator(everybody.olga)
    recovery = begun_by_mail(mailoutbox)
    assert refusal_of(lambda: proofs.approve(recovery.pk, reason=reason, by=by)) == "recovery_reason_needed"
    assert refusal_of(lambda: begin.begin_for(everybody.bob, reason=reason, address="", by=by)) == (
        "recovery_reason_needed"
    )
    recovery.refresh_from_db()
    assert (recovery.approved, Recovery.objects.count()) == (None, 1)


def test_the_approving_operator_cannot_vouch_too_nor_the_other_way_round(
    everybody: Cast, mailoutbox: list
) -> None:
    make_operator(everybody.bob, by=Actor.console())
    everybody.bob.refresh_from_db()
    by = as_operator(everybody.bob)
    first = begin.begin_for(everybody.alice, reason=REASON, address="bob@example.net", by=by)
    assert refusal_of(lambda: vouched(first, everybody.bob)) == "recovery_same_person"
    stop.as_operator(first.pk, by=by)
    second = begin.begin_for(
        everybody.alice, reason=REASON, address="bob@example.net", by=as_operator(everybody.olga)
    )
    stop.as_operator(second.pk, by=by)
    third = begun_by_mail(mailoutbox)
    Vouch.objects.create(recovery=third, user=everybody.bob, when=clock.now())
    assert refusal_of(lambda: proofs.approve(third.pk, reason=REASON, by=by)) == "recovery_same_person"
    third.refresh_from_db()
    assert (third.approved, third.complete) == (None, None)


def test_nobody_vouches_or_approves_for_themselves(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    assert refusal_of(lambda: vouched(recovery, everybody.alice)) == "recovery_of_yourself"
    make_operator(everybody.alice, by=Actor.console())
    everybody.alice.refresh_from_db()
    by = as_operator(everybody.alice)
    assert refusal_of(lambda: proofs.approve(recovery.pk, reason=REASON, by=by)) == "recovery_of_yourself"
    assert refusal_of(lambda: begin.begin_for(everybody.alice, reason=REASON, address="", by=by)) == (
        "recovery_of_yourself"
    )
    recovery.refresh_from_db()
    assert (recovery.approved, recovery.complete, Vouch.objects.count()) == (None, None, 0)


def test_an_account_without_a_verified_address_needs_one_from_the_operator(
    everybody: Cast, mailoutbox: list
) -> None:
    EmailAddress.objects.filter(user=everybody.alice).update(verified=None)
    by = as_operator(everybody.olga)
    for address, reason in (("", "recovery_address_needed"), ("nowhere", "email_invalid")):
        assert (
            refusal_of(
                lambda address=address: begin.begin_for(
                    everybody.alice, reason=REASON, address=address, by=by
                )
            )
            == reason
        )
    assert not Recovery.objects.exists()
    begin.begin_for(everybody.alice, reason=REASON, address="alice@example.net", by=by)


def test_who_has_lost_every_address_gets_in_again_from_the_browser_that_finished(
    everybody: Cast, mailoutbox: list[Any]
) -> None:  # LT-26: the link that confirms a new browser would go to addresses that nobody reads
    before = browsers.know(everybody.alice, told=True, by=visitor())
    by = as_operator(everybody.olga)
    vouched(begin.begin_for(everybody.alice, reason=REASON, address="new@example.org", by=by), everybody.bob)
    with clock.shifted(WAIT), configured("sign_in", confirm_new_browsers=Switch.ON):
        remind.remind_due()
        finished = finish.finish(mail_to(mailoutbox, "new@example.org", FINISH), NEW, by=visitor())
        opened = steps.start("alice", NEW, by=visitor(browser=finished.browser))
        assert isinstance(opened, Opened)
        for other in ("", before):  # what was known before is not
            assert isinstance(steps.start("alice", NEW, by=visitor(browser=other)), Waiting)
