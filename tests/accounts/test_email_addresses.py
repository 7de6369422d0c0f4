"""Adding, verifying, preferring and removing email addresses."""

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.accounts import addresses, emails
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.signin import credentials, session
from tests.support.people import BROWSER, as_user, at_once, link_in, mails, person, refusal_of, signed_in

pytestmark = pytest.mark.django_db
ANYBODY = Actor.anonymous(BROWSER)


def token_in(mail: object) -> str:
    return link_in(mail.body, "/account/verify-email/")  # type: ignore[attr-defined]


@pytest.fixture
def alice(db: None) -> User:
    return person()


def add(user: User, address: str) -> EmailAddress:
    return emails.add(user, address, by=as_user(user))


def test_a_link_verifies_its_address_once(mailoutbox: list) -> None:  # EM-01
    alice = person(verified=False)
    assert not emails.has_verified_primary(alice.pk)
    token = token_in(mails(mailoutbox)[0])
    emails.verify(token, by=ANYBODY)
    assert emails.has_verified_primary(alice.pk)
    assert Entry.objects.get(tag="email.verified").details == {"address": "alice@example.org"}
    assert refusal_of(lambda: emails.verify(token, by=ANYBODY)) == "link_invalid"


def test_a_link_is_dead_after_a_day(mailoutbox: list) -> None:  # EM-01
    alice = person(verified=False)
    token = token_in(mails(mailoutbox)[0])
    with clock.shifted(timedelta(hours=24, seconds=1)):
        assert refusal_of(lambda: emails.verify(token, by=ANYBODY)) == "link_invalid"
    assert not emails.has_verified_primary(alice.pk)


def test_somebody_else_who_is_signed_in_can_not_use_a_link(mailoutbox: list) -> None:  # EM-02
    alice, mallory = person(verified=False), person("mallory")
    token = token_in(mails(mailoutbox)[0])
    with pytest.raises(Refused) as caught:
        emails.verify(token, by=as_user(mallory))
    assert caught.value.code == "link_of_somebody_else"
    assert "alice" not in caught.value.message
    emails.verify(token, by=as_user(alice))


def test_the_link_of_a_removed_address_is_dead_when_it_is_added_again(
    alice: User, mailoutbox: list
) -> None:  # EM-14
    opened = signed_in(alice)
    row = add(alice, "second@example.org")
    token = token_in(mails(mailoutbox)[-1])
    credentials.remove_email(opened.session, row.pk, by=session.actor_of(opened.session, BROWSER))
    alice.refresh_from_db()
    add(alice, "second@example.org")
    assert refusal_of(lambda: emails.verify(token, by=ANYBODY)) == "link_invalid"


def test_an_added_address_is_mailed_a_link_and_the_others_are_told(alice: User, mailoutbox: list) -> None:
    add(alice, "second@example.org")
    assert sorted((mail.to[0], "/verify-email/?token=" in mail.body) for mail in mails(mailoutbox)) == [
        ("alice@example.org", False),
        ("second@example.org", True),
    ]
    assert emails.recipient(alice).addresses == ("alice@example.org",)


