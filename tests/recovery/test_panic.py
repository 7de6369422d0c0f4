"""The panic link of a mail: one press stops everything, and only a factor of before undoes it."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from strongroom.accounts import emails, panic_link
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.accounts.register import make_operator
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY, RECOVERY, TOTP
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices.models import QueuedMail
from strongroom.publish import credentials, identity
from strongroom.recovery import begin, panic, stage
from strongroom.recovery.panic import Panic
from strongroom.signin import browsers, reset, session, steps
from strongroom.signin.models import Browser, Session
from strongroom.signin.proof import BY_PASSWORD, Proof
from strongroom.signin.session import Opened, SignedInBy
from strongroom.signin.steps import Pending
from strongroom.tokens.models import Token
from tests.artifacts.building import build_wheel
from tests.publish.publishing import Press, by_password, by_token, left_behind
from tests.support.people import (
    BROWSER,
    PASSWORD,
    Phone,
    again,
    as_user,
    at_once,
    enter_code,
    link_in,
    mails,
    person,
    refusal_of,
    signed_in,
    visitor,
    with_phone,
)
from tests.tokens.making import token_for

pytestmark = pytest.mark.django_db
REFUSED_LINKS = ["", "x", "\0", "a" * 75, "a" * 10_000, "é" * 75]


@pytest.fixture
def alice(db: None) -> User:
    return person()


def token_of(user: User) -> str:
    return panic_link.make(user).partition("?token=")[2]


def pull(user: User) -> Panic:
    return panic.pull(token_of(user), by=visitor("198.51.100.9"))


def frozen_of(user: User) -> datetime | None:
    return User.objects.get(pk=user.pk).frozen


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Session, Browser, Token, Entry, QueuedMail))


def open_with(user: User, proof: Proof) -> Opened:
    with transaction.atomic():
        return session.open_session(
            User.objects.get(pk=user.pk), SignedInBy(method="test", proof=proof, told=True), by=visitor()
        )


def sign_in(user: User, phone: Phone) -> Opened:
    pending = steps.start(user.username, PASSWORD, by=visitor())
    assert isinstance(pending, Pending)
    opened = enter_code(pending.ticket, phone.code(), by=visitor())
    assert isinstance(opened, Opened)
    return opened


def undo(opened: Opened) -> Opened:
    row = again(opened)
    return panic.undo(row, by=session.actor_of(row, BROWSER))


def test_looking_at_a_link_says_whose_account_it_stops_and_changes_nothing(alice: User) -> None:
    signed_in(alice)
    token, before = token_of(alice), everything()
    assert panic.look(token) == Panic("alice", is_done=False)
    assert everything() == before
    assert frozen_of(alice) is None


def test_one_press_ends_sessions_browsers_links_and_tokens_and_freezes_the_account(
    alice: User, mailoutbox: list
) -> None:  # SS-02, SS-18
    opened = signed_in(alice)
    token_for(alice)
    reset.request("alice", by=visitor())
    reset_token = link_in(mails(mailoutbox)[-1].body, "/account/reset-password/")
    assert Browser.objects.filter(user=alice).exists()
    token = token_of(alice)
    assert panic.pull(token, by=visitor()) == Panic("alice", is_done=True)
    assert frozen_of(alice) == panic_link.find(token).written
    assert session.find(opened.secret) is None
    assert refusal_of(lambda: reset.find(reset_token)) == "link_invalid"
    assert not Browser.objects.filter(user=alice).exists()
    assert not Token.objects.exists()
    assert panic.look(token) == Panic("alice", is_done=True)
    assert Entry.objects.get(tag="account.frozen").actor_kind == "anonymous"
    assert Entry.objects.filter(tag="token.revoked").count() == 1


def test_a_sign_in_that_is_half_done_ends_as_well(alice: User) -> None:  # SS-02, LT-16
    with_phone(signed_in(alice))
    pending = steps.start("alice", PASSWORD, by=visitor())
    assert isinstance(pending, Pending)
    pull(alice)
    assert refusal_of(lambda: steps.methods_of(pending.ticket)) == "ticket_invalid"


def test_the_person_hears_at_every_address_and_so_does_every_operator(alice: User, mailoutbox: list) -> None:
    emails.claim(alice, "two@example.org", "two@example.org", primary=False, verified=clock.now())
    token_for(alice, name="Laptop")
    for name in ("olga", "otto"):
        make_operator(person(name), by=Actor.console())
    mails(mailoutbox)
    mailoutbox.clear()
    pull(alice)
    mine, others = "Your account at Strongroom is frozen", "The account alice at Strongroom is frozen"
    assert sorted((mail.to[0], mail.subject) for mail in mails(mailoutbox)) == [
        ("alice@example.org", mine),
        ("olga@example.org", others),
        ("otto@example.org", others),
        ("two@example.org", mine),
    ]
    bodies = {mail.to[0]: mail.body for mail in mailoutbox}
    assert "- Laptop" in bodies["alice@example.org"]
    assert "from 198.51.100.9" in bodies["olga@example.org"]
    assert "1 API token was revoked" in bodies["olga@example.org"]
    assert not any("/account/panic/" in body for body in bodies.values())  # whose would it be?


def test_an_operator_whose_own_account_it_is_hears_it_once(mailoutbox: list) -> None:
    olga = person("olga")
    make_operator(olga, by=Actor.console())
    pull(olga)
    assert [mail.subject for mail in mails(mailoutbox)] == ["Your account at Strongroom is frozen"]


def test_pulling_again_changes_nothing_by_this_mail_or_a_later_one(alice: User) -> None:
    first = token_of(alice)
    panic.pull(first, by=visitor())
    later, before, since = token_of(alice), everything(), frozen_of(alice)
    for token in (first, later):
        assert panic.pull(token, by=visitor()) == Panic("alice", is_done=True)
    assert (everything(), frozen_of(alice)) == (before, since)


def test_an_older_mail_moves_what_is_trusted_further_back(alice: User) -> None:
    with clock.shifted(timedelta(days=-2)):
        older = token_of(alice)
    pull(alice)
    assert panic.look(older) == Panic("alice", is_done=False)
    panic.pull(older, by=visitor())
    assert frozen_of(alice) == panic_link.find(older).written


@pytest.mark.parametrize("token", REFUSED_LINKS)
def test_a_link_that_is_not_ours_is_refused_and_does_nothing(alice: User, token: str) -> None:
    signed_in(alice)
    before = everything()
    for act in (panic.look, partial(panic.pull, by=visitor())):
        assert refusal_of(partial(act, token)) == "link_invalid"
    assert everything() == before
    assert frozen_of(alice) is None


def test_a_link_is_refused_after_thirty_days(alice: User) -> None:
    token = token_of(alice)
    with clock.shifted(timedelta(days=30, seconds=5)):
        assert refusal_of(lambda: panic.look(token)) == "link_invalid"
        assert refusal_of(lambda: panic.pull(token, by=visitor())) == "link_invalid"
    assert frozen_of(alice) is None


def test_links_are_tried_twenty_times_an_hour_from_one_address(alice: User) -> None:
    mallory = visitor("198.51.100.66")
    for _ in range(20):
        assert refusal_of(lambda: panic.pull("x", by=mallory)) == "link_invalid"
    token = token_of(alice)
    assert refusal_of(lambda: panic.pull(token, by=mallory)) == "too_many_attempts"
    assert frozen_of(alice) is None
    assert panic.pull(token, by=visitor()).is_done


def test_a_frozen_account_does_not_publish_by_password_and_makes_no_tokens(alice: User) -> None:
    pull(alice)
    alice.refresh_from_db()
    basic = "Basic YWxpY2U6Z3Jhbml0ZSB1bWJyZWxsYSBwYXJzbmlwIG9yYml0"
    assert refusal_of(lambda: identity.identify(basic, origin=BROWSER)) == "account_frozen"
    assert Entry.objects.get(tag="publisher.refused").reason == "account_frozen"
    make = partial(credentials.make_token, alice, name="ci", by=as_user(alice))
    assert refusal_of(make) == "account_frozen"
    assert not Token.objects.exists()


def test_tokens_of_a_frozen_account_are_refused_for_ever(alice: User) -> None:
    header = f"Bearer {token_for(alice).secret}"
    pull(alice)
    assert refusal_of(lambda: identity.identify(header, origin=BROWSER)) == "token_invalid"
    # even one that came to be in spite of everything
    header = f"Bearer {token_for(alice).secret}"
    assert refusal_of(lambda: identity.identify(header, origin=BROWSER)) == "account_frozen"


def test_what_was_under_way_when_the_account_was_frozen_is_not_published(
    alice: User, tmp_path: Path
) -> None:  # UP-36
    press = Press(tmp_path)
    token, password = by_token(token_for(alice).secret), by_password(alice)
    pull(alice)
    before, wheel = left_behind(), build_wheel(tmp_path)
    assert refusal_of(lambda: press.publish(wheel, by=token)) == "token_invalid"
    assert refusal_of(lambda: press.publish(wheel, by=password)) == "credentials_wrong"
    assert left_behind() == before


def test_a_form_from_before_the_freeze_makes_no_token(alice: User) -> None:
    make = partial(credentials.make_token, alice, name="ci", by=as_user(alice))
    pull(alice)  # alice's row was read before
    assert refusal_of(make) == "account_frozen"
    assert not Token.objects.exists()


def test_a_frozen_account_signs_in_as_usual(alice: User) -> None:
    pull(alice)
    assert session.find(signed_in(alice).secret) is not None


def test_a_recovery_that_is_going_on_is_stopped(alice: User, mailoutbox: list) -> None:
    with_phone(signed_in(alice))
    begin.begin_for(
        alice, reason="Video call on Monday, passport seen", address="alice@example.org", by=Actor.console()
    )
    assert stage.open_of(alice.pk)
    pull(alice)
    assert stage.open_of(alice.pk) is None
    assert Entry.objects.get(tag="recovery.stopped").details["stopped_by"] == "alice"


def test_a_factor_of_before_undoes_the_freeze(alice: User, mailoutbox: list) -> None:
    with clock.shifted(timedelta(days=-3)):
        _, phone = with_phone(signed_in(alice))
    token = token_of(alice)
    panic.pull(token, by=visitor())
    mine, other = sign_in(alice, phone), open_with(alice, BY_PASSWORD)
    renewed = undo(mine)
    thawed = User.objects.get()
    assert thawed.frozen is None
    assert [session.find(opened.secret) is not None for opened in (mine, other, renewed)] == [
        False,
        False,
        True,
    ]
    assert refusal_of(lambda: panic.pull(token, by=visitor())) == "link_invalid"
    assert credentials.make_token(thawed, name="ci", by=as_user(thawed)).token.pk
    (mail,) = [mail for mail in mails(mailoutbox) if "no longer frozen" in mail.subject]
    assert "with a second factor that was there before" in mail.body
    assert panic.pull(link_in(mail.body, "/account/panic/"), by=visitor()).is_done
    assert Entry.objects.get(tag="account.thawed").actor_name == "alice"


def test_a_factor_that_a_thief_added_does_not_undo_it(alice: User) -> None:
    with clock.shifted(timedelta(hours=-2)):
        _, phone = with_phone(signed_in(alice))
    pull(alice)
    opened = sign_in(alice, phone)
    before = everything()
    assert refusal_of(lambda: undo(opened)) == "factor_too_new"
    tried = Entry.objects.latest("serial")
    assert (tried.tag, tried.outcome, tried.reason) == ("account.thawed", "refused", "factor_too_new")
    assert everything() == (*before[:3], before[3] + 1, before[4])
    assert frozen_of(alice) is not None


@pytest.mark.parametrize("method", [TOTP, KEY])
@pytest.mark.parametrize(("seconds", "answer"), [(-1, "done"), (0, "factor_too_new"), (1, "factor_too_new")])
def test_a_factor_must_have_been_there_a_day_before_the_mail(
    alice: User, method: str, seconds: int, answer: str
) -> None:
    pull(alice)
    written = frozen_of(alice)
    assert written
    opened = open_with(alice, Proof(method, written - timedelta(days=1) + timedelta(seconds=seconds)))
    assert (refusal_of(lambda: undo(opened)) if answer != "done" else undo(opened) and "done") == answer
    assert (frozen_of(alice) is None) == (answer == "done")


@pytest.mark.parametrize(
    ("proof", "code"), [(BY_PASSWORD, "factor_too_new"), (Proof(RECOVERY, None), "factor_too_new")]
)
def test_a_password_or_a_recovery_code_does_not_undo_it(alice: User, proof: Proof, code: str) -> None:
    pull(alice)
    opened = open_with(alice, proof)
    assert refusal_of(lambda: undo(opened)) == code
    assert frozen_of(alice) is not None


def test_undoing_takes_a_fresh_proof(alice: User) -> None:  # SU-03
    pull(alice)
    opened = open_with(alice, Proof(KEY, clock.now() - timedelta(days=9)))
    with clock.shifted(timedelta(minutes=10, seconds=5)):
        assert refusal_of(lambda: undo(opened)) == "proof_needed"
    assert frozen_of(alice) is not None


def test_an_account_that_is_not_frozen_has_nothing_to_undo(alice: User) -> None:
    opened = signed_in(alice)
    assert refusal_of(lambda: undo(opened)) == "account_not_frozen"
    assert session.find(opened.secret) is not None


def test_a_link_outlives_a_change_of_every_address(alice: User) -> None:
    token = token_of(alice)
    EmailAddress.objects.all().delete()
    MailLink.objects.all().delete()
    assert panic.pull(token, by=visitor()).is_done


@pytest.mark.django_db(transaction=True)
def test_of_eight_presses_at_once_one_does_it() -> None:
    alice = person()
    signed_in(alice)
    token_for(alice)
    QueuedMail.objects.all().delete()
    answers: list[Any] = at_once([partial(panic.pull, token_of(alice), by=visitor())] * 8)
    assert answers == [Panic("alice", is_done=True)] * 8
    assert frozen_of(alice) is not None
    assert Entry.objects.filter(tag="token.revoked").count() == 1
    assert Entry.objects.filter(tag="account.frozen").count() == 1
    assert QueuedMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_made_at_the_same_moment_does_not_outlive_the_freeze() -> None:
    for turn in range(5):
        user = person(f"alice{turn}")
        make = partial(credentials.make_token, user, name="ci", by=as_user(user))
        made, pulled = at_once([make, partial(panic.pull, token_of(user), by=visitor())])
        assert isinstance(pulled, Panic)
        assert not isinstance(made, Refused) or made.code == "account_frozen"
        assert not Token.objects.filter(user=user).exists()
        assert browsers.of(user) == []
