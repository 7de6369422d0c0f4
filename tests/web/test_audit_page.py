"""The whole trail, for operators."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from strongroom.accounts.models import User
from strongroom.audit import known, sealing, search, trail
from strongroom.audit.event import Event, kinds
from strongroom.audit.models import Entry
from strongroom.audit.search import EVERYTHING, PAGE, Filter, Outcome, Scope
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.signin.events import SessionEnded, SignIn
from strongroom.web.audit import picture, words
from tests.support.people import person
from tests.web.browsing import browser_of, location_of, main_of, operator, refused_in, text_of
from tests.web.history import fill
from tests.web.trails import happened, shown, somebody, uploaded

pytestmark = pytest.mark.django_db

AUDIT = "/operate/audit/"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    return browser_of(operator("olga"))


def test_operators_find_it_from_their_page_and_see_everything(browser: Client, alice: User) -> None:
    bob = person("bob")
    serials = [
        happened(SessionEnded(subject_id=alice.pk), by=somebody(alice)),
        happened(uploaded("a.whl"), by=somebody(bob, address="198.51.100.99")),
        happened(SignIn(subject_id=bob.pk, method="password"), by=somebody(), refused="totp_wrong"),
    ]
    assert f'href="{AUDIT}"' in text_of(browser.get("/operate/"))
    text = text_of(browser.get(AUDIT))
    assert shown(text)[:3] == serials[::-1]
    assert "198.51.100.99" in text


def test_people_are_found_by_what_they_did_and_what_was_done_to_them(browser: Client, alice: User) -> None:
    bob = person("bob")
    did = happened(SessionEnded(subject_id=bob.pk), by=somebody(alice))
    suffered = happened(SessionEnded(subject_id=alice.pk), by=somebody(bob))
    found = {
        name: shown(text_of(browser.get(AUDIT, query_params={name: "alice", "what": "session.ended"})))
        for name in ("actor", "subject", "person")
    }
    assert found == {"actor": [did], "subject": [suffered], "person": [suffered, did]}
    answer = browser.get(AUDIT, query_params={"q": "alice"})
    assert location_of(answer) == f"{AUDIT}?person=alice"


@pytest.mark.parametrize("name", ["system", "console", "anonymous", "publisher"])
def test_authors_without_an_account_are_found_by_their_name(browser: Client, alice: User, name: str) -> None:
    publisher = Actor(kind=ActorKind.TOKEN, username="octo/box", authenticated="trusted-publisher")
    authors = {
        "system": Actor.system(),
        "console": Actor.console(),
        "anonymous": Actor.anonymous(Origin()),
        "publisher": publisher,
    }
    serials = {one: happened(SessionEnded(subject_id=alice.pk), by=author) for one, author in authors.items()}
    text = text_of(browser.get(AUDIT, query_params={"actor": name, "what": "session.ended"}))
    assert shown(text) == [serials[name]]


def test_an_unknown_name_is_told_from_a_name_to_which_nothing_happened(browser: Client) -> None:
    answer = browser.get(AUDIT, query_params={"actor": "nobody-at-all"})
    assert (answer.status_code, refused_in(answer)) == (422, "audit_person_unknown")
    nothing = browser.get(AUDIT, query_params={"actor": "alice", "project": "vault"})
    assert "No event matches all of these filters." in main_of(nothing)


def test_times_bound_what_is_shown(browser: Client, alice: User) -> None:
    serials = []
    for hours in range(4):
        with clock.frozen(NOON + timedelta(hours=hours)):
            serials.append(happened(SessionEnded(subject_id=alice.pk), by=somebody(alice)))
    asked = {"since": "2026-01-31 13:00", "until": "2026-01-31T15:00Z", "what": "session.ended"}
    assert shown(text_of(browser.get(AUDIT, query_params=asked))) == serials[1:3][::-1]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(actor_id=7), "audit_by_actor"),
        (Filter(actor_kind=ActorKind.SYSTEM), "audit_nameless"),
        (Filter(subject_id=7), "audit_by_subject"),
        (Filter(project="strong-box"), "audit_by_project"),
        (Filter(tags=("session.ended",)), "audit_by_tag"),
        (Filter(address="0123456789abcdef"), "audit_by_address"),
        (Filter(request_id="0123456789abcdef"), "audit_by_request"),
        (Filter(reason="totp_wrong"), "audit_by_reason"),
        (Filter(outcome=Outcome.REFUSED), "audit_refusals"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_whatever_is_asked_for_is_found_by_an_index(wanted: Filter, index: str) -> None:
    if (
        connection.vendor == "postgresql"
    ):  # which chooses by what it has found, and reads a small table as a whole
        fill(2000, subject_id=1, project="demo")
        for _ in range(100):
            happened(SignIn(subject_id=1, method="password"), by=somebody(), refused="credentials_wrong")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE audit_entry")
    for branch in search.branches(EVERYTHING, wanted):
        assert index in branch.order_by("-serial")[:50].explain()


def test_a_page_costs_as_many_queries_with_fifty_events_as_with_one(browser: Client, alice: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(AUDIT).status_code == 200
        return len(asked)

    one = queries()
    for number in range(PAGE):
        happened(
            SessionEnded(subject_id=alice.pk), by=somebody(person(f"person{number}") if number < 3 else alice)
        )
    assert queries() == one
    assert one <= 15


def test_the_picture_is_of_what_is_sealed_and_of_what_is_not_yet(alice: User) -> None:
    Entry.objects.all()._raw_delete(Entry.objects.db)
    with clock.frozen(NOON):
        _record(SignIn(subject_id=alice.pk, method="password"), uploaded("a.whl"))
        trail.record(uploaded("b.whl"), by=somebody(), refused="project_not_yours")
        before = picture.of(EVERYTHING, days=30)
        sealing.seal_all()
        _record(SignIn(subject_id=alice.pk, method="password"))
        after = picture.of(EVERYTHING, days=30)
    assert before.rows[0] == (NOON.date(), [1, 1, 1])
    assert after.rows[0] == (NOON.date(), [2, 1, 1])


def test_the_picture_of_a_project_has_no_sign_ins(alice: User) -> None:
    _record(uploaded("a.whl"))
    drawn = picture.of(Scope(project="strong-box"), days=365)
    assert [(series.name, series.total) for series in drawn.series] == [("refusals", 0), ("publishes", 1)]


def _record(*events: Event) -> None:
    for event in events:
        trail.record(event, by=somebody())


def test_every_kind_of_events_has_words() -> None:
    missing = {known.kind_of(tag) for tag in kinds()} - words.KINDS.keys()
    assert not missing - {"test"}
