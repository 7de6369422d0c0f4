"""No redirect leads to another site."""

import pytest

from strongroom.web.redirects import is_local
from tests.support.people import PASSWORD, person
from tests.web.browsing import browser_of, location_of, nobody

EVIL = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "https:evil.example",
    "https://evil.example/",
    "http:///evil.example",
    "javascript:alert(1)",
    "/manage/\r\nSet-Cookie: a=b",
    "evil.example",
    "",
    " /manage/",
    "/" + "a" * 3000,
    "/manage/\N{RIGHT-TO-LEFT OVERRIDE}",
]


@pytest.mark.parametrize(
    "path", ["/", "/manage/account/?a=b#c", "/project/a/", "/account/login/?next=%2Fmanage%2F"]
)
def test_a_path_on_this_site_is_local(path: str) -> None:
    assert is_local(path)


@pytest.mark.parametrize("path", EVIL)
def test_what_a_browser_could_read_as_another_place_is_not(path: str) -> None:
    assert not is_local(path)


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["query", "form"])
def test_login_step_up_and_logout_go_to_the_default_instead(where: str) -> None:
    # LT-22
    alice = person()
    for path in EVIL:
        for page, form, default in (
            ("/account/login/", {"username": "alice", "password": PASSWORD}, "/manage/account/"),
            ("/account/reauthenticate/", {"password": PASSWORD}, "/manage/account/"),
            ("/account/logout/", {}, "/"),
        ):
            client = nobody() if "login" in page else browser_of(alice)
            in_form, query = ({"next": path}, {}) if where == "form" else ({}, {"next": path})
            answer = client.post(page, {**form, **in_form}, query_params=query)
            assert (answer.status_code, location_of(answer)) == (303, default), (page, path)


@pytest.mark.django_db
def test_login_goes_on_to_the_page_that_was_asked_for() -> None:
    person()
    form = {"username": "alice", "password": PASSWORD, "next": "/manage/projects/"}
    assert location_of(nobody().post("/account/login/", form)) == "/manage/projects/"
