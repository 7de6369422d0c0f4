"""Changing the primary address, and 72 hours to take it back."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from strongroom.accounts import emails, epoch, links, primary_email, standing
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.accounts.primary_email import Change
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.signin import reset
from tests.support.people import as_user, at_once, link_in, mails, person, refusal_of, visitor

pytestmark = pytest.mark.django_db
OLD, NEW, THIRD = "alice@example.org", "new@example.org", "third@example.org"
PATH = "/account/undo-email-change/"


@pytest.fixture
def alice(db: None) -> User:
    alice = person()
    for address in (NEW, THIRD):
        emails.claim(alice, address, address, primary=False, verified=clock.now())
    return alice


def change(alice: User, address: str) -> int:
    alice = User.objects.get(pk=alice.pk)
    row = EmailAddress.objects.get(user=alice, address=address)
    with transaction.atomic():
        return primary_email.make(alice, row.pk, by=as_user(alice))


def undo_token(mailoutbox: list[Any]) -> str:
    (mail,) = [mail for mail in mails(mailoutbox) if PATH in mail.body]
    mailoutbox.clear()
    return link_in(mail.body, PATH)


def primary_of(alice: User) -> str:
    row = emails.primary(alice)
    assert row is not None
    return row.address


def for_resets(alice: User) -> str:
    row = primary_email.address_for_resets(alice)
    assert row is not None
    return row.address


def test_the_old_address_alone_gets_the_link_and_the_others_a_notice(alice: User, mailoutbox: list) -> None:
    # EM-04
    change(alice, NEW)
    assert sorted((mail.to[0], PATH in mail.body) for mail in mails(mailoutbox)) == [
        (OLD, True),
        (NEW, False),
        (THIRD, False),
    ]
    assert all("/account/panic/?token=" in mail.body for mail in mailoutbox)


def test_the_link_makes_the_old_address_primary_again_and_ends_all_sessions(
    alice: User, mailoutbox: list
) -> None:  # EM-04
    moved = change(alice, NEW)
    token = undo_token(mailoutbox)
    assert primary_email.look(token, by=visitor()) == Change(OLD, NEW)
    assert primary_of(alice) == NEW
    assert primary_email.undo(token, by=visitor()) == Change(OLD, NEW)
    assert (primary_of(alice), for_resets(alice)) == (OLD, OLD)
    assert User.objects.get().auth_epoch == moved + 1
    assert sorted(mail.to[0] for mail in mails(mailoutbox)) == [OLD, NEW, THIRD]
    assert {mail.subject for mail in mailoutbox} == {
        "Your primary email address at Strongroom was changed back"
    }
    event = Entry.objects.get(tag="email.primary_change_undone")
    assert event.details == {"address": OLD, "before": NEW}
    assert (event.actor_kind, event.subject_id) == ("anonymous", alice.pk)


def test_undoing_takes_nothing_from_the_other_addresses(alice: User, mailoutbox: list) -> None:
    change(alice, NEW)
    primary_email.undo(undo_token(mailoutbox), by=visitor())
    assert alice.addresses.filter(verified__isnull=False).count() == 3
    assert not EmailAddress.objects.exclude(undo_until=None).exists()


def test_the_link_survives_later_changes_of_the_epoch(alice: User, mailoutbox: list) -> None:  # EM-04
    change(alice, NEW)
    token = undo_token(mailoutbox)
    for _ in range(3):
        epoch.bump(alice.pk)
    primary_email.undo(token, by=visitor())
    assert primary_of(alice) == OLD


def test_the_link_works_once(alice: User, mailoutbox: list) -> None:
    change(alice, NEW)
    token = undo_token(mailoutbox)
    primary_email.undo(token, by=visitor())
    change(alice, NEW)
    assert refusal_of(lambda: primary_email.undo(token, by=visitor())) == "link_invalid"
    assert primary_of(alice) == NEW


def test_the_link_is_dead_after_72_hours_and_resets_go_to_the_new_address(
    alice: User, mailoutbox: list
) -> None:  # EM-04
    change(alice, NEW)
    token = undo_token(mailoutbox)
    with clock.shifted(timedelta(hours=72, seconds=-5)):
        assert primary_email.look(token, by=visitor()).address == OLD
        assert for_resets(alice) == OLD
    with clock.shifted(timedelta(hours=72, seconds=5)):
        assert refusal_of(lambda: primary_email.undo(token, by=visitor())) == "link_invalid"
        assert for_resets(alice) == NEW
    assert primary_of(alice) == NEW


def test_links_to_reset_the_password_go_to_the_old_address(alice: User, mailoutbox: list) -> None:  # EM-04
    change(alice, NEW)
    mails(mailoutbox)
    mailoutbox.clear()
    reset.request("alice", by=visitor())
    (mail,) = mails(mailoutbox)
    assert mail.to == [OLD]
    assert "/account/reset-password/?token=" in mail.body


def test_the_old_address_can_not_be_removed_until_then(alice: User) -> None:  # EM-04
    change(alice, NEW)
    row = EmailAddress.objects.get(address=OLD)
    remove = partial(emails.remove, alice, row.pk, by=as_user(alice))
    assert refusal_of(remove) == "email_still_undoable"
    assert EmailAddress.objects.filter(pk=row.pk).exists()
    assert not Entry.objects.filter(tag="email.removed").exists()
    with clock.shifted(timedelta(hours=72, seconds=5)), transaction.atomic():
        remove()
    assert not EmailAddress.objects.filter(pk=row.pk).exists()


def test_a_chain_of_changes_leads_no_link_away_from_the_first_address(alice: User, mailoutbox: list) -> None:
    # EM-04
    change(alice, NEW)
    first = undo_token(mailoutbox)
    with clock.shifted(timedelta(hours=1)):
        change(alice, THIRD)
        second = undo_token(mailoutbox)
        assert for_resets(alice) == OLD
        primary_email.undo(first, by=visitor())
        assert (primary_of(alice), for_resets(alice)) == (OLD, OLD)
        assert refusal_of(lambda: primary_email.undo(second, by=visitor())) == "link_invalid"


def test_undoing_the_second_change_leaves_the_first_one_to_be_undone(alice: User, mailoutbox: list) -> None:
    change(alice, NEW)
    first = undo_token(mailoutbox)
    with clock.shifted(timedelta(hours=1)):
        change(alice, THIRD)
        primary_email.undo(undo_token(mailoutbox), by=visitor())
        assert (primary_of(alice), for_resets(alice)) == (NEW, OLD)
        primary_email.undo(first, by=visitor())
    assert primary_of(alice) == OLD


def test_who_goes_back_by_the_settings_leaves_the_other_address_no_right_to_undo(
    alice: User, mailoutbox: list
) -> None:
    change(alice, NEW)
    token = undo_token(mailoutbox)
    change(alice, OLD)
    assert (primary_of(alice), for_resets(alice)) == (OLD, OLD)
    assert not any(PATH in mail.body for mail in mails(mailoutbox))
    assert refusal_of(lambda: primary_email.undo(token, by=visitor())) == "link_invalid"
    assert not EmailAddress.objects.exclude(undo_until=None).exists()


def test_making_the_primary_address_primary_changes_nothing(alice: User, mailoutbox: list) -> None:
    assert change(alice, OLD) == alice.auth_epoch
    assert mails(mailoutbox) == []
    assert not Entry.objects.filter(tag="email.primary_changed").exists()


def test_a_mailbox_is_not_flooded_with_changes(alice: User, mailoutbox: list) -> None:  # EM-10
    for turn in range(10):
        change(alice, OLD if turn % 2 else NEW)
    told = len(mails(mailoutbox))
    assert refusal_of(lambda: change(alice, NEW)) == "too_many_attempts"
    assert primary_of(alice) == OLD
    assert len(mails(mailoutbox)) == told


def test_an_address_that_was_never_verified_gets_no_link(mailoutbox: list) -> None:
    alice = person(verified=False)
    emails.claim(alice, NEW, NEW, primary=False, verified=clock.now())
    mails(mailoutbox)
    mailoutbox.clear()
    change(alice, NEW)
    assert [(mail.to, PATH in mail.body) for mail in mails(mailoutbox)] == [([NEW], False)]
    assert for_resets(alice) == NEW


def test_somebody_else_who_is_signed_in_can_not_use_the_link(alice: User, mailoutbox: list) -> None:  # EM-02
    change(alice, NEW)
    token, mallory = undo_token(mailoutbox), person("mallory")
    for act in (primary_email.look, primary_email.undo):
        with pytest.raises(Refused) as caught:
            act(token, by=as_user(mallory))
        assert caught.value.code == "link_of_somebody_else"
        assert "alice" not in caught.value.message
    assert primary_of(alice) == NEW
    assert primary_email.undo(token, by=as_user(alice)).address == OLD


def test_a_link_of_another_purpose_undoes_nothing(alice: User, mailoutbox: list) -> None:
    change(alice, NEW)
    undo_token(mailoutbox)
    url = links.make(
        MailLink.Purpose.VERIFY, user=User.objects.get(), address=EmailAddress.objects.get(address=OLD)
    )
    token = url.partition("?token=")[2]
    for forged in (token, "", "x", "\0", "a" * 10_000):
        assert refusal_of(partial(primary_email.undo, forged, by=visitor())) == "link_invalid"
    assert primary_of(alice) == NEW


def test_a_disabled_account_is_not_changed_by_a_link(alice: User, mailoutbox: list) -> None:
    change(alice, NEW)
    token = undo_token(mailoutbox)
    standing.disable(alice, by=Actor.console())
    assert refusal_of(lambda: primary_email.undo(token, by=visitor())) == "link_invalid"
    assert primary_of(alice) == NEW


@pytest.mark.django_db(transaction=True)
def test_of_eight_posts_of_one_link_one_counts(mailoutbox: list) -> None:
    alice = person()
    emails.claim(alice, NEW, NEW, primary=False, verified=clock.now())
    change(alice, NEW)
    token = undo_token(mailoutbox)
    answers = at_once([partial(primary_email.undo, token, by=visitor())] * 8)
    assert sum(isinstance(answer, Change) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"link_invalid"}
    assert len(mails(mailoutbox)) == 2


@pytest.mark.django_db(transaction=True)
def test_changes_at_once_leave_one_primary_address() -> None:
    alice = person()
    rows = [
        emails.claim(alice, f"{turn}@example.org", f"{turn}@example.org", primary=False, verified=clock.now())
        for turn in range(8)
    ]

    def prefer(row: EmailAddress) -> int:
        with transaction.atomic():
            return primary_email.make(alice, row.pk, by=as_user(alice))

    answers = at_once([partial(prefer, row) for row in rows])
    assert all(isinstance(answer, int) for answer in answers)
    assert EmailAddress.objects.filter(primary=True).count() == 1
    assert for_resets(alice) == "alice@example.org"
