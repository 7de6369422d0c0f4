"""Operators see how far the trail is sealed, and the hash to write down elsewhere."""

from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client

from strongroom.audit import reading, sealing
from strongroom.audit.models import Seal
from tests.web.browsing import browser_of, main_of, operator
from tests.web.trails import happened, somebody, uploaded

pytestmark = pytest.mark.django_db

AUDIT = "/operate/audit/"


@pytest.fixture
def browser() -> Client:
    return browser_of(operator())


def happens(count: int = 1) -> int:
    """Events of strangers; the serial of the last one."""
    return [happened(uploaded(f"{number}.whl"), by=somebody()) for number in range(count)][-1]


def test_before_the_first_seal_everything_waits(browser: Client) -> None:
    happens()
    page = main_of(browser.get(AUDIT))
    assert "Newest seal" not in page
    assert "the oldest of" in page


def test_the_newest_seal_is_told_with_its_hash_and_what_it_proves(browser: Client) -> None:
    last = happens(3)
    sealing.seal_all()
    newest = reading.newest_seal()
    assert newest
    page = main_of(browser.get(AUDIT))
    assert "Number 1, of" in page
    assert f"It proves every event up to number {last}." in page
    assert newest.hash() in page
    happens(2)
    assert "2 events, the oldest of" in main_of(browser.get(AUDIT))


def test_counting_what_waits_ends_where_it_gets_long(browser: Client) -> None:
    happens(4)
    with patch("strongroom.audit.sealed.MOST", 2), patch("strongroom.web.views.audit.MOST_UNSEALED", 2):
        assert "More than 2 events, the oldest of" in main_of(browser.get(AUDIT))


@pytest.mark.parametrize("column", ["number", "first", "last", "count", "root", "previous", "key", "time"])
def test_what_is_no_seal_breaks_no_page(browser: Client, column: str) -> None:  # AU-01
    happens()
    sealing.seal_all()
    happens()
    if connection.vendor == "postgresql" and column in {"number", "first", "last", "count"}:
        Seal.objects.update(**{column: -(2**31)})
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE audit_seal SET {connection.ops.quote_name(column)} = 'x'")
    answer = browser.get(AUDIT)
    assert answer.status_code == 200
    if column in {"root", "previous", "key"}:
        assert "strongroom audit verify" in main_of(answer)
