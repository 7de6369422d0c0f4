"""Every event has a sentence for the person whom it is about."""

import json
import re
from datetime import timedelta

import pytest

from docs.generate import events
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.web import history
from strongroom.web.clients import describe
from tests.support.people import person
from tests.web.browsing import browser_of, main_of


def test_every_event_has_a_sentence_that_its_own_fields_fill() -> None:
    declared = events.declared()
    assert set(history.SENTENCES) == {event.tag for event in declared}
    for event in declared:
        because = [sentence for (tag, _why), sentence in history.BECAUSE.items() if tag == event.tag]
        for sentence in (history.SENTENCES[event.tag], history.REFUSED.get(event.tag, ""), *because):
            places = set(re.findall(r"%\((\w+)\)s", str(sentence)))
            assert places <= {*event.fields, "project"}, event.tag


@pytest.mark.django_db
def test_why_something_happened_is_said_in_words() -> None:
    alice = person()
    for tag, why in history.BECAUSE:
        details = {"why": why, "name": "box", "publisher": "acme/gizmo", "before": "acme/widget"}
        Entry.objects.create(
            time=clock.now(), tag=tag, outcome="done", subject_id=alice.pk, facts=json.dumps(details)
        )
    page = main_of(browser_of(alice).get("/manage/account/"))
    assert "The pending publisher for box expired." in page
    assert "The trusted publisher acme/widget was confirmed under its new name: acme/gizmo." in page
    assert "was refused: it has another name now." in page
    assert not [why for _tag, why in history.BECAUSE if f": {why}." in page]


@pytest.mark.django_db
def test_an_event_of_a_later_version_is_still_shown() -> None:
    alice = person()
    Entry.objects.create(time=clock.now(), tag="moon.landed", outcome="done", subject_id=alice.pk)
    Entry.objects.create(time=clock.now(), tag="moon.landed", outcome="refused", subject_id=alice.pk)
    page = main_of(browser_of(alice).get("/manage/account/"))
    assert "Something else happened (moon.landed)." in page
    assert "An attempt was refused (moon.landed)." in page


@pytest.mark.django_db
def test_the_twenty_newest_events_are_shown_and_nobody_else_s() -> None:
    alice, mallory = person("alice"), person("mallory")
    for number in range(25):
        when = clock.now() - timedelta(hours=25 - number)
        for user in (alice, mallory):
            Entry.objects.create(
                time=when,
                tag="factor.totp_added",
                outcome="done",
                subject_id=user.pk,
                facts=json.dumps({"name": f"{user.username}-{number}"}),
            )
    page = main_of(browser_of(alice).get("/manage/account/"))
    shown = page.split('id="security-history"')[1]
    assert shown.count("<li>") == 20
    assert "alice-24" in shown
    assert "alice-2”" not in shown
    assert "mallory" not in shown


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("something-else/1.0", "something-else"),
        ("", "Unknown client"),
        ("evil.example: log in there", "Unknown client"),  # mails show it, too
        ("Call 555-0100 now", "Call"),
        ("a" * 100, "Unknown client"),
    ],
)
def test_a_user_agent_is_told_in_words(client: str, words: str) -> None:
    assert describe(client) == words