def test_two_accounts_may_claim_an_address_but_one_verifies_it(
    alice: User, mailoutbox: list
) -> None:  # EM-07
    bob = person("bob")
    add(alice, "shared@example.org")
    add(bob, "Shared@Example.org")
    tokens = [token_in(mail) for mail in mails(mailoutbox) if "/verify-email/?" in mail.body]
    emails.verify(tokens[0], by=ANYBODY)
    assert refusal_of(lambda: emails.verify(tokens[1], by=ANYBODY)) == "link_invalid"
    assert EmailAddress.objects.filter(key="shared@example.org", verified__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_at_once_one_verifies_an_address(mailoutbox: list) -> None:  # EM-07
    for username in ("alice", "bob"):
        add(person(username), "shared@example.org")
    tokens = [token_in(mail) for mail in mails(mailoutbox) if "/verify-email/?" in mail.body]
    answers = at_once([partial(emails.verify, token, by=ANYBODY) for token in tokens])
    assert sum(isinstance(answer, EmailAddress) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"link_invalid"}


def test_an_address_is_added_once_per_account(alice: User) -> None:
    assert refusal_of(lambda: add(alice, "ALICE@example.org")) == "email_already_added"
    assert alice.addresses.count() == 1


def test_an_account_has_ten_addresses_at_most(alice: User) -> None:
    for turn in range(9):
        add(alice, f"alice{turn}@example.org")
    assert refusal_of(lambda: add(alice, "one-more@example.org")) == "email_too_many"


def test_a_mailbox_is_not_flooded_with_links(alice: User, mailoutbox: list) -> None:  # EM-10
    row = add(alice, "second@example.org")
    answers = []
    for _ in range(6):
        try:
            emails.send_verification(alice, row.pk, by=as_user(alice))
            answers.append("sent")
        except Refused as refusal:
            answers.append(refusal.code)
    assert answers == ["sent"] * 4 + ["too_many_attempts"] * 2
    assert sum(mail.to == ["second@example.org"] for mail in mails(mailoutbox)) == 5


def test_only_a_verified_address_becomes_primary_and_old_and_new_are_told(
    alice: User, mailoutbox: list
) -> None:
    opened = signed_in(alice)
    actor = session.actor_of(opened.session, BROWSER)
    row = add(alice, "second@example.org")
    prefer = partial(credentials.make_primary_email, opened.session, row.pk, by=actor)
    assert refusal_of(prefer) == "email_not_verified"
    emails.verify(token_in(mails(mailoutbox)[-1]), by=ANYBODY)
    mailoutbox.clear()
    changed = prefer()
    primary = emails.primary(alice)
    assert primary is not None
    assert primary.address == "second@example.org"
    assert sorted(mail.to[0] for mail in mails(mailoutbox)) == ["alice@example.org", "second@example.org"]
    assert session.find(opened.secret) is None
    assert session.find(changed.secret) is not None
    event = Entry.objects.get(tag="email.primary_changed", outcome="done")
    assert event.details == {"address": "second@example.org", "before": "alice@example.org"}


def test_the_primary_address_can_not_be_removed(alice: User) -> None:  # EM-13
    opened = signed_in(alice)
    row = emails.primary(alice)
    assert row is not None
    actor = session.actor_of(opened.session, BROWSER)
    assert (
        refusal_of(lambda: credentials.remove_email(opened.session, row.pk, by=actor)) == "email_is_primary"
    )
    assert alice.addresses.count() == 1


def test_a_removed_address_is_told_as_well(alice: User, mailoutbox: list) -> None:  # SU-08
    opened = signed_in(alice)
    row = add(alice, "second@example.org")
    emails.verify(token_in(mails(mailoutbox)[-1]), by=ANYBODY)
    mailoutbox.clear()
    credentials.remove_email(opened.session, row.pk, by=session.actor_of(opened.session, BROWSER))
    assert sorted(mail.to[0] for mail in mails(mailoutbox)) == ["alice@example.org", "second@example.org"]


def test_the_addresses_of_somebody_else_can_not_be_named(alice: User) -> None:  # design D6
    mallory = signed_in(person("mallory"))
    actor = session.actor_of(mallory.session, BROWSER)
    row = emails.primary(alice)
    assert row is not None
    for act in (
        lambda: credentials.remove_email(mallory.session, row.pk, by=actor),
        lambda: credentials.make_primary_email(mallory.session, row.pk, by=actor),
        lambda: emails.send_verification(mallory.session.user, row.pk, by=ANYBODY),
    ):
        assert refusal_of(act) == "email_unknown"


def test_changing_addresses_asks_for_a_fresh_proof(alice: User) -> None:  # EM-05
    opened = signed_in(alice)
    row = add(alice, "second@example.org")
    actor = session.actor_of(opened.session, BROWSER)
    with clock.shifted(timedelta(minutes=11)):
        assert (
            refusal_of(lambda: credentials.remove_email(opened.session, row.pk, by=actor)) == "proof_needed"
        )
        assert (
            refusal_of(lambda: credentials.make_primary_email(opened.session, row.pk, by=actor))
            == "proof_needed"
        )


def test_links_are_stored_as_digests(mailoutbox: list) -> None:
    person(verified=False)
    token = token_in(mails(mailoutbox)[0])
    assert token not in str(MailLink.objects.values().get())


@pytest.mark.parametrize(
    ("address", "plain", "key"),
    [
        ("Alice@Example.ORG", "Alice@example.org", "alice@example.org"),
        (" alice@example.org ", "alice@example.org", "alice@example.org"),
        ("alice+index@example.org", "alice+index@example.org", "alice+index@example.org"),
        ("a.l.i.c.e@example.org", "a.l.i.c.e@example.org", "a.l.i.c.e@example.org"),
        ("alice@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example", "alice@xn--bcher-kva.example", None),
    ],
)
def test_the_canonical_form_merges_case_only(address: str, plain: str, key: str | None) -> None:  # EM-08
    found_plain, found_key = addresses.check(address)
    assert found_plain.casefold() == plain.casefold()
    assert found_key == (key or plain)


@given(st.one_of(st.text(max_size=60), st.emails()))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        plain, key = addresses.check(text)
    except Refused:
        return
    assert plain.isascii()
    assert len(plain.split("@")) == 2
    assert not set(plain) & set("\r\n\0 ,;<>")
    assert addresses.check(plain) == (plain, key)
