"""The page of the recovery codes: made by a press, shown once, one typed back."""

import re

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.factors import methods
from strongroom.factors.models import RecoveryCode
from strongroom.kernel import clock
from tests.support.authenticator import Authenticator
from tests.support.people import person, signed_in, with_codes, with_key, with_phone
from tests.web.browsing import browser_of, holding, location_of, main_of, refused_in, text_of

pytestmark = pytest.mark.django_db

ACCOUNT = "/manage/account/"
CODES = "/manage/account/recovery-codes/"
CHECK = f"{CODES}check/"


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    opened, _phone = with_phone(signed_in(alice))
    return holding(opened)


def codes_on(page: str) -> list[str]:
    found = re.search(r'<code id="codes">(.*?)</code>', page, re.DOTALL)
    return found[1].split() if found else []


def test_a_look_makes_nothing_and_a_press_shows_eight_codes_once(alice: User, browser: Client) -> None:
    # RC-11
    assert codes_on(main_of(browser.get(CODES))) == []
    assert not RecoveryCode.objects.exists()
    answer = browser.post(CODES)
    assert answer.headers["Cache-Control"] == "no-store"
    codes = codes_on(main_of(answer))
    assert len(set(codes)) == 8
    assert all(re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    again = text_of(browser.get(CODES)) + text_of(browser.get(ACCOUNT))
    assert not [code for code in codes if code in again]
    assert not [code for code in codes if code in str([entry.details for entry in Entry.objects.all()])]


def test_two_factor_counts_as_on_once_a_code_is_typed_back(alice: User, browser: Client) -> None:
    # WR-44
    codes = codes_on(main_of(browser.post(CODES)))
    assert not methods.of(alice.pk).is_on
    assert "half done" in main_of(browser.get(ACCOUNT))
    answer = browser.post(CHECK, {"code": codes[3].lower()})
    assert location_of(answer) == f"{ACCOUNT}#two-factor"
    page = main_of(browser.get(ACCOUNT))
    assert page.count('class="bolt shot"') == 2
    assert "8 codes are left" in page
    assert methods.of(alice.pk).is_on


@pytest.mark.parametrize(
    ("typed", "status", "code"),
    [
        ("0000-0000-0000-0000", 403, "recovery_wrong"),
        ("123456", 422, "recovery_malformed"),
        ("", 422, "required"),
    ],
)
def test_another_code_is_refused_and_the_codes_are_not_shown_again(
    alice: User, browser: Client, typed: str, status: int, code: str
) -> None:
    codes = codes_on(main_of(browser.post(CODES)))
    answer = browser.post(CHECK, {"code": typed})
    assert (answer.status_code, refused_in(answer)) == (status, code)
    assert 'href="#id_code"' in main_of(answer)
    assert not [shown for shown in codes if shown in text_of(answer)]
    assert not methods.of(alice.pk).is_on


def test_new_codes_void_the_old(alice: User, browser: Client) -> None:
    # RC-04
    old = codes_on(main_of(browser.post(CODES)))
    assert "New codes replace all earlier ones" in main_of(browser.get(CODES))
    browser.post(CODES)
    assert refused_in(browser.post(CHECK, {"code": old[0]})) == "recovery_wrong"


def test_without_a_factor_there_are_no_codes(alice: User) -> None:
    client = browser_of(alice)
    assert "come with the second factor" in main_of(client.get(CODES))
    answer = client.post(CODES)
    assert (answer.status_code, refused_in(answer)) == (409, "factor_missing")
    assert not RecoveryCode.objects.exists()


def test_the_codes_can_be_copied_kept_as_a_file_and_printed_and_read_without_script(browser: Client) -> None:
    page = main_of(browser.post(CODES))
    for button in ("data-copied", 'data-download="strongroom-recovery-codes.txt"', "data-print"):
        assert re.search(rf"<button[^>]*{button}[^>]* hidden>", page), button
    assert "<pre" in page
    assert "Recovery codes of" in page


def test_few_codes_ask_for_new_ones(alice: User, browser: Client) -> None:
    # RC-12
    browser.post(CHECK, {"code": codes_on(main_of(browser.post(CODES)))[0]})
    assert "Make new recovery codes" not in main_of(browser.get(ACCOUNT)).split('class="ledger"')[0]
    kept = RecoveryCode.objects.filter(user=alice).order_by("pk")[:2]
    RecoveryCode.objects.exclude(pk__in=[row.pk for row in kept]).update(used=clock.now())
    page = main_of(browser.get(ACCOUNT))
    assert "Make new recovery codes" in page.split('class="ledger"')[0]
    assert "2 left" in page


def test_the_section_says_what_losing_a_thing_would_mean(alice: User, browser: Client) -> None:
    page = main_of(browser.get(ACCOUNT))
    assert "If you lose your phone: <strong>no, you are locked out</strong>" in page
    assert "2 of 3" in page
    assert "Make recovery codes" in page
    bob = person("bob")
    opened = with_key(signed_in(bob), Authenticator())
    with_codes(opened)
    assert "3 of 3" in main_of(holding(opened).get(ACCOUNT))
