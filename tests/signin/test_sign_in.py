"""Signing in: password, then a code where the account has an authenticator app, then one session."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from strongroom.accounts import passwords, standing
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.factors.models import Totp
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import digest
from strongroom.signin import factors, session, steps
from strongroom.signin.models import Session, Ticket
from strongroom.signin.session import Opened
from strongroom.signin.steps import Pending
from tests.support.people import (
    BROWSER,
    PASSWORD,
    Phone,
    at_once,
    enter_code,
    mails,
    person,
    refusal_of,
    signed_in,
    visitor,
    with_phone,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(db: None) -> Phone:
    """Alice's phone; its enrollment code is 5 minutes old."""
    with clock.shifted(timedelta(minutes=-5)):
        _opened, phone = with_phone(signed_in(person()))
    Session.objects.all().delete()
    return phone


def ticket_of(login: str = "alice") -> str:
    pending = steps.start(login, PASSWORD, by=visitor())
    assert isinstance(pending, Pending)
    return pending.ticket


@pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.org", "Alice@Example.ORG"])
def test_a_password_alone_opens_a_session_where_there_is_no_second_factor(login: str) -> None:
    alice = person()
    opened = steps.start(login, PASSWORD, by=visitor())
    assert isinstance(opened, Opened)
    found = session.find(opened.secret)
    assert found is not None
    assert (found.user, found.method, found.address) == (alice, "password", "203.0.113.7")
    event = Entry.objects.get(tag="session.sign_in")
    assert (event.outcome, event.subject_id, event.details) == ("done", alice.pk, {"method": "password"})
    assert event.credential == found.digest[:8]


def test_the_cookie_is_random_and_only_its_digest_is_stored() -> None:  # SS-05
    opened = signed_in(person())
    assert len(opened.secret) >= 43
    row = Session.objects.values().get()
    assert opened.secret not in str(row)
    assert row["digest"] == digest(opened.secret)


def test_an_unverified_address_is_no_login() -> None:
    person(verified=False)
    assert refusal_of(lambda: steps.start("alice@example.org", PASSWORD, by=visitor())) == "credentials_wrong"


def test_whatever_is_wrong_the_answer_is_the_same() -> None:  # LT-19
    person("alice")
    mallory = person("mallory")
    standing.disable(mallory, by=Actor.console())
    tries = [
        ("alice", "wrong"),
        ("nobody", PASSWORD),
        ("mallory", PASSWORD),
        ("nobody@example.org", "x"),
        ("", ""),
    ]
    answers = set()
    for login, password in tries:
        with pytest.raises(Refused) as caught:
            steps.start(login, password, by=visitor())
        answers.add((caught.value.code, caught.value.message, caught.value.field))
    assert len(answers) == 1
    assert not Session.objects.exists()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("password", ["x" * 100_000, "a\0b", "\ud800" * 10, ""])
def test_a_password_that_can_not_be_one_is_refused_like_a_wrong_one(password: str) -> None:  # LT-20
    person()
    assert refusal_of(lambda: steps.start("alice", password, by=visitor())) == "credentials_wrong"


def test_a_password_is_the_same_in_every_unicode_form() -> None:  # LT-20
    from strongroom.accounts import register

    register.add_verified("alice", "alice@example.org", "grünspan zwölf äpfel", by=Actor.console())
    decomposed = "gru\N{COMBINING DIAERESIS}nspan zwo\N{COMBINING DIAERESIS}lf a\N{COMBINING DIAERESIS}pfel"
    assert isinstance(steps.start("alice", decomposed, by=visitor()), Opened)


def test_with_a_second_factor_the_password_opens_nothing(phone: Phone) -> None:  # LT-15
    ticket = ticket_of()
    assert not Session.objects.exists()
    assert session.find(ticket) is None


def test_password_and_code_open_one_session(phone: Phone) -> None:
    opened = enter_code(ticket_of(), phone.code(), by=visitor())
    found = session.find(opened.secret)
    assert found is not None
    assert (found.method, found.proof) == ("password+totp", "totp")
    assert Totp.objects.get().last_used is not None


def test_a_wrong_code_leaves_the_ticket_for_another_try(phone: Phone) -> None:
    ticket = ticket_of()
    wrong = f"{(int(phone.code()) + 1) % 10**6:06}"
    assert refusal_of(lambda: enter_code(ticket, wrong, by=visitor())) in {
        "totp_wrong",
        "totp_clock_off",
    }
    assert not Session.objects.exists()
    refusal = Entry.objects.filter(tag="session.sign_in").latest("serial")
    assert (refusal.outcome, refusal.actor_kind) == ("refused", "anonymous")
    assert isinstance(enter_code(ticket, phone.code(), by=visitor()), Opened)


def test_a_code_opens_one_session_only(phone: Phone) -> None:  # LT-01
    code = phone.code()
    enter_code(ticket_of(), code, by=visitor())
    assert refusal_of(lambda: enter_code(ticket_of(), code, by=visitor())) == "totp_reused"
    assert Session.objects.count() == 1


def test_a_code_of_alice_does_not_serve_bob(phone: Phone) -> None:  # LT-14
    with clock.shifted(timedelta(minutes=-5)):
        with_phone(signed_in(person("bob")))
    code = phone.code()
    assert refusal_of(lambda: enter_code(ticket_of("bob"), code, by=visitor())) in {
        "totp_wrong",
        "totp_clock_off",
    }


