"""Operators see how far the copies are behind that are sent to syslog and OpenTelemetry."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from unittest.mock import patch

import pytest
from django.test import Client

from strongroom.audit.sinks import configured as sinks
from strongroom.audit.sinks import standing
from strongroom.audit.sinks.relay import Relay
from tests.support.configuration import configured
from tests.web.browsing import browser_of, main_of, operator
from tests.web.trails import happened, somebody, uploaded

pytestmark = pytest.mark.django_db

AUDIT = "/operate/audit/"


@pytest.fixture
def browser() -> Client:
    return browser_of(operator())


@contextmanager
def to_syslog() -> Iterator[Relay]:
    """A site that sends to a syslog receiver and to a collector, and what sends to the receiver."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as receiver:
        receiver.bind(("127.0.0.1", 0))
        syslog = f"udp://127.0.0.1:{receiver.getsockname()[1]}"
        with configured("audit", syslog=syslog, otlp_url="http://127.0.0.1:4318/v1/logs"):
            relay, _collector = sinks.relays(say=lambda entries: [entry.tag for entry in entries])
            yield relay


def test_without_sinks_nothing_is_said(browser: Client) -> None:
    assert "Copies sent elsewhere" not in main_of(browser.get(AUDIT))


def test_each_sink_says_how_far_it_has_come_and_what_waits(browser: Client) -> None:
    with to_syslog() as relay:
        assert main_of(browser.get(AUDIT)).count("Nothing was sent yet.") == 2
        relay.turn()
        serials = [happened(uploaded(f"{name}.whl"), by=somebody()) for name in "ab"]
        page = main_of(browser.get(AUDIT))
        assert "2 events wait, the oldest since" in page
        assert f"Sent up to number {serials[0] - 1}." in page
        relay.turn()
        page = main_of(browser.get(AUDIT))
        assert f"Sent up to number {serials[-1]}." in page
        assert "Nothing waits." in page
        assert page.count("Nothing was sent yet.") == 1


def test_counting_what_waits_ends_where_it_gets_long(browser: Client) -> None:
    with (
        to_syslog() as relay,
        patch("strongroom.audit.sinks.standing.MOST", 2),
        patch("strongroom.web.views.audit.MOST_BEHIND", 2),
    ):
        relay.turn()
        for name in "abc":
            happened(uploaded(f"{name}.whl"), by=somebody())
        assert "More than 2 events wait, the oldest since" in main_of(browser.get(AUDIT))
        assert [one.waiting for one in standing.standings()] == [3, 0]
