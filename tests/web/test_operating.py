"""The operators' page, and the link that makes the first operator."""

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.accounts.register import setup_link
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish
from strongroom.projects import policy
from tests.support.configuration import configured
from tests.support.people import PASSWORD, person
from tests.web.browsing import browser_of, location_of, main_of, nobody, operator, refused_in

pytestmark = pytest.mark.django_db

SETUP = "/operate/setup/"
REGISTRATION = {"username": "olga", "email": "olga@example.org", "password": PASSWORD, "confirm": PASSWORD}


@pytest.fixture
def token(db: None) -> str:
    link = setup_link(by=Actor.console())
    assert link
    return link.partition("?token=")[2]


@pytest.fixture
def olga(db: None) -> Client:
    return browser_of(operator("olga"))


def test_a_visitor_with_the_link_makes_an_account_that_is_the_first_operator(token: str) -> None:
    client = nobody()
    assert "Create account" in main_of(client.get(SETUP, query_params={"token": token}))
    assert location_of(client.post(SETUP, {**REGISTRATION, "token": token})) == "/operate/"
    assert client.get("/operate/").status_code == 200
    made = Entry.objects.get(tag="account.operator_made")
    assert (made.actor_name, made.subject_id) == ("olga", User.objects.get().pk)


def test_somebody_signed_in_becomes_operator_by_one_press(token: str) -> None:
    client = browser_of(person("olga"))
    assert "Become operator" in main_of(client.get(SETUP, query_params={"token": token}))
    assert not User.objects.get().is_operator
    assert location_of(client.post(SETUP, {"token": token})) == "/operate/"
    assert User.objects.get().is_operator


def test_the_link_works_once(token: str) -> None:
    # AD-09
    browser_of(person("olga")).post(SETUP, {"token": token})
    mallory = browser_of(person("mallory"))
    for answer in (mallory.get(SETUP, query_params={"token": token}), mallory.post(SETUP, {"token": token})):
        assert (answer.status_code, refused_in(answer)) == (410, "link_invalid")
    assert not User.objects.get(username="mallory").is_operator


def test_without_the_link_nobody_becomes_operator_and_no_account_is_made(token: str) -> None:
    # AD-09
    for guess in ("", "x", token[:-1], "\0", "a" * 10**5):
        answer = nobody().post(SETUP, {**REGISTRATION, "token": guess})
        assert (answer.status_code, refused_in(answer)) == (410, "link_invalid")
    assert not User.objects.exists()


def test_a_mistake_in_the_form_leaves_the_link_good(token: str) -> None:
    answer = nobody().post(SETUP, {**REGISTRATION, "confirm": "other", "token": token})
    assert refused_in(answer) == "passwords_differ"
    assert f'value="{token}"' in main_of(answer)
    assert nobody().post(SETUP, {**REGISTRATION, "token": token}).status_code == 303


def test_an_operator_chooses_what_may_publish_for_everybody(olga: Client) -> None:
    for level in MayPublish:
        olga.post("/operate/may-publish/", {"level": level})
        assert policy.for_all() is level
    events = Entry.objects.filter(tag="uploads.publishing_switched", actor_name="olga").order_by("serial")
    assert [event.details["level"] for event in events] == ["tokens", "trusted"]  # everything at first


def test_an_operator_cannot_let_more_publish_than_the_configuration_does(olga: Client) -> None:
    with configured("uploads", allowed=MayPublish.TOKENS):
        page = main_of(olga.get("/operate/"))
        assert "The configuration of this site forbids it." in page
        answer = olga.post("/operate/may-publish/", {"level": "passwords"})
        assert (answer.status_code, refused_in(answer)) == (422, "level_too_lax")
        assert policy.for_all() is MayPublish.TOKENS
    assert Entry.objects.get(tag="uploads.publishing_switched").reason == "level_too_lax"


def test_an_operator_disables_an_account_whose_sessions_end_and_enables_it_again(olga: Client) -> None:
    alice = person("alice")
    browser = browser_of(alice)
    olga.post("/operate/user/alice/disable/")
    assert "disabled" in main_of(olga.get("/operate/"))
    assert location_of(browser.get("/manage/account/")).startswith("/account/login/")
    olga.post("/operate/user/alice/enable/")
    alice.refresh_from_db()
    assert not alice.disabled


def test_an_operator_cannot_disable_the_account_in_use(olga: Client) -> None:
    answer = olga.post("/operate/user/olga/disable/")
    assert (answer.status_code, refused_in(answer)) == (422, "own_account")
    assert not User.objects.get().disabled


def test_acts_on_people_ask_for_a_fresh_proof() -> None:
    # AD-02
    person("alice")
    stale = browser_of(operator("olga"), fresh=False)
    for path in ("/operate/user/alice/disable/", "/operate/may-publish/"):
        assert location_of(stale.post(path)).startswith(
            "/account/reauthenticate/?next=%2Faccount%2Fresume%2F"
        )
    assert not User.objects.get(username="alice").disabled


def test_people_are_found_by_part_of_their_name_taken_literally(olga: Client) -> None:
    # RO-10
    person("alice")
    assert "/user/alice/" in main_of(olga.get("/operate/", {"q": "LIC"}))
    for other in ("%", "_", "bob"):
        assert "/user/alice/" not in main_of(olga.get("/operate/", {"q": other}))
