"""What a site that asks for two-factor sign-in opens to those who have not turned it on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from strongroom.accounts.models import User
from strongroom.factors import keys, methods, totp
from strongroom.kernel import clock
from strongroom.publish import credentials
from tests.support.authenticator import Authenticator
from tests.support.configuration import changed
from tests.support.people import person, signed_in, with_codes, with_key, with_phone
from tests.web.browsing import browser_of, holding, location_of, main_of, nobody, refused_in, text_of
from tests.web.content import publish
from tests.web.routes import every_route, path_of

pytestmark = pytest.mark.django_db

ACCOUNT = "/manage/account/"
TOKEN = "/manage/account/token/"
ENROLLING = {
    *("account", "reauthenticate", "reauthenticate-options", "resume"),
    *("email-add", "email-verify", "email-primary", "email-remove"),  # no factor without a verified address
    *("totp-provision", "webauthn-provision", "webauthn-provision-options"),
    *("recovery-codes", "recovery-codes-check", "recovery-stop"),
}
# What happened to one's account, and one's own data, are no privileges.
ONES_OWN = {
    *("account-history", "account-history-download", "account-event-receipt", "account-event-disown"),
    *("account-data", "account-data-export", "account-data-delete"),
}


def asking(settings: Settings, whom: str, *, days: int | None = None) -> None:
    since = (clock.now() + timedelta(days=days)).date() if days is not None else None
    settings.CONFIG = changed("sign_in", two_factor=whom, two_factor_from=since)


def is_sent_to_enroll(client: Client, path: str = TOKEN) -> bool:
    return location_of(client.get(path)) == f"{ACCOUNT}#two-factor"


def test_without_two_factor_nothing_opens_but_the_pages_that_turn_it_on(settings: Settings) -> None:
    # LT-29
    asking(settings, "everyone")
    client = browser_of(person("alice"))
    anybody = {
        name
        for name, page in every_route().items()
        if {"ANYONE", "READER"} & {p.name for p in page.permissions.values()}  # the site is a public one
    }
    signed_in_pages = set(every_route()) - anybody - {"two-factor", "two-factor-options", "recovery-code"}
    open_pages = set()
    for name in signed_in_pages:
        page = every_route()[name]
        for method in page.permissions:
            answer = client.generic(method, path_of(name))
            if location_of(answer) != f"{ACCOUNT}#two-factor" and refused_in(answer) != "not_operator":
                open_pages.add(name)
    assert open_pages == ENROLLING | ONES_OWN


def test_who_is_sent_there_is_told_why(settings: Settings) -> None:
    asking(settings, "everyone")
    client = browser_of(person("alice"))
    answer = client.get(TOKEN, follow=True)
    assert "Turn on two-factor sign-in first" in main_of(answer)
    assert client.get("/").status_code == client.get("/help/").status_code == 200
    assert client.post("/account/logout/").status_code == 303


def test_it_opens_once_the_codes_are_kept(settings: Settings) -> None:
    asking(settings, "everyone")
    opened, _phone = with_phone(signed_in(person("alice")))
    client = holding(opened)
    assert is_sent_to_enroll(client)
    with_codes(opened)
    assert client.get(TOKEN).status_code == 200


def test_nothing_is_changed_by_what_does_not_open(settings: Settings) -> None:
    # LT-29
    alice = person("alice")
    asking(settings, "everyone")
    client = browser_of(alice)
    assert location_of(client.post(TOKEN, {"name": "CI", "scope": ""})) == f"{ACCOUNT}#two-factor"
    assert not credentials.tokens_of(alice)


def test_owners_alone_are_asked_where_the_site_says_so(settings: Settings) -> None:
    alice, bob = person("alice"), person("bob")
    publish(alice)
    asking(settings, "owners")
    assert is_sent_to_enroll(browser_of(alice))
    assert browser_of(bob).get(TOKEN).status_code == 200


def test_until_the_day_every_page_announces_it_and_everything_opens(settings: Settings) -> None:
    asking(settings, "everyone", days=30)
    client = browser_of(person("alice"))
    assert client.get(TOKEN).status_code == 200
    day = (clock.now() + timedelta(days=30)).strftime("%b %Y")
    for path in ("/", "/help/", ACCOUNT, "/manage/projects/"):
        page = text_of(client.get(path))
        assert "this site asks for two-factor sign-in" in page
        assert day in page
    assert "this site asks for two-factor sign-in. Until" not in text_of(nobody().get("/"))
    with clock.shifted(timedelta(days=30)):
        late = browser_of(User.objects.get())
        assert is_sent_to_enroll(late)


def test_whoever_has_two_factor_hears_nothing_of_it(settings: Settings) -> None:
    asking(settings, "everyone", days=30)
    opened, _phone = with_phone(signed_in(person("alice")))
    with_codes(opened)
    assert "this site asks" not in text_of(holding(opened).get("/"))


def test_after_a_recovery_two_factor_is_asked_for_whatever_the_policy() -> None:
    alice = person("alice")
    User.objects.update(must_enroll=True)
    assert is_sent_to_enroll(browser_of(alice))


def remove_path(alice: User) -> str:
    if apps := totp.of(alice.pk):
        return f"{ACCOUNT}totp/{apps[0].pk}/remove/"
    return f"{ACCOUNT}key/{keys.of(alice.pk)[0].pk}/remove/"


@pytest.mark.parametrize("kind", ["app", "key"])
def test_the_last_factor_stays_where_the_site_asks_for_one(settings: Settings, kind: str) -> None:
    # SU-07
    alice = person("alice")
    opened: Any = signed_in(alice)
    opened = with_key(opened, Authenticator()) if kind == "key" else with_phone(opened)[0]
    with_codes(opened)
    asking(settings, "everyone")
    client, path = holding(opened), remove_path(alice)
    page = client.get(path)
    assert refused_in(page) == "factor_needed"
    assert '<button class="danger">' not in main_of(page)
    answer = client.post(path)
    assert (answer.status_code, refused_in(answer)) == (409, "factor_needed")
    assert methods.has_any(alice.pk)


def test_one_of_two_factors_goes_where_the_site_asks_for_one(settings: Settings) -> None:
    alice = person("alice")
    opened, _phone = with_phone(signed_in(alice))
    opened = with_key(opened, Authenticator())
    with_codes(opened)
    asking(settings, "everyone")
    assert location_of(holding(opened).post(remove_path(alice))) == f"{ACCOUNT}#two-factor"
    assert methods.has_any(alice.pk)


@pytest.mark.parametrize(
    ("whom", "days", "sentence"),
    [
        ("optional", None, "is up to you"),
        ("owners", None, "asks whoever owns a project"),
        ("everyone", 30, "It holds from"),
    ],
)
def test_the_help_says_what_the_site_asks_for(
    settings: Settings, whom: str, days: int | None, sentence: str
) -> None:
    asking(settings, whom, days=days)
    assert sentence in main_of(nobody().get("/help/"))


@pytest.mark.parametrize("anchor", ["totp", "utfkey", "recovery-codes", "browsers", "lost-factor", "twofa"])
def test_the_help_has_its_anchors(anchor: str) -> None:
    page = main_of(nobody().get("/help/"))
    assert f'id="{anchor}"' in page
    assert f'href="#{anchor}"' in page
