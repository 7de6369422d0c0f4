"""A history as a file: what is in it, who may take it, and that it is made while it is sent."""

import csv
import json
import tracemalloc
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from strongroom.accounts.models import User
from strongroom.audit import counting, sealing
from strongroom.audit import horizon as horizons
from strongroom.audit.counting import expected
from strongroom.audit.models import Entry, Seal
from strongroom.audit.search import ANYTHING, Scope
from strongroom.web.audit.cells import COLUMNS
from tests.support.people import as_user, person, visitor
from tests.web.browsing import browser_of, location_of, nobody, operator, refused_in
from tests.web.content import publish
from tests.web.history import body_of, fill, name_key, parts_of

pytestmark = pytest.mark.django_db
ACCOUNT, PROJECT = "/manage/account/history/download/", "/manage/project/strong-box/history/download/"
ALL = "/operate/audit/download/"


@pytest.fixture
def alice(db: None) -> User:
    return person()


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode(), newline="")))


def documents_of(content: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in content.splitlines()]


def test_a_csv_has_a_header_and_a_line_for_each_event_oldest_first(alice: User) -> None:
    serial = name_key("blue", subject_id=alice.pk, by=as_user(alice))
    answer = browser_of(alice).get(ACCOUNT, {"format": "csv"})
    content = body_of(answer)
    rows = rows_of(content)
    assert content.split(b"\r\n")[0].decode() == ",".join(COLUMNS)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert [int(row["serial"]) for row in rows] == sorted(int(row["serial"]) for row in rows)
    row = next(row for row in rows if row["serial"] == str(serial))
    assert row["what"].startswith("alice added the security key “blue”")
    assert (row["tag"], row["outcome"], row["actor"]) == ("factor.key_added", "done", "alice")
    assert (row["address"], json.loads(row["details"])) == ("203.0.113.7", {"name": "blue"})


def test_json_lines_are_the_documents_of_the_events(alice: User) -> None:
    name_key("blue", subject_id=alice.pk, by=as_user(alice))
    content = body_of(browser_of(alice).get(ACCOUNT, {"format": "jsonl"}))
    added = next(found for found in documents_of(content) if found["tag"] == "factor.key_added")
    assert added["details"] == {"name": "blue"}
    assert content.endswith(b"\n")


def test_the_number_of_events_and_the_name_of_the_file_stand_before_it(alice: User) -> None:
    answer = browser_of(alice).get(ACCOUNT, {"format": "jsonl"})
    assert answer.headers["X-Event-Count-Is"] == "exact"
    assert int(answer.headers["X-Event-Count"]) == len(documents_of(body_of(answer)))
    assert 'filename="strongroom-account-alice-20' in answer.headers["Content-Disposition"]


def test_while_something_is_being_written_for_long_a_file_ends_with_the_newest_seal(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealing.seal_all()
    sealed = Seal.objects.latest("number").last
    name_key("blue", subject_id=alice.pk, by=as_user(alice))
    monkeypatch.setattr(horizons, "settled", lambda *, patience: None)
    answer = browser_of(alice).get(ACCOUNT, {"format": "jsonl"})
    assert answer.headers["X-Event-Up-To"] == str(sealed)
    assert max(int(str(found["serial"])) for found in documents_of(body_of(answer))) <= sealed


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM", "'@SUM"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\N{REPLACEMENT CHARACTER}=1"),
    ],
)
def test_no_cell_is_a_formula(alice: User, name: str, cell: str) -> None:
    # AD-08
    actor = as_user(alice)
    odd = type(actor)(kind=actor.kind, origin=actor.origin, user_id=alice.pk, username=name)
    serial = name_key("blue", subject_id=alice.pk, by=odd)
    rows = rows_of(body_of(browser_of(alice).get(ACCOUNT)))
    assert next(row["actor"] for row in rows if row["serial"] == str(serial)) == cell


def test_what_was_typed_begins_no_line_of_its_own(alice: User) -> None:
    # AU-07
    serial = name_key('a"b\r\n=1,\N{RIGHT-TO-LEFT OVERRIDE}c', subject_id=alice.pk, by=as_user(alice))
    content = body_of(browser_of(alice).get(ACCOUNT))
    assert content.count(b"\n") == content.count(b"\r\n") == len(rows_of(content)) + 1
    row = next(row for row in rows_of(content) if row["serial"] == str(serial))
    assert json.loads(row["details"])["name"].startswith('a"b\r\n=1,')
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in content.decode()


def test_the_filters_of_the_page_hold_for_the_file(alice: User) -> None:
    name_key("blue", subject_id=alice.pk, by=as_user(alice))
    browser = browser_of(alice)
    for query in ({"what": "factor.key_added"}, {"tag": "factor.key_added"}, {"what": "factor"}):
        answer = browser.get(ACCOUNT, query)
        assert [row["tag"] for row in rows_of(body_of(answer))] == ["factor.key_added"]
        assert answer.headers["X-Event-Count"] == "1"


def test_a_filter_that_means_nothing_takes_nothing(alice: User) -> None:
    browser = browser_of(alice)
    before = Entry.objects.count()
    answer = browser.get(ACCOUNT, {"since": "soon"})
    assert (answer.status_code, refused_in(answer)) == (422, "audit_time_invalid")
    assert browser.get(ACCOUNT, {"format": "pdf"}).status_code == 404
    assert Entry.objects.count() == before


