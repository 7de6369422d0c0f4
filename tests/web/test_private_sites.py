"""A private site shows people its projects once they have logged in, and strangers not even which there are."""

from collections.abc import Iterator

import pytest

from strongroom.web.routes import ANYONE, PENDING
from tests.support.configuration import configured
from tests.support.people import person
from tests.web.browsing import browser_of, location_of, nobody, text_of
from tests.web.content import publish
from tests.web.routes import every_route, path_of

pytestmark = pytest.mark.django_db

# Whoever has not signed in reaches these alone: they are about getting in, about the site, or need a secret of their own.
OPEN = {
    "audit-key",
    "confirm-login",
    "help",
    "login",
    "logout",
    "panic",
    "passkey",
    "passkey-options",
    "recover",
    "recover-finish",
    "recover-start",
    "recover-stop",
    "register",
    "request-password-reset",
    "reset-password",
    "reset-password-options",
    "robots-txt",
    "security",
    "security-txt",
    "setup",
    "undo-email-change",
    "verify-email",
}
PROJECTS = ("home", "search", "project", "release", "user")


@pytest.fixture(autouse=True)
def private() -> Iterator[None]:
    """A private site with a project of alice's."""
    publish(person("alice"))
    with configured("site", access="private"):
        yield


def test_only_pages_about_getting_in_and_about_the_site_are_open_to_everybody() -> None:
    for name, page in every_route().items():
        for method, permission in page.permissions.items():
            if name in OPEN:
                assert permission is ANYONE, name
                continue
            assert permission is not ANYONE, (name, method)
            answer = nobody().generic(method, path_of(name))
            back = "" if permission is PENDING else "?next="
            assert answer.status_code == 303, (name, method)
            assert location_of(answer).startswith(f"/account/login/{back}"), (name, method)


@pytest.mark.parametrize("path", ["/project/no-such-project/", "/project/strong-box/9.9/", "/user/nobody/"])
def test_strangers_are_sent_to_the_login_whether_or_not_there_is_such_a_page(path: str) -> None:
    # IX-01
    answer = nobody().get(path)
    assert (answer.status_code, answer.content) == (303, b"")
    assert location_of(answer).startswith("/account/login/?next=")


def test_the_login_says_why_it_is_in_the_way() -> None:
    assert "This index is private" in nobody().get("/account/login/").content.decode()


def test_whoever_has_logged_in_comes_back_to_the_page_and_sees_it() -> None:
    assert location_of(nobody().get("/search/?q=box")) == "/account/login/?next=%2Fsearch%2F%3Fq%3Dbox"
    client = browser_of(person("bob"), fresh=False)
    for name in PROJECTS:
        answer = client.get(path_of(name))
        assert answer.status_code == 200, name
        assert answer.headers["Cache-Control"] == "no-store"


def test_whoever_owes_the_site_a_second_factor_sees_no_projects_yet() -> None:
    bob = person("bob")
    with configured("sign_in", two_factor="everyone"):
        for name in PROJECTS:
            assert location_of(browser_of(bob).get(path_of(name))) == "/manage/account/#two-factor"


def test_no_open_page_names_a_project() -> None:
    # IX-01
    for name in sorted(OPEN):
        page = nobody().get(path_of(name))
        assert "strong-box" not in text_of(page).lower(), name
        assert "alice" not in text_of(page), name


def test_the_help_says_how_to_install_from_a_private_site() -> None:
    assert "This site is private" in text_of(nobody().get("/help/"))
    with configured("site", access="public"):
        assert "This site is private" not in text_of(nobody().get("/help/"))


def test_nothing_is_kept_by_caches_or_found_by_search_engines() -> None:
    # IX-02
    for path in ("/help/", "/account/login/", "/no-such-page/", "/"):
        answer = nobody().get(path)
        assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex"), (
            path
        )
    assert nobody().get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


def test_a_public_site_shows_the_same_pages_to_everybody() -> None:
    with configured("site", access="public"):
        assert [nobody().get(path_of(name)).status_code for name in PROJECTS] == [200] * 5
