"""Whatever is sent gets a clear answer, never a broken page."""

import re

import pytest
from django.conf import settings
from django.test import Client

from strongroom.web import errors
from tests.support.people import person
from tests.web.browsing import browser_of, main_of, nobody, operator, refused_in, text_of
from tests.web.routes import every_route, path_of

pytestmark = pytest.mark.django_db

HOSTILE = {
    "long": "a" * 10**5,
    "nul": "a\0b",
    "newline": "a\r\nBcc: b",
    "script": "<script>alert(1)</script>",
    "digits": "\N{ARABIC-INDIC DIGIT ONE}" * 6,
    "emoji": "\N{FACE WITH TEARS OF JOY}" * 50,
    "bidi": "\N{RIGHT-TO-LEFT OVERRIDE}abc",
    "spaces": " " * 100,
    "empty": "",
}
FIELDS = (
    *("username", "login", "email", "password", "confirm", "current", "code", "name", "scope"),
    *("token", "next", "allowed", "revoke_tokens", "q", "credential", "with", "act", "remember"),
    *(
        "projects",
        "project",
        "patterns",
        "actions",
        "expires",
        "not_before",
        "networks",
        "uses",
        "version",
        "sha256",
    ),
    *("provider", "identity-owner", "owner", "like", "url", "kind", "claims", "rules", "pins", "static_keys"),
)


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
def test_every_form_answers_hostile_text_below_500_and_shows_it_as_text(text: str) -> None:
    alice, olga = person("alice"), operator("olga")
    for name, page in every_route().items():
        for client in (nobody(), browser_of(alice), browser_of(olga)):
            if "POST" in page.permissions:
                answer = client.post(path_of(name), dict.fromkeys(FIELDS, text))
                assert answer.status_code < 500, name
                assert "<script>alert" not in text_of(answer), name


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
def test_every_page_answers_a_hostile_query_below_500(text: str) -> None:
    olga = browser_of(operator())
    for name, page in every_route().items():
        if "GET" in page.permissions:
            answer = olga.get(path_of(name), dict.fromkeys((*FIELDS, "page"), text))
            assert answer.status_code < 500, name
            assert "<script>alert" not in text_of(answer), name


@pytest.mark.parametrize("field", ["username", "email", "password", "confirm"])
def test_a_field_of_100000_characters_is_refused_beside_it(field: str) -> None:
    # LT-20
    form = dict.fromkeys(("username", "email", "password", "confirm"), "a") | {field: "a" * 10**5}
    answer = nobody().post("/account/register/", form)
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in main_of(answer)
    assert "at most" in main_of(answer)


def test_nul_in_a_field_is_refused_beside_it() -> None:
    # LT-20
    answer = nobody().post("/account/login/", {"username": "alice\0", "password": "x\0"})
    assert (answer.status_code, refused_in(answer)) == (422, "null_characters_not_allowed")


def test_a_password_is_never_written_back_into_the_page() -> None:
    typed = "granite umbrella secret-part"
    answer = nobody().post("/account/register/", {"username": "a", "password": typed, "confirm": "x"})
    assert typed not in text_of(answer)


@pytest.mark.parametrize("number", ["0", "9" * 19, "9" * 40])
def test_ids_beyond_the_database_are_nobody_s(number: str) -> None:
    browser = browser_of(person())
    own = ("totp/{}/remove", "key/{}/remove", "key/{}/rename", "email/{}/remove", "token/{}/revoke")
    for path in own:
        assert browser.post(f"/manage/account/{path.format(number)}/").status_code == 404
    for path in ("session/{}/end", "browser/{}/forget"):
        assert browser.post(f"/manage/account/{path.format(number)}/").status_code == 303


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("a=b&" * 1000, "application/x-www-form-urlencoded"),
        ("a=" + "b" * 2 * 1024**2, "application/x-www-form-urlencoded"),
        ("no boundary", "multipart/form-data"),
        ("--x\r\nContent-Disposition: nonsense\r\n\r\n", "multipart/form-data; boundary=x"),
        ("username=%ff%fe&password=%ed%a0%80", "application/x-www-form-urlencoded"),
        ("username=a", "application/x-www-form-urlencoded; charset=utf-7"),
    ],
)
def test_a_body_that_is_no_small_form_is_a_4xx(body: str, kind: str) -> None:
    answer = nobody().post("/account/login/", body, content_type=kind)
    assert 400 <= answer.status_code < 500


def test_a_path_without_a_page_says_so_in_our_layout() -> None:
    answer = nobody().get("/nowhere/<script>/")
    assert (answer.status_code, refused_in(answer)) == (404, "not_found")
    assert "<script>/" not in main_of(answer)


def test_a_mistake_of_ours_is_told_without_asking_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("strongroom.web.views.account.standing_of", lambda _user: 1 / 0)
    client = Client(raise_request_exception=False)
    alice = person()
    client.cookies[settings.SESSION_COOKIE] = browser_of(alice).cookies[settings.SESSION_COOKIE].value
    answer = client.get("/manage/account/")
    assert answer.status_code == 500
    assert "Something broke on our side" in main_of(answer)
    assert "alice" not in text_of(answer)
    assert not re.search("Traceback|ZeroDivision", text_of(answer))


def test_the_broken_page_reads_no_row(
    django_assert_num_queries: pytest.FixtureRequest, rf: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert errors.broken(rf.get("/")).status_code == 500  # type: ignore[attr-defined]