def test_the_download_is_an_event_before_its_first_byte(alice: User) -> None:
    answer = browser_of(alice).get(ACCOUNT, {"format": "jsonl", "tag": "factor.key_added"})
    event = Entry.objects.get(tag="audit.exported")
    assert event.details == {
        "scope": "account",
        "format": "jsonl",
        "filters": "tag=factor.key_added",
        "count": 0,
        "exact": True,
    }
    assert (event.subject_id, event.actor_id, event.outcome) == (alice.pk, alice.pk, "done")
    assert body_of(answer) == b""


def test_a_look_at_the_headers_is_no_download(alice: User) -> None:
    answer = browser_of(alice).head(ACCOUNT)
    assert int(answer.headers["X-Event-Count"]) > 0
    assert not Entry.objects.filter(tag="audit.exported").exists()


def test_what_happens_during_a_download_belongs_to_a_later_file(alice: User) -> None:
    answer = browser_of(alice).get(ACCOUNT, {"format": "jsonl"})
    name_key("late", subject_id=alice.pk, by=as_user(alice))
    tags = [found["tag"] for found in documents_of(body_of(answer))]
    assert "factor.key_added" not in tags
    assert "audit.exported" not in tags
    assert len(tags) == int(answer.headers["X-Event-Count"])


def test_owners_take_what_happened_to_their_project_without_where_it_came_from(alice: User) -> None:
    # AU-11
    publish(alice)
    fill(2, subject_id=alice.pk, project="strong-box")
    serial = Entry.objects.order_by("-serial").values_list("serial", flat=True)[0]
    Entry._base_manager.filter(pk=serial).update(
        address="203.0.113.7", client="Firefox on Linux", credential="0123abcd"
    )
    browser = browser_of(alice)
    for kind in ("csv", "jsonl"):
        content = body_of(browser.get(PROJECT, {"format": kind, "tag": "account.created"}))
        assert content.count(b"alice") >= 2
        for hidden in (b"203.0.113.7", b"Firefox", b"0123abcd"):
            assert hidden not in content
    assert Entry.objects.filter(tag="audit.exported", project="strong-box").count() == 2


def test_nobody_takes_the_history_of_others(alice: User) -> None:
    # AU-11
    publish(alice)
    name_key("blue", subject_id=alice.pk, by=as_user(alice))
    mallory = browser_of(person("mallory"))
    assert refused_in(mallory.get(PROJECT)) == "project_not_yours"
    assert refused_in(mallory.get(ALL)) == "not_operator"
    assert b"blue" not in body_of(mallory.get(ACCOUNT))
    assert location_of(nobody().get(ACCOUNT)).startswith("/account/login/")
    assert Entry.objects.filter(tag="audit.exported").count() == 1


def test_operators_take_everything(alice: User) -> None:
    name_key("blue", subject_id=alice.pk, by=visitor("198.51.100.9"))
    content = body_of(browser_of(operator()).get(ALL, {"format": "jsonl"}))
    added = next(found for found in documents_of(content) if found["tag"] == "factor.key_added")
    assert added["address"] == "198.51.100.9"
    assert Entry.objects.get(tag="audit.exported").details["scope"] == "everything"


def test_downloading_again_and_again_is_held_up(alice: User) -> None:
    browser = browser_of(alice)
    codes = {refused_in(browser.get(ACCOUNT)) for _ in range(61)}
    assert codes == {"", "too_many_attempts"}
    assert Entry.objects.filter(tag="audit.exported").count() == 60


def test_many_events_are_counted_up_to_a_bound_and_estimated_beyond(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST", 100)
    fill(1000, subject_id=alice.pk)
    newest = Entry.objects.order_by("-serial").values_list("serial", flat=True)[0]
    found = expected(Scope(), ANYTHING, up_to=newest)
    assert not found.exact
    assert abs(found.count - Entry.objects.count()) <= 20
    few = expected(Scope(), ANYTHING, up_to=newest - 950)
    assert few.exact
    assert few.count == Entry.objects.filter(serial__lte=newest - 950).count()


def test_each_part_takes_few_queries_and_leaves_no_transaction_open(alice: User) -> None:
    fill(1200, subject_id=alice.pk)
    answer = browser_of(alice).get(ACCOUNT, {"format": "jsonl"})
    with CaptureQueriesContext(
        connection,
    ) as queries:
        count = sum(part.count(b"\n") for part in parts_of(answer))
    assert count == int(answer.headers["X-Event-Count"])
    assert len(queries) <= 12
    assert not any("SAVEPOINT" in query["sql"] or "BEGIN" in query["sql"] for query in queries)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_ten_thousand_events_take_no_more_memory_than_a_part(alice: User, kind: str) -> None:
    fill(10_000, subject_id=alice.pk)
    answer = browser_of(alice).get(ACCOUNT, {"format": kind})
    parts = parts_of(answer)
    first = next(parts)
    tracemalloc.start()
    size = len(first) + sum(len(part) for part in parts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 1_000_000
    assert peak < 6_000_000
