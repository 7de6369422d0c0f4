"""Making an account."""

from functools import partial

import pytest

from strongroom.accounts import find, passwords, register
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from tests.support.configuration import changed
from tests.support.people import PASSWORD, as_user, at_once, mails, person, refusal_of, visitor

pytestmark = pytest.mark.django_db


def sign_up(username: str = "alice", address: str = "alice@example.org", password: str = PASSWORD) -> User:
    return register.register(username, address, password, by=visitor())


@pytest.mark.usefixtures("real_password_cost")
def test_an_account_has_a_hashed_password_an_unverified_address_an_event_and_a_mail(mailoutbox: list) -> None:
    alice = sign_up("Alice")
    row = EmailAddress.objects.get()
    assert (row.user, row.address, row.primary, row.verified) == (alice, "alice@example.org", True, None)
    assert alice.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_right(alice, PASSWORD)
    assert find.by_username("aLICE") == alice
    created, added = Entry.objects.order_by("serial")
    assert (created.tag, created.subject_id, created.actor_kind) == ("account.created", alice.pk, "anonymous")
    assert created.details == {"username": "Alice"}
    assert (added.tag, added.subject_id) == ("email.added", alice.pk)
    assert added.details == {"address": EmailAddress.objects.get().address}
    assert [(mail.to, "verify-email" in mail.body) for mail in mails(mailoutbox)] == [
        (["alice@example.org"], True)
    ]


@pytest.mark.parametrize(
    ("username", "address", "password", "code"),
    [
        ("", "alice@example.org", PASSWORD, "username_invalid"),
        ("-alice", "alice@example.org", PASSWORD, "username_invalid"),
        ("a" * 51, "alice@example.org", PASSWORD, "username_invalid"),
        ("a" * 100_000, "alice@example.org", PASSWORD, "username_invalid"),
        ("al ice", "alice@example.org", PASSWORD, "username_invalid"),
        ("alice\n", "alice@example.org", PASSWORD, "username_invalid"),
        ("\N{CYRILLIC SMALL LETTER A}lice", "alice@example.org", PASSWORD, "username_invalid"),
        ("admin", "alice@example.org", PASSWORD, "username_taken"),
        ("alice", "alice", PASSWORD, "email_invalid"),
        ("alice", "a@b\r\nBcc: x@example.org", PASSWORD, "email_invalid"),
        ("alice", f"{'a' * 300}@example.org", PASSWORD, "email_invalid"),
        ("alice", "a" * 100_000, PASSWORD, "email_invalid"),
        ("alice", '"a b"@example.org', PASSWORD, "email_invalid"),
        ("alice", "alice@[127.0.0.1]", PASSWORD, "email_invalid"),
        ("alice", "al\N{LATIN SMALL LETTER DOTLESS I}ce@example.org", PASSWORD, "email_invalid"),
        ("alice", "alice@example.org\0", PASSWORD, "email_invalid"),
        ("alice", "alice@example.org", "short", "password_too_short"),
        ("alice", "alice@example.org", "qwertyuiop", "password_weak"),
        ("alice", "alice@example.org", "a" * 100_000, "password_too_long"),
        ("alice", "alice@example.org", "granite\0umbrella parsnip", "password_malformed"),
        ("alice", "alice@example.org", "granite \ud800 parsnip", "password_malformed"),
    ],
)
def test_what_is_not_fit_is_refused_and_leaves_nothing(
    username: str, address: str, password: str, code: str, mailoutbox: list
) -> None:  # EM-09, LT-20
    assert refusal_of(partial(sign_up, username, address, password)) == code
    assert not User.objects.exists()
    assert not Entry.objects.exists()
    assert mails(mailoutbox) == []


def test_a_username_is_taken_in_every_spelling(mailoutbox: list) -> None:
    sign_up("alice")
    assert refusal_of(partial(sign_up, "ALICE", "other@example.org")) == "username_taken"
    assert User.objects.count() == 1
    assert len(mails(mailoutbox)) == 1


