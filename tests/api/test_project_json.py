"""What tools read about a project."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connections

from strongroom.api.project_json import project_json
from strongroom.projects.models import File, Journal, Project, Role
from tests.artifacts.building import build_sdist, build_wheel
from tests.publish.publishing import Press, by_password
from tests.support.people import person

pytestmark = pytest.mark.django_db(transaction=True)

ABOUT = "\n".join(
    [
        "Summary: Tests",
        "Requires-Python: >=3.9",
        "Requires-Dist: six",
        "Project-URL: Home, https://example.org",
        "Classifier: Programming Language :: Python :: 3",
        "Keywords: one,two",
    ]
)


def ask(path: str, *, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request."""
    app, sent = project_json(), []

    async def play() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": given}
        await app(scope, lambda: asyncio.sleep(0), send)  # type: ignore[arg-type,return-value]
        await app._threads.run(connections.close_all)

    assert app.handles(path)
    asyncio.run(play())
    start, body = sent
    return start["status"], {key.decode(): value.decode() for key, value in start["headers"]}, body["body"]


@pytest.fixture
def published(tmp_path: Path) -> list[Path]:
    alice = by_password(person())
    press = Press(tmp_path)
    paths = [
        build_wheel(tmp_path, name="My.Demo", version="1.0", metadata_extra=ABOUT, description="# Hi"),
        build_sdist(tmp_path, name="My.Demo", version="1.0", metadata_extra=ABOUT, description="# Hi"),
        build_wheel(tmp_path, name="My.Demo", version="2.0rc1"),
    ]
    for path in paths:
        press.publish(path, by=alice)
    Role.objects.create(project=Project.objects.get(), user=person("bob"), kind="maintainer")
    return paths


def test_a_project_tells_of_its_latest_release_and_the_files_of_all(published: list[Path]) -> None:
    status, headers, body = ask("/pypi/my-demo/json")
    found = orjson.loads(body)
    serial = Journal.objects.latest("serial").serial
    assert (status, headers["content-type"]) == (200, "application/json")
    assert (found["last_serial"], headers["x-pypi-last-serial"]) == (serial, str(serial))
    assert headers["access-control-allow-origin"] == "*"
    info = found["info"]
    assert (info["name"], info["version"], info["summary"]) == ("My.Demo", "1.0", "Tests")
    assert (info["requires_dist"], info["requires_python"]) == (["six"], ">=3.9")
    assert (info["project_urls"], info["keywords"]) == ({"Home": "https://example.org"}, "one,two")
    assert (info["description"], info["yanked"], info["yanked_reason"]) == ("# Hi", False, None)
    assert info["package_url"].endswith("/project/my-demo/")
    assert set(found["releases"]) == {"1.0", "2.0rc1"}
    assert found["urls"] == found["releases"]["1.0"]
    assert found["vulnerabilities"] == []
    roles = [{"role": "Owner", "user": "alice"}, {"role": "Maintainer", "user": "bob"}]
    assert found["ownership"] == {"organization": None, "roles": roles}


def test_a_file_is_described_as_it_is(published: list[Path]) -> None:
    wheel = published[0]
    files = {file["filename"]: file for file in orjson.loads(ask("/pypi/my-demo/json")[2])["urls"]}
    assert set(files) == {path.name for path in published[:2]}
    row, file = File.objects.get(filename=wheel.name), files[wheel.name]
    assert file["digests"] == {"sha256": row.sha256, "md5": row.md5, "blake2b_256": row.blake2_256}
    assert (file["packagetype"], file["python_version"]) == ("bdist_wheel", "py3")
    assert (file["size"], file["requires_python"]) == (wheel.stat().st_size, ">=3.9")
    assert file["upload_time_iso_8601"].startswith(file["upload_time"])
    assert row.sha256[4:] in file["url"]
    assert file["url"].endswith(wheel.name)
    assert (file["yanked"], file["yanked_reason"]) == (False, None)


def test_a_release_tells_of_itself_alone(published: list[Path]) -> None:
    found = orjson.loads(ask("/pypi/my-demo/2.0rc1/json")[2])
    assert found["info"]["version"] == "2.0rc1"
    assert [file["filename"] for file in found["urls"]] == [published[2].name]
    assert "releases" not in found
    for spelling in ("1.0.0", "v1", "1.0"):
        assert orjson.loads(ask(f"/pypi/my-demo/{spelling}/json/")[2])["info"]["version"] == "1.0"


def test_yanked_files_say_so_and_make_a_release_yanked_when_all_are(published: list[Path]) -> None:  # IX-18
    File.objects.filter(filename=published[0].name).update(yanked="broken")
    found = orjson.loads(ask("/pypi/my-demo/json")[2])
    by_name = {file["filename"]: (file["yanked"], file["yanked_reason"]) for file in found["urls"]}
    assert by_name == {published[0].name: (True, "broken"), published[1].name: (False, None)}
    assert found["info"]["yanked"] is False
    File.objects.update(yanked="")
    found = orjson.loads(ask("/pypi/my-demo/json")[2])
    assert (found["info"]["yanked"], found["info"]["yanked_reason"]) == (True, None)


def test_other_spellings_of_a_name_redirect(published: list[Path]) -> None:
    assert ask("/pypi/My.Demo/json")[:2][1]["location"] == "/pypi/my-demo/json"
    status, headers, _ = ask("/pypi/MY_demo/1.0\r\n/json")
    assert (status, headers["location"]) == (301, "/pypi/my-demo/1.0/json")


@pytest.mark.parametrize(
    "path",
    [
        "/pypi/nothing/json",
        "/pypi/my-demo/9/json",
        "/pypi/a\0b/json",
        "/pypi/my-demo/\0/json",
        "/pypi/x y/é/json",
    ],
)
def test_what_there_is_not_is_not_found(published: list[Path], path: str) -> None:
    status, headers, body = ask(path)
    assert (status, headers["content-type"]) == (404, "application/json")
    assert orjson.loads(body) == {"message": "Not Found"}


def test_what_has_not_changed_is_not_sent_again(published: list[Path]) -> None:  # IX-07
    _, headers, _ = ask("/pypi/my-demo/json")
    status, again, body = ask("/pypi/my-demo/json", if_none_match=headers["etag"])
    assert (status, body, again["etag"]) == (304, b"", headers["etag"])
    assert "content-length" not in again
    File.objects.update(yanked="")
    assert ask("/pypi/my-demo/json", if_none_match=headers["etag"])[0] == 200


def test_it_is_for_reading(published: list[Path]) -> None:
    status, headers, _ = ask("/pypi/my-demo/json", method="POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path", ["/pypi", "/pypi/json", "/pypi/a/b/c/json", "/pypi/a/", "/simple/a/json", "/pypi//json"]
)
def test_other_paths_are_none_of_its_business(path: str) -> None:
    assert not project_json().handles(path)
