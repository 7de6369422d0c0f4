"""Tokens as their owner makes and revokes them."""

from functools import partial

import pytest

from strongroom.accounts import standing
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices.models import QueuedMail
from strongroom.publish import credentials
from strongroom.publish.identity import identify
from strongroom.tokens.mint import NewToken
from strongroom.tokens.models import Token
from tests.support.people import BROWSER, as_user, mails, person, refusal_of
from tests.tokens.making import project_of

pytestmark = pytest.mark.django_db


def test_a_token_for_the_account_publishes_and_its_owner_is_told(mailoutbox: list) -> None:
    alice = person()
    made = credentials.make_token(alice, name="laptop", by=as_user(alice))
    identity = identify(f"Bearer {made.secret}", origin=BROWSER)
    assert identity.user_id == alice.pk
    mail = mails(mailoutbox)[-1]
    assert mail.to == ["alice@example.org"]
    assert "laptop" in mail.subject
    assert "all of your projects" in mail.body
    assert "203.0.113.7" in mail.body
    assert made.secret[:20] not in mail.body


def test_a_token_for_a_project_says_so(mailoutbox: list) -> None:
    alice = person()
    project_of(alice, "My.Demo")
    made = credentials.make_token(alice, name="ci & more", projects=["my-demo"], by=as_user(alice))
    assert "my-demo" in mails(mailoutbox)[-1].body
    assert "ci & more" in mails(mailoutbox)[-1].subject
    (listed,) = credentials.tokens_of(alice)
    assert (listed.id, listed.name, listed.projects) == (made.token.pk, "ci & more", ("My.Demo",))


def test_a_token_needs_a_verified_address_and_an_account_in_good_standing() -> None:
    unverified, disabled = person(verified=False), person("bob")
    standing.disable(disabled, by=Actor.console())
    disabled.refresh_from_db()
    for user, code in ((unverified, "email_unverified"), (disabled, "account_disabled")):
        make = partial(credentials.make_token, user, name="x", by=as_user(user))
        assert refusal_of(make) == code
    assert not Token.objects.exists()


@pytest.mark.parametrize("project", ["demo", "nothing", "", "a\0b"])
def test_a_token_is_for_a_project_of_ones_own(project: str) -> None:
    alice, mallory = person(), person("mallory")
    project_of(alice)
    make = partial(credentials.make_token, mallory, name="x", projects=[project], by=as_user(mallory))
    assert refusal_of(make) == "project_not_yours"
    assert not Token.objects.exists()


def test_a_name_that_is_taken_sends_no_mail() -> None:
    alice = person()
    make = partial(credentials.make_token, alice, name="x", by=as_user(alice))
    assert isinstance(make(), NewToken)
    before = QueuedMail.objects.count()
    assert refusal_of(make) == "token_name_taken"
    assert QueuedMail.objects.count() == before


def test_sixty_tokens_an_hour_are_enough() -> None:  # RL-11
    alice = person()
    with clock.frozen(clock.now()):
        for number in range(60):
            credentials.make_token(alice, name=str(number), by=as_user(alice))
        make = partial(credentials.make_token, alice, name="more", by=as_user(alice))
        assert refusal_of(make) == "too_many_attempts"


def test_revoking_is_told_and_ends_the_token_at_once(mailoutbox: list) -> None:  # TK-10
    alice = person()
    made = credentials.make_token(alice, name="laptop", by=as_user(alice))
    credentials.revoke_token(alice, made.token.pk, by=as_user(alice))
    assert refusal_of(lambda: identify(f"Bearer {made.secret}", origin=BROWSER)) == "token_invalid"
    mail = mails(mailoutbox)[-1]
    assert "revoked" in mail.subject
    assert "laptop" in mail.body


def test_the_token_of_somebody_else_can_not_be_revoked() -> None:  # TK-14
    alice, mallory = person(), person("mallory")
    made = credentials.make_token(alice, name="laptop", by=as_user(alice))
    before = QueuedMail.objects.count()
    revoke = partial(credentials.revoke_token, mallory, made.token.pk, by=as_user(mallory))
    assert refusal_of(revoke) == "token_unknown"
    assert Token.objects.count() == 1
    assert QueuedMail.objects.count() == before


def test_all_tokens_are_revoked_with_one_mail(mailoutbox: list) -> None:
    alice = person()
    for name in ("one", "two"):
        credentials.make_token(alice, name=name, by=as_user(alice))
    count = len(mails(mailoutbox))
    assert credentials.revoke_all_tokens(alice, by=as_user(alice)) == 2
    assert credentials.revoke_all_tokens(alice, by=as_user(alice)) == 0
    assert len(mails(mailoutbox)) == count + 1
    assert "one" in mailoutbox[-1].body
    assert "two" in mailoutbox[-1].body
    assert Entry.objects.filter(tag="token.revoked").count() == 2
