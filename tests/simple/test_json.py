"""Pages as JSON, compared as a whole with what the specifications show."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from strongroom.simple import as_json
from strongroom.simple.page import ProjectList, ProjectStatus
from tests.simple.pages import METADATA_SHA256, SHA256, UPLOADED, URL, entry, page

NASTY = '</script>"\\\n\N{SNOWMAN}'


def test_a_plain_page_has_every_key_that_is_required() -> None:
    assert json.loads(as_json.project_page(page(entry()))) == {
        "meta": {"api-version": "1.4", "_last-serial": 7},
        "name": "demo",
        "project-status": {"status": "active"},
        "versions": ["1.0"],
        "files": [
            {
                "filename": "demo-1.0-py3-none-any.whl",
                "url": f"{URL}/demo-1.0-py3-none-any.whl",
                "hashes": {"sha256": SHA256},
                "size": 4321,
                "upload-time": "2026-05-04T03:02:01.000042Z",
                "yanked": False,
                "core-metadata": False,
                "data-dist-info-metadata": False,
            }
        ],
    }


def test_everything_that_is_known_of_a_file_is_a_key() -> None:
    file = entry(requires_python=">=3.8", metadata_sha256=METADATA_SHA256, yanked="broken")
    (found,) = json.loads(as_json.project_page(page(file)))["files"]
    assert found["requires-python"] == ">=3.8"
    assert found["yanked"] == "broken"
    assert found["core-metadata"] == found["data-dist-info-metadata"] == {"sha256": METADATA_SHA256}


def test_a_file_yanked_without_a_reason_is_just_true() -> None:
    (found,) = json.loads(as_json.project_page(page(entry(yanked=""))))["files"]
    assert found["yanked"] is True


@pytest.mark.parametrize(
    ("uploaded", "written"),
    [
        (UPLOADED.replace(microsecond=0), "2026-05-04T03:02:01.000000Z"),
        (datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2025-12-31T23:00:00.000000Z"),
    ],
)
def test_upload_times_are_utc_with_microseconds(uploaded: datetime, written: str) -> None:
    (found,) = json.loads(as_json.project_page(page(entry(uploaded=uploaded))))["files"]
    assert found["upload-time"] == written


# IX-10
def test_any_text_survives() -> None:
    file = entry(NASTY, requires_python=NASTY, yanked=NASTY)
    read = json.loads(as_json.project_page(page(file, status=ProjectStatus.ARCHIVED, status_reason=NASTY)))
    (found,) = read["files"]
    assert found["filename"] == found["requires-python"] == found["yanked"] == NASTY
    assert found["url"].startswith(f"{URL}/%3C%2Fscript%3E")
    assert read["project-status"] == {"status": "archived", "reason": NASTY}


# IX-17
def test_a_quarantined_project_offers_no_file_and_keeps_its_versions() -> None:
    read = json.loads(as_json.project_page(page(entry(), status=ProjectStatus.QUARANTINED)))
    assert read["files"] == []
    assert read["versions"] == ["1.0"]
    assert read["project-status"] == {"status": "quarantined"}


def test_the_list_gives_each_project_its_serial() -> None:
    listed = ProjectList(serial=9, projects=(("Zope.Interface", 3), ("demo", 9)))
    assert json.loads(as_json.project_list(listed)) == {
        "meta": {"api-version": "1.4", "_last-serial": 9},
        "projects": [{"name": "Zope.Interface", "_last-serial": 3}, {"name": "demo", "_last-serial": 9}],
    }
