"""Where and when a token was last used is noted, without a queue of those who use it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from strongroom.kernel import clock
from strongroom.kernel.actor import Origin
from strongroom.tokens import last_use
from strongroom.tokens.models import Token, TokenNetwork
from strongroom.tokens.revoke import revoke
from tests.support.people import as_user, at_once, person
from tests.tokens.making import HERE, token_for, verified

pytestmark = pytest.mark.django_db


def at(address: str, *, client: str = "twine/7.0.0") -> Origin:
    return Origin(address=address, client=client, request_id="test")


def used(text: str, address: str = HERE.address, **more: str) -> bool:
    """Use a token; whether its network is new."""
    return last_use.note(verified(text, address=address), at(address, **more))


def test_time_address_client_and_network_are_noted() -> None:
    text = token_for(person()).secret
    with clock.frozen(clock.now()):
        assert not used(text, client="twine/7.0.0\n\u202eforged" + "x" * 500)
        row = Token.objects.get()
        assert (row.last_used, row.last_address, row.last_network) == (
            clock.now(),
            "203.0.113.7",
            "203.0.113.0/24",
        )
        assert row.last_client.startswith("twine/7.0.0\ufffd\ufffdforgedx")
        assert len(row.last_client) == 200


def test_use_is_noted_to_the_minute(django_assert_num_queries: Callable) -> None:  # TK-19
    text = token_for(person()).secret
    with clock.frozen(clock.now()):
        used(text)
        used_again = verified(text)
        with django_assert_num_queries(0), clock.shifted(timedelta(seconds=60)):
            last_use.note(used_again, HERE)
        with clock.shifted(timedelta(seconds=61)), django_assert_num_queries(1):
            last_use.note(used_again, HERE)
        with clock.shifted(timedelta(seconds=61)):
            assert Token.objects.get().last_used == clock.now()


def test_parallel_uses_do_not_note_an_earlier_time() -> None:  # TK-19
    text = token_for(person()).secret
    used(text)
    stale = verified(text)
    with clock.shifted(timedelta(minutes=10)):
        used(text)
        later = Token.objects.get().last_used
    last_use.note(stale, HERE)
    assert Token.objects.get().last_used == later


def test_the_first_network_is_no_news_and_the_next_one_is_once() -> None:
    text = token_for(person()).secret
    assert not used(text)
    assert used(text, "198.51.100.1")
    assert not used(text, "198.51.100.2")
    assert not used(text)
    assert not used(text, "198.51.100.1")
    assert Token.objects.get().last_network == "198.51.100.0/24"
    assert TokenNetwork.objects.count() == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unix", ""),
        ("", ""),
    ],
)
def test_networks_are_as_coarse_as_providers_hand_them_out(address: str, network: str) -> None:
    assert last_use.network_of(address) == network


def test_what_is_no_address_is_no_new_network() -> None:
    text = token_for(person()).secret
    used(text)
    assert not used(text, "")
    assert not used(text, "203.0.113.8")
    assert TokenNetwork.objects.count() == 1


def test_after_two_hundred_networks_a_new_one_says_nothing() -> None:
    text = token_for(person()).secret
    used(text)
    token_id = Token.objects.get().pk
    TokenNetwork.objects.bulk_create(
        TokenNetwork(token_id=token_id, network=f"10.0.{number}.0/24", first_used=clock.now())
        for number in range(198)
    )
    assert used(text, "198.51.100.1")
    assert not used(text, "192.0.2.1")
    assert TokenNetwork.objects.count() == 200
    assert Token.objects.get().last_network == "192.0.2.0/24"


@pytest.mark.django_db(transaction=True)
def test_a_token_that_was_revoked_meanwhile_notes_nothing() -> None:
    alice = person()
    made = token_for(alice)
    used(made.secret)
    token = verified(made.secret, address="198.51.100.1")
    with transaction.atomic():
        revoke(alice.pk, made.token.pk, by=as_user(alice))
    assert not last_use.note(token, at("198.51.100.1"))
    assert not TokenNetwork.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_from_a_new_network_one_is_the_first() -> None:
    for number in range(5):
        text = token_for(person(f"alice{number}")).secret
        used(text)
        assert sum(at_once([partial(used, text, "198.51.100.1")] * 8)) == 1
    assert TokenNetwork.objects.count() == 10
