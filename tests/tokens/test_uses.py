"""A number of uses is counted for each narrowed copy by itself, and never beyond."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from strongroom.kernel.refused import Refused
from strongroom.tokens import uses
from strongroom.tokens.models import Token, TokenUses
from strongroom.tokens.narrow import Narrowing, narrow
from strongroom.tokens.revoke import revoke
from strongroom.tokens.verify import VerifiedToken
from tests.support.people import as_user, at_once, person, refusal_of
from tests.tokens.making import token_for, verified, with_caveat

pytestmark = pytest.mark.django_db


def spend(text: str) -> None:
    """One use, as of an upload that succeeds."""
    token = verified(text)
    with transaction.atomic():
        token.spend()


def left(text: str) -> int:
    """How often it can still be used, found by using it."""
    count = 0
    while _outcome(text) == "spent":
        count += 1
    assert _outcome(text) == "token_used_up"
    return count


def _outcome(text: str) -> str:
    try:
        spend(text)
    except Refused as refused:
        return refused.code
    return "spent"


def test_a_token_for_three_uses_is_used_three_times() -> None:
    text = token_for(person(), uses=3).secret
    assert left(text) == 3
    assert TokenUses.objects.get().count == 3
    assert refusal_of(lambda: verified(text)) == "token_used_up"


def test_copies_that_were_narrowed_otherwise_count_for_themselves() -> None:
    text = token_for(person()).secret
    one, two = (narrow(text, Narrowing(uses=2, label=label)) for label in ("one", "two"))
    assert (left(one), left(two)) == (2, 2)
    verified(text)  # which has no number


def test_copies_that_are_equal_to_the_byte_count_together() -> None:
    text = token_for(person()).secret
    spend(with_caveat(text, '["uses",2]'))
    assert left(narrow(text, Narrowing(uses=2))) == 1


def test_a_copy_counts_with_what_it_was_made_from() -> None:  # TK-03
    """Narrowing a token with a number, in whatever way, gives no use back."""
    text = token_for(person(), uses=3).secret
    fresh, generous = narrow(text, Narrowing(uses=1)), narrow(text, Narrowing(uses=100))
    assert left(fresh) == 1
    assert left(generous) == 2
    assert left(text) == 0
    assert refusal_of(lambda: verified(narrow(text, Narrowing(uses=100, label="again")))) == "token_used_up"


def test_what_is_spent_and_then_undone_is_not_counted() -> None:
    token = verified(token_for(person(), uses=1).secret)

    def undone() -> None:
        with transaction.atomic():
            token.spend()
            raise Refused("file_exists", "It does.")

    assert refusal_of(undone) == "file_exists"
    assert not TokenUses.objects.exists()


def test_of_two_numbers_the_one_that_is_used_up_costs_the_other_nothing() -> None:
    text = token_for(person(), uses=5).secret
    once = verified(narrow(text, Narrowing(uses=1)))
    with transaction.atomic():
        once.spend()

    def again() -> None:
        with transaction.atomic():
            once.spend()

    assert refusal_of(again) == "token_used_up"
    assert left(text) == 4


def test_tokens_without_a_number_ask_nothing(django_assert_num_queries: Callable) -> None:
    token = verified(token_for(person()).secret)
    with django_assert_num_queries(0):
        uses.require_left(token.id, token.allowances)
        token.spend()


def test_a_token_that_was_revoked_since_is_not_counted() -> None:  # TK-10
    alice = person()
    made = token_for(alice, uses=1)
    token = verified(made.secret)
    revoke(alice.pk, made.token.pk, by=as_user(alice))
    assert refusal_of(token.spend) == "token_invalid"
    assert not TokenUses.objects.exists()


def test_the_counts_go_with_the_token() -> None:
    alice = person()
    made = token_for(alice, uses=3)
    spend(made.secret)
    revoke(alice.pk, made.token.pk, by=as_user(alice))
    assert not TokenUses.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_three_are_let_in() -> None:  # TK-21
    for number in range(5):
        token = verified(token_for(person(f"alice{number}"), uses=3).secret)
        results = at_once([partial(_spend_verified, token)] * 8)
        refused = [result.code for result in results if isinstance(result, Refused)]
        assert refused == ["token_used_up"] * 5
    assert [row.count for row in TokenUses.objects.all()] == [3] * 5


@pytest.mark.django_db(transaction=True)
def test_a_token_is_revoked_while_it_is_used() -> None:  # TK-10
    """Neither waits for the other for ever, nor breaks: what is counted goes with the token."""
    for number in range(10):
        alice = person(f"alice{number}")
        made = token_for(alice)
        copies = [
            verified(narrow(made.secret, Narrowing(uses=1, label=f"job {label}"))) for label in range(7)
        ]
        calls = [partial(_spend_verified, token) for token in copies]
        calls.insert(3, partial(_revoke, made.token.pk, alice.pk))
        results = at_once(calls)
        refused = [result.code for result in results if isinstance(result, Refused)]
        assert set(refused) <= {"token_invalid"}
    assert not Token.objects.exists()
    assert not TokenUses.objects.exists()


def _spend_verified(token: VerifiedToken) -> None:
    with transaction.atomic():
        token.spend()


def _revoke(token_id: int, user_id: int) -> None:
    from strongroom.accounts.models import User

    with transaction.atomic():
        revoke(user_id, token_id, by=as_user(User.objects.get(pk=user_id)))