def test_a_ticket_is_good_for_five_minutes_and_once(phone: Phone) -> None:  # LT-17
    ticket, late = ticket_of(), ticket_of()
    enter_code(ticket, phone.code(), by=visitor())
    assert refusal_of(lambda: enter_code(ticket, phone.code(steps=1), by=visitor())) == "ticket_invalid"
    with clock.shifted(timedelta(minutes=5, seconds=1)):
        assert refusal_of(lambda: enter_code(late, phone.code(), by=visitor())) == "ticket_invalid"
    assert refusal_of(lambda: enter_code("made up", phone.code(), by=visitor())) == "ticket_invalid"


def test_a_pending_sign_in_dies_with_the_factor_it_waits_for(phone: Phone) -> None:  # LT-16, LT-18
    ticket = ticket_of()
    code = phone.code()
    opened = enter_code(ticket_of(), phone.code(steps=-1), by=visitor())
    actor = session.actor_of(opened.session, BROWSER)
    factors.remove_totp(opened.session, Totp.objects.get().pk, keep_one=False, by=actor)
    assert refusal_of(lambda: enter_code(ticket, code, by=visitor())) == "ticket_invalid"


def test_a_pending_sign_in_dies_with_the_password_it_began_with(phone: Phone) -> None:  # LT-16
    ticket, user = ticket_of(), User.objects.get()
    with transaction.atomic():
        passwords.store(user, passwords.prepare(user, "walnut harbor tricycle meadow"), by=Actor.console())
    assert refusal_of(lambda: enter_code(ticket, phone.code(), by=visitor())) == "ticket_invalid"
    assert not Session.objects.exists()


def test_a_disabled_account_can_not_finish_signing_in(phone: Phone) -> None:
    ticket, code = ticket_of(), phone.code()
    standing.disable(User.objects.get(), by=Actor.console())
    assert refusal_of(lambda: enter_code(ticket, code, by=visitor())) == "ticket_invalid"
    assert not Session.objects.exists()


def test_after_ten_wrong_codes_the_right_one_is_refused_and_the_owner_told_once(
    phone: Phone, mailoutbox: list
) -> None:  # LT-12
    ticket = ticket_of()
    mails(mailoutbox).clear()
    wrong = f"{(int(phone.code()) + 1) % 10**6:06}"
    for _ in range(10):
        assert refusal_of(lambda: enter_code(ticket, wrong, by=visitor())) in {
            "totp_wrong",
            "totp_clock_off",
        }
    for _ in range(3):
        with pytest.raises(Refused) as caught:
            enter_code(ticket, phone.code(), by=visitor())
        assert caught.value.code == "too_many_attempts"
        assert 0 < (caught.value.retry_after or 0) <= 300
    assert not Session.objects.exists()
    subjects = [mail.subject for mail in mails(mailoutbox)]
    assert [subject.split()[0] for subject in subjects] == ["Somebody", "Many"]  # tries codes; is locked out
    assert Entry.objects.filter(tag="factor.locked").count() == 1


def test_guessing_from_everywhere_stays_below_a_hundred_codes_in_a_row(phone: Phone) -> None:  # LT-12, RL-02
    evaluated = 0
    for turn in range(72):
        with clock.shifted(timedelta(hours=4) * turn):
            ticket = ticket_of()
            wrong = f"{(int(phone.code()) + 1) % 10**6:06}"
            for guess in range(11):
                answer = partial(enter_code, ticket, wrong, by=visitor(f"198.51.{turn}.{guess}"))
                evaluated += refusal_of(answer) != "too_many_attempts"
    assert evaluated == 100


def test_wrong_passwords_elsewhere_do_not_lock_the_owner_out() -> None:  # LT-13
    person()
    for _ in range(10):
        assert (
            refusal_of(lambda: steps.start("alice", "guess", by=visitor("198.51.100.1")))
            == "credentials_wrong"
        )
    assert (
        refusal_of(lambda: steps.start("alice", PASSWORD, by=visitor("198.51.100.1"))) == "too_many_attempts"
    )
    assert isinstance(steps.start("alice", PASSWORD, by=visitor("203.0.113.7")), Opened)


def test_a_strangers_own_sign_in_does_not_give_his_address_its_guesses_back() -> None:  # RL-07
    person("alice")
    person("mallory")
    by = visitor("198.51.100.1")
    answers = []
    for turn in range(60):
        login, password = ("mallory", PASSWORD) if turn % 5 == 0 else (f"user{turn}", "guess")
        try:
            answers.append(isinstance(steps.start(login, password, by=by), Opened))
        except Refused as refusal:
            answers.append(refusal.code)
    assert answers.count("too_many_attempts") == 10


def test_unknown_users_are_limited_like_known_ones() -> None:  # RL-09
    codes = [refusal_of(lambda: steps.start("nobody", "guess", by=visitor())) for _ in range(11)]
    assert codes == ["credentials_wrong"] * 10 + ["too_many_attempts"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_thirty_two_sign_ins_with_one_code_open_one_session() -> None:  # LT-04
    with clock.shifted(timedelta(minutes=-5)):
        _opened, phone = with_phone(signed_in(person()))
    Session.objects.all().delete()
    tickets = [ticket_of() for _ in range(32)]
    code = phone.code()
    answers = at_once([partial(enter_code, ticket, code, by=visitor()) for ticket in tickets])
    refused = {answer.code for answer in answers if isinstance(answer, Refused)}
    assert sum(isinstance(answer, Opened) for answer in answers) == 1
    assert refused == {"totp_reused", "too_many_attempts"}
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_hundred_guesses_at_once_are_not_evaluated_beyond_the_limit() -> None:  # RL-01
    person()
    answers = at_once([partial(steps.start, "alice", "guess", by=visitor())] * 60)
    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert codes.count("credentials_wrong") == 10
    assert codes.count("too_many_attempts") == 50
