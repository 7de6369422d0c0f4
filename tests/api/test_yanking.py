"""``POST /_/yank`` as programs call it."""

from typing import Any

import httpx
import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.projects.models import File, Journal, Project
from tests.api.asking import basic, bearer
from tests.api.calling import Api, refused
from tests.support.people import PASSWORD, person
from tests.tokens.making import token_for
from tests.web.content import publish

pytestmark = pytest.mark.django_db(transaction=True)

ORDER = {"project": "Strong.Box", "version": "1.0", "yanked": True, "reason": "broken"}


@pytest.fixture
def project() -> Project:
    return publish(person("alice"))


def credentials(username: str = "alice", **asked: Any) -> dict[str, str]:
    user = User.objects.get(username=username)
    return bearer(str(token_for(user, name=f"t{Entry.objects.count()}", **asked).secret))


def yank(api: Api, headers: dict[str, str], **changes: Any) -> httpx.Response:
    order = {key: value for key, value in (ORDER | changes).items() if value is not None}
    return api.post("/_/yank", headers=headers, json=order)


def marks() -> list[str | None]:
    return list(File.objects.values_list("yanked", flat=True))


def test_it_yanks_and_tells_this_process_and_answers_with_the_serial(api: Api, project: Project) -> None:
    # IX-11
    answer = yank(api, credentials(actions=("yank",)))
    serial = Journal.objects.get().serial
    assert (answer.status_code, answer.json()) == (200, {"serial": serial})
    assert api.heard == [serial]
    assert marks() == ["broken"]
    assert answer.headers["cache-control"] == "no-store"


def test_twice_the_same_is_once_and_the_answer_is_the_same(api: Api, project: Project) -> None:
    headers = credentials()
    first, second = yank(api, headers), yank(api, headers)
    assert first.json() == second.json()
    assert len(api.heard) == Journal.objects.count() == 1


def test_it_unyanks(api: Api, project: Project) -> None:
    yank(api, credentials())
    assert yank(api, credentials(), yanked=False, reason=None).status_code == 200
    assert marks() == [None]


def test_it_takes_whatever_credentials_an_upload_takes(api: Api, project: Project) -> None:
    assert yank(api, basic("alice", PASSWORD)).status_code == 200
    token = credentials()["Authorization"].removeprefix("Bearer ")
    assert yank(api, basic("__token__", token), yanked=False).status_code == 200


def test_it_names_one_file(api: Api, project: Project) -> None:
    filename = File.objects.get().filename
    assert yank(api, credentials(), filename=filename).status_code == 200
    assert Journal.objects.get().filename == filename


@pytest.mark.parametrize("action", ["upload", "read"])
def test_a_token_that_is_made_for_something_else_is_refused(api: Api, project: Project, action: str) -> None:
    # TK-20
    for yanked in (True, False):
        assert refused(yank(api, credentials(actions=(action,)), yanked=yanked)) == (403, "token_action")
    assert (marks(), Journal.objects.count(), api.heard) == ([None], 0, [])


def test_strangers_and_nobody_are_refused(api: Api, project: Project) -> None:
    person("mallory")
    assert refused(yank(api, {})) == (401, "credentials_missing")
    assert refused(yank(api, basic("alice", "wrong"))) == (403, "credentials_wrong")
    assert refused(yank(api, bearer("strongroom-x"))) == (403, "token_invalid")
    assert refused(yank(api, credentials("mallory"))) == (403, "project_not_yours")
    assert refused(yank(api, credentials("mallory"), project="no-such")) == (403, "project_not_yours")
    assert (marks(), Journal.objects.count(), api.heard) == ([None], 0, [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"version": "9"}, (404, "release_unknown")),
        ({"version": "\0"}, (404, "release_unknown")),
        ({"filename": "x.whl"}, (404, "file_unknown")),
        ({"filename": "\0"}, (404, "file_unknown")),
        ({"reason": "x" * 301}, (400, "yank_reason_invalid")),
        ({"reason": "a\u202eb"}, (400, "yank_reason_invalid")),
        ({"project": "\0"}, (403, "project_not_yours")),
        ({"yanked": "yes"}, (400, "yank_malformed")),
        ({"yanked": None}, (400, "yank_malformed")),
        ({"version": 1.0}, (400, "yank_malformed")),
        ({"project": None}, (400, "yank_malformed")),
        ({"force": True}, (400, "yank_malformed")),
    ],
)
def test_what_cannot_be_is_refused(
    api: Api, project: Project, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refused(yank(api, credentials(), **changes)) == expected
    assert (marks(), Journal.objects.count(), api.heard) == ([None], 0, [])


def test_bodies_that_are_no_object_or_too_long_are_refused(api: Api, project: Project) -> None:
    for body, expected in (
        (b"", (400, "body_malformed")),
        (b"[]", (400, "body_malformed")),
        (b'{"project": "a", "project": "b"}', (400, "body_malformed")),
        (b'{"reason": "' + b"x" * 9000 + b'"}', (413, "body_too_large")),
        (b'{"reason": "\xff"}', (400, "body_malformed")),
    ):
        assert refused(api.post("/_/yank", headers=credentials(), content=body)) == expected
    assert (marks(), api.heard) == ([None], [])


def test_it_is_there_for_post_alone(api: Api) -> None:
    assert api.get("/_/yank").status_code == 405
