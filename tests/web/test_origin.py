"""Whose address counts."""

import pytest

from strongroom.audit.models import Entry
from strongroom.kernel.client_address import client_address
from tests.support.people import person
from tests.web.browsing import nobody

PROXIES = ("10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # not one of our proxies: a claim
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # the client's own claim stands first
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, unknown", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1:4711", "10.0.0.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "fe80::1%eth0\x1b[2J", "10.0.0.1"),  # a zone may be any text (AU-07)
        ("10.0.0.1", "", "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str, forwarded: str, client: str) -> None:
    # RL-04
    assert client_address(peer, forwarded, proxies=PROXIES) == client


@pytest.mark.django_db
def test_the_address_and_the_client_of_a_request_stand_in_the_audit_trail() -> None:
    person()
    nobody().post(
        "/account/login/",
        {"username": "alice", "password": "wrong"},
        REMOTE_ADDR="203.0.113.9",
        headers={"User-Agent": "Firefox", "X-Forwarded-For": "6.6.6.6"},
    )
    entry = Entry.objects.get(tag="session.sign_in")
    assert (entry.address, entry.client, entry.outcome) == ("203.0.113.9", "Firefox", "refused")
    assert len(entry.request_id) == 16
