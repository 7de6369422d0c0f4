"""Operators ask a page who downloaded files."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from strongroom.audit.downloads import Downloads
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.projects import files
from tests.support.configuration import configured
from tests.web.browsing import browser_of, main_of, operator, refused_in

pytestmark = pytest.mark.django_db

PAGE = "/operate/audit/downloads/"
ONE, TWO = "1" * 64, "2" * 64
AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
TIMES = {"since": "2026-11-03T11:00", "until": "2026-11-03T13:00"}


@pytest.fixture
def olga() -> Client:
    return browser_of(operator())


@pytest.fixture(autouse=True)
def _downloaded() -> None:
    downloads = Downloads()
    for sha256, name in ((ONE, "alice"), (TWO, "bob")):
        origin = Origin(address="203.0.113.7", client="<b>=pip</b>")
        by = Actor(kind=ActorKind.TOKEN, origin=origin, user_id=len(name), username=name, credential="t0ken")
        with clock.frozen(AT):
            downloads.begun(sha256, f"demo-{sha256[0]}.0.tar.gz", by=by)
        files.take_name(f"demo-{sha256[0]}.0.tar.gz", project="demo", sha256=sha256)
    downloads.flush()


def test_whoever_has_a_file_is_listed(olga: Client) -> None:
    answer = olga.post(PAGE, {"digests": f"sha256:{ONE.upper()}\n", **TIMES})
    page = main_of(answer)
    for text in ("1 account", "alice", "1 download<", "t0ken", "203.0.113.7", "demo-1.0.tar.gz"):
        assert text in page
    assert b"<b>=pip" not in answer.content
    assert "demo-2.0" not in page
    assert "bob" not in page


def test_a_project_or_one_version_of_it_is_asked_about(olga: Client) -> None:
    page = main_of(olga.post(PAGE, {"project": "Demo", **TIMES}))
    assert "2 accounts" in page
    page = main_of(olga.post(PAGE, {"project": "Demo", "version": "2", **TIMES}))
    assert ("bob" in page, "alice" in page) == (True, False)


def test_the_end_is_exclusive_and_nobody_is_said(olga: Client) -> None:
    times = {"since": "2026-11-03T11:00", "until": "2026-11-03T12:00"}
    assert "Nobody" in main_of(olga.post(PAGE, {"digests": ONE, **times}))


def test_the_same_comes_as_csv(olga: Client) -> None:
    answer = olga.post(PAGE, {"digests": f"{ONE} {TWO}", "as": "csv", **TIMES})
    assert answer["Content-Disposition"] == 'attachment; filename="downloads.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["username"], row["sha256"], row["count"]) for row in rows] == [
        ("alice", ONE, "1"),
        ("bob", TWO, "1"),
    ]


def test_the_question_is_recorded(olga: Client) -> None:
    olga.post(PAGE, {"project": "Demo", "version": "2.0", **TIMES})
    entry = Entry.objects.get(tag="audit.downloads_asked")
    assert (entry.actor_name, entry.project, entry.details["version"]) == ("olga", "demo", "2.0")
    assert (entry.details["count"], entry.details["digests"]) == (1, [])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({}, "required"),
        ({"digests": "abc"}, "digest_invalid"),
        ({"digests": " ".join(f"{number:064x}" for number in range(1001))}, "digests_too_many"),
        ({"project": "nothing"}, "files_unknown"),
        ({"project": "demo", "version": "3"}, "files_unknown"),
        ({"project": "demo", "version": "\x00"}, "null_characters_not_allowed"),
        ({"digests": ONE, "until": "2026-11-03T11:00"}, "times_reversed"),
        ({"digests": ONE, "until": "soon"}, "invalid"),
    ],
)
def test_what_can_not_be_asked_is_refused_and_nothing_is_recorded(
    olga: Client, typed: dict[str, str], code: str
) -> None:
    answer = olga.post(PAGE, {**TIMES, **typed})
    assert (answer.status_code, refused_in(answer)) == (422, code)
    assert not Entry.objects.filter(tag="audit.downloads_asked").exists()


def test_the_page_says_what_a_public_site_records_and_suggests_the_last_month(olga: Client) -> None:
    with clock.frozen(clock.now() + timedelta(seconds=1)):
        assert "nothing is recorded" in main_of(olga.get(PAGE))
        with configured("site", access="private"):
            page = main_of(olga.get(PAGE))
        assert "nothing is recorded" not in page
        assert f'value="{clock.now() - timedelta(days=30):%Y-%m-%dT%H:%M}"' in page


def test_the_operators_page_leads_there(olga: Client) -> None:
    assert f'href="{PAGE}"' in olga.get("/operate/").content.decode()