def test_an_address_of_another_account_is_not_given_away_and_its_owner_is_told(
    mailoutbox: list,
) -> None:  # EM-06
    person("alice")
    mallory = sign_up("mallory", "alice@example.org")
    assert isinstance(mallory, User)
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert "token=" not in mailoutbox[0].body
    assert not MailLink.objects.exists()


def test_a_closed_instance_takes_people_from_its_operators_only(settings: pytest.FixtureRequest) -> None:
    settings.CONFIG = changed("accounts", registration="closed")
    assert refusal_of(sign_up) == "registration_closed"
    bob = register.add_verified("bob", "bob@example.org", PASSWORD, by=Actor.console())
    assert bob.username == "bob"
    told = Entry.objects.filter(subject_id=bob.pk, actor_name="console").order_by("serial")
    assert [(entry.tag, *entry.details.values()) for entry in told] == [
        ("account.created", "bob"),
        ("email.added", "bob@example.org"),
        ("email.verified", "bob@example.org"),
    ]


def test_an_operator_can_not_vouch_for_an_address_that_somebody_has_verified() -> None:
    person("alice")
    add = partial(register.add_verified, "bob", "Alice@example.org", PASSWORD, by=Actor.console())
    assert refusal_of(add) == "email_taken"
    assert User.objects.count() == 1


def test_one_address_makes_twenty_accounts_an_hour() -> None:  # RL-11
    answers = []
    for turn in range(22):
        try:
            answers.append(bool(sign_up(f"user{turn}", f"user{turn}@example.org")))
        except Refused as refusal:
            answers.append(refusal.code)
    assert answers == [True] * 20 + ["too_many_attempts"] * 2


@pytest.mark.django_db(transaction=True)
def test_of_parallel_registrations_of_one_name_one_wins() -> None:
    calls = [partial(sign_up, "alice", f"alice{turn}@example.org") for turn in range(6)]
    answers = at_once(calls)
    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"username_taken"}
    assert EmailAddress.objects.count() == 1


class TestTheFirstOperator:
    """The one-time link that the terminal shows."""

    def test_the_link_makes_one_operator_once(self) -> None:  # AD-09
        alice, mallory = person("alice"), person("mallory")
        token = (register.setup_link(by=Actor.console()) or "").partition("token=")[2]
        register.claim_setup(token, alice, by=as_user(alice))
        assert refusal_of(lambda: register.claim_setup(token, mallory, by=as_user(mallory))) == "link_invalid"
        assert [user.username for user in User.objects.filter(is_operator=True)] == ["alice"]
        made, refused = Entry.objects.filter(tag="account.operator_made").order_by("serial")
        assert (made.outcome, made.subject_id, made.actor_name) == ("done", alice.pk, "alice")
        assert (refused.reason, refused.subject_id) == ("link_invalid", mallory.pk)
        assert register.setup_link(by=Actor.console()) is None

    def test_only_the_link_shown_last_works(self) -> None:
        alice = person()
        first = (register.setup_link(by=Actor.console()) or "").partition("token=")[2]
        second = (register.setup_link(by=Actor.console()) or "").partition("token=")[2]
        assert refusal_of(lambda: register.claim_setup(first, alice, by=as_user(alice))) == "link_invalid"
        register.claim_setup(second, alice, by=as_user(alice))
        shown = Entry.objects.filter(tag="setup.link_made", outcome="done").order_by("serial")
        assert [(entry.actor_name, entry.details) for entry in shown] == [("console", {})] * 2
        assert not [text for text in shown.values_list("facts", "personal") if second in "".join(text)]

    def test_a_day_later_the_link_is_dead(self) -> None:
        from datetime import timedelta

        alice = person()
        token = (register.setup_link(by=Actor.console()) or "").partition("token=")[2]
        with clock.shifted(timedelta(hours=24, seconds=1)):
            assert refusal_of(lambda: register.claim_setup(token, alice, by=as_user(alice))) == "link_invalid"
