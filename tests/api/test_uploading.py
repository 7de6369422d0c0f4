"""What publishing tools hear."""

from pathlib import Path

import pytest
from django.conf import settings

from strongroom.audit.models import Entry
from strongroom.projects.models import File, Journal, Project
from tests.api.asking import FORM, Endpoint, basic, bearer, encoded, form, part
from tests.artifacts.building import build_sdist, build_wheel
from tests.publish.publishing import fields_of, left_behind
from tests.support.configuration import configured
from tests.support.people import PASSWORD, person
from tests.tokens.making import project_of, token_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_is_published(endpoint: Endpoint, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    heard = endpoint.upload(wheel, token=token_for(person()).secret)
    assert (heard.status, heard.code) == (200, "")
    assert heard.text == f"{wheel.name} is published.\n"
    assert heard.headers["content-type"] == "text/plain; charset=utf-8"
    file = File.objects.get()
    assert endpoint.blobs.path(file.sha256).read_bytes() == wheel.read_bytes()
    assert endpoint.heard == [Journal.objects.get().serial]
    assert endpoint.drafts() == []


def test_the_same_file_again_is_a_success(endpoint: Endpoint, tmp_path: Path) -> None:  # UP-07, UP-41
    token, wheel = token_for(person()).secret, build_wheel(tmp_path)
    endpoint.upload(wheel, token=token)
    heard = endpoint.upload(wheel, token=token)
    assert (heard.status, heard.code) == (200, "")
    assert "before" in heard.text
    assert File.objects.count() == 1
    assert endpoint.drafts() == []


def test_other_bytes_under_a_name_are_refused_as_twine_and_poetry_expect(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    # UP-07, UP-45
    token = token_for(person()).secret
    endpoint.upload(build_wheel(tmp_path), token=token)
    heard = endpoint.upload(build_wheel(tmp_path, files={"more.py": "1"}), token=token)
    assert (heard.status, heard.code) == (400, "file_exists")
    assert heard.text.startswith("File already exists")
    assert endpoint.drafts() == []


def test_a_password_publishes(endpoint: Endpoint, tmp_path: Path) -> None:
    person()
    body, kind = encoded(build_sdist(tmp_path))
    heard = endpoint.ask([body], headers=basic("alice", PASSWORD) | {"Content-Type": kind})
    assert heard.status == 200
    assert File.objects.get().authenticated == "password"


@pytest.mark.parametrize("size", [1, 7, 100, 4096])
def test_a_body_comes_in_pieces_of_any_size(endpoint: Endpoint, tmp_path: Path, size: int) -> None:
    body, kind = encoded(build_wheel(tmp_path))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    heard = endpoint.ask(pieces, headers=bearer(token_for(person()).secret) | {"Content-Type": kind})
    assert heard.status == 200
    assert endpoint.blobs.has(File.objects.get().sha256)


def test_the_file_may_come_before_the_fields(endpoint: Endpoint, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    fields = [part(name, value.encode()) for name, (value,) in fields_of(wheel).items()]
    body = form(part("content", wheel.read_bytes(), filename=wheel.name), *fields)
    heard = endpoint.ask([body], headers=bearer(token_for(person()).secret) | FORM)
    assert heard.status == 200


def test_a_name_that_is_refused_is_refused_after_the_file_too(
    endpoint: Endpoint, tmp_path: Path
) -> None:  # UP-02
    project_of(person())
    wheel = build_wheel(tmp_path)
    fields = [part(name, value.encode()) for name, (value,) in fields_of(wheel).items()]
    body = form(part("content", wheel.read_bytes(), filename=wheel.name), *fields)
    before = left_behind()
    heard = endpoint.ask([body], headers=bearer(token_for(person("mallory")).secret) | FORM)
    assert (heard.status, heard.code) == (403, "project_not_yours")
    assert left_behind() == before
    assert endpoint.drafts() == []


def test_a_file_of_a_megabyte_and_more_is_taken_in_batches(endpoint: Endpoint, tmp_path: Path) -> None:
    import os

    wheel = build_wheel(tmp_path, files={"noise.bin": os.urandom(3 * 1024**2)})
    body, kind = encoded(wheel)
    pieces = [body[start : start + 65_536] for start in range(0, len(body), 65_536)]
    heard = endpoint.ask(pieces, headers=bearer(token_for(person()).secret) | {"Content-Type": kind})
    assert heard.status == 200
    assert File.objects.get().size == Project.objects.get().size == wheel.stat().st_size


def test_a_long_description_and_long_licenses_are_no_obstacle(endpoint: Endpoint, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, metadata_extra="License: MIT")
    heard = endpoint.upload(
        wheel, token=token_for(person()).secret, description="x" * 3 * 1024**2, license="MIT" * 100_000
    )
    assert heard.status == 200


def test_another_method_is_told_what_the_address_is_for(endpoint: Endpoint) -> None:  # UP-44
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        heard = endpoint.ask(method=method)
        assert (heard.status, heard.headers["allow"], heard.read) == (405, "POST", 0)
        assert "/simple/" in heard.text


def test_the_address_without_its_slash_redirects_and_keeps_the_method(endpoint: Endpoint) -> None:  # UP-44
    heard = endpoint.ask(path="/legacy")
    assert (heard.status, heard.headers["location"], heard.read) == (
        308,
        f"{settings.CONFIG.base_url}/legacy/",
        0,
    )


def test_old_actions_are_gone(endpoint: Endpoint) -> None:  # UP-44
    token = token_for(person()).secret
    for action in ("submit", "submit_pkg_info", "doc_upload"):
        heard = endpoint.ask([form(part(":action", action.encode()))], headers=bearer(token) | FORM)
        assert (heard.status, heard.code) == (410, "action_gone")


def test_who_comes_too_often_hears_when_to_come_again(endpoint: Endpoint) -> None:  # RL-09, UP-45
    person()
    for _ in range(10):
        endpoint.ask(headers=basic("alice", "wrong"))
    heard = endpoint.ask(headers=basic("alice", PASSWORD))
    assert (heard.status, heard.code, heard.read) == (429, "too_many_attempts", 0)
    assert 0 < int(heard.headers["retry-after"]) <= 300


def test_only_our_own_proxies_say_where_a_publisher_comes_from(
    endpoint: Endpoint, tmp_path: Path
) -> None:  # RL-04
    token = token_for(person()).secret
    claim = {"X-Forwarded-For": "198.51.100.1"}
    with configured("server", trusted_proxies=("10.0.0.0/8",)):
        for version, client in (("1.0", "203.0.113.7"), ("2.0", "10.0.0.1")):
            body, kind = encoded(build_wheel(tmp_path, version=version))
            headers = bearer(token) | claim | {"Content-Type": kind, "User-Agent": "twine/7"}
            heard = endpoint.ask([body], headers=headers, client=client)
            assert heard.status == 200
    entries = Entry.objects.filter(tag="file.uploaded").order_by("serial")
    assert [entry.address for entry in entries] == ["203.0.113.7", "198.51.100.1"]
    assert {entry.client for entry in entries} == {"twine/7"}
