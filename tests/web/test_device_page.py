"""The page on which people let a program in that asks for an API token."""

from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Origin
from strongroom.kernel.may_publish import MayPublish
from strongroom.publish import device_tokens
from strongroom.signin import devices
from strongroom.signin.devices import Approval, Codes
from strongroom.signin.models import DeviceRequest
from strongroom.tokens.models import Token
from strongroom.web.forms.tokens import ALL, SOME
from tests.support.configuration import configured
from tests.support.people import person, refusal_of
from tests.tokens.making import project_of, token_for
from tests.web.browsing import browser_of, location_of, main_of, nobody, refused_in

pytestmark = pytest.mark.django_db

PAGE = "/account/device/"
THERE = Origin(address="192.0.2.77", client="strongroom", request_id="test")


@pytest.fixture
def alice() -> User:
    return person()


@pytest.fixture
def codes() -> Codes:
    return devices.ask("strongroom login", host="laptop", origin=THERE)


def fields(codes: Codes, **changes: object) -> dict[str, object]:
    chosen = {"user_code": codes.user_code, "name": "login on laptop", "scope": ALL, "days": "365"}
    return {**chosen, **changes}


def fetch(codes: Codes) -> str:
    """What the program gets."""

    def issue(approval: Approval) -> str:
        grant = approval.grant
        make = partial(device_tokens.make, approval.user, by=approval.by)
        return str(make(name=grant.name, projects=grant.projects, days=grant.days).secret)

    return devices.redeem(codes.device_code, issue=issue)


def test_the_page_asks_for_the_code_and_warns(alice: User) -> None:
    page = main_of(browser_of(alice, fresh=False).get(PAGE))
    assert 'name="user_code"' in page
    assert "close it" in page


def test_the_page_shows_who_asks_before_anything_is_approved(alice: User, codes: Codes) -> None:
    project_of(alice)
    answer = browser_of(alice, fresh=False).get(PAGE, {"user_code": codes.user_code.lower()})
    page = main_of(answer)
    assert answer.status_code == 200
    for told in (
        codes.user_code,
        "strongroom login",
        "laptop",
        "192.0.2.77",
        "Approve only if you started it",
    ):
        assert told in page
    assert "You are at another address yourself: 127.0.0.1" in page
    assert "publish and yank in your name" in page
    assert 'value="strongroom login on laptop"' in page
    assert 'value="365" selected' in page
    assert "Only these" in page
    assert not DeviceRequest.objects.get().approved


def test_whoever_lets_trusted_publishers_publish_alone_is_told_that_a_token_uploads_nothing(
    alice: User, codes: Codes
) -> None:
    told = "so a token uploads nothing"
    assert told not in main_of(browser_of(alice).get(PAGE, {"user_code": codes.user_code}))
    User.objects.filter(pk=alice.pk).update(may_publish=MayPublish.TRUSTED)
    assert told in main_of(browser_of(alice).get(PAGE, {"user_code": codes.user_code}))


def test_what_a_program_calls_itself_is_no_markup(alice: User) -> None:
    codes = devices.ask("<b>Support</b>", host="</dd><a href=x>", origin=THERE)
    answer = browser_of(alice).get(PAGE, {"user_code": codes.user_code})
    assert b"<b>Support" not in answer.content
    assert b"<a href=x>" not in answer.content
    assert b"&lt;b&gt;Support&lt;/b&gt;" in answer.content


def test_an_approved_program_gets_its_token(alice: User, codes: Codes) -> None:
    answer = browser_of(alice).post(PAGE, fields(codes))
    assert (answer.status_code, location_of(answer)) == (303, "/manage/account/#api-tokens")
    assert not Token.objects.exists()
    assert fetch(codes).startswith("strongroom-")
    row = Token.objects.get()
    assert (row.user_id, row.name, row.projects.count()) == (alice.pk, "login on laptop", 0)
    assert Entry.objects.filter(tag="device.approved", subject_id=alice.pk).count() == 1


def test_the_token_is_for_the_chosen_projects(alice: User, codes: Codes) -> None:
    project_of(alice)
    project_of(alice, "gadget")
    answer = browser_of(alice).post(PAGE, fields(codes, scope=SOME, projects=["demo", "gadget"], days="7"))
    assert answer.status_code == 303
    fetch(codes)
    row = Token.objects.get()
    assert {project.normalized for project in row.projects.all()} == {"demo", "gadget"}
    assert row.expires is not None
    assert row.expires - row.created <= timedelta(days=7)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 101}, "max_length"),
        ({"name": "taken"}, "token_name_taken"),
        ({"scope": SOME}, "token_scope_missing"),
        ({"scope": ALL, "projects": ["demo"]}, "token_scope_unclear"),
        ({"scope": SOME, "projects": ["other"]}, "invalid_choice"),
        ({"scope": "moon"}, "invalid_choice"),
        ({"days": "100000"}, "invalid_choice"),
        ({"days": ""}, "required"),
    ],
)
def test_a_mistake_is_shown_and_approves_nothing(
    alice: User, codes: Codes, changes: dict[str, object], code: str
) -> None:
    project_of(alice)
    project_of(person("bob"), "other")
    token_for(alice, name="taken")
    answer = browser_of(alice).post(PAGE, fields(codes, **changes))
    assert refused_in(answer) == code
    assert codes.user_code in main_of(answer)
    assert not DeviceRequest.objects.get().approved
    assert Token.objects.count() == 1


def test_a_code_that_nobody_shows_is_unknown(alice: User, codes: Codes) -> None:
    browser = browser_of(alice)
    answer = browser.get(PAGE, {"user_code": "BBBB-BBBB"})
    assert (answer.status_code, refused_in(answer)) == (404, "device_code_unknown")
    answer = browser.post(PAGE, fields(codes, user_code="BBBB-BBBB"))
    assert (answer.status_code, refused_in(answer)) == (404, "device_code_unknown")
    assert not DeviceRequest.objects.get().approved


def test_codes_are_guessed_twenty_times_at_most(alice: User, codes: Codes) -> None:
    browser = browser_of(alice)
    seen = [refused_in(browser.get(PAGE, {"user_code": "BBBB-BBBB"})) for _ in range(21)]
    assert seen == ["device_code_unknown"] * 20 + ["too_many_attempts"]
    answer = browser.post(PAGE, fields(codes))
    assert (answer.status_code, refused_in(answer)) == (429, "too_many_attempts")
    assert not DeviceRequest.objects.get().approved


def test_approving_takes_a_fresh_proof_and_goes_on_after_it(alice: User, codes: Codes) -> None:
    project_of(alice)
    browser = browser_of(alice, fresh=False)
    asked = fields(codes, scope=SOME, projects=["demo"])
    there = location_of(browser.post(PAGE, asked))
    assert there.startswith("/account/reauthenticate/")
    assert not DeviceRequest.objects.get().approved
    onward = parse_qs(urlsplit(there).query)["next"][0]
    page = main_of(browser.get(onward))
    assert (
        f"Let the program with the code {codes.user_code} have the API token “login on laptop”, for demo."
        in page
    )
    assert not DeviceRequest.objects.get().approved


def test_denying_takes_no_proof(alice: User, codes: Codes) -> None:
    answer = browser_of(alice, fresh=False).post(f"{PAGE}deny/", {"user_code": codes.user_code})
    assert location_of(answer) == "/manage/account/"
    assert refusal_of(partial(fetch, codes)) == "device_denied"
    assert Entry.objects.filter(tag="device.denied", subject_id=alice.pk).count() == 1


def test_the_link_leads_through_the_log_in(codes: Codes) -> None:
    answer = nobody().get(PAGE, {"user_code": codes.user_code})
    assert location_of(answer).startswith("/account/login/?next=%2Faccount%2Fdevice%2F%3Fuser_code%3D")


def test_a_form_of_another_site_approves_nothing(alice: User, codes: Codes) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(browser_of(alice).cookies)
    assert strict.post(PAGE, fields(codes)).status_code == 403
    assert not DeviceRequest.objects.get().approved


def test_an_unverified_address_makes_no_token(codes: Codes) -> None:
    browser = browser_of(person("bob", verified=False))
    page = browser.get(PAGE, {"user_code": codes.user_code})
    assert refused_in(page) == "email_unverified"
    answer = browser.post(PAGE, fields(codes))
    assert refused_in(answer) == "email_unverified"
    assert not DeviceRequest.objects.get().approved


def test_a_site_may_shorten_what_can_be_chosen(alice: User, codes: Codes) -> None:
    with configured("tokens", max_days=60):
        page = main_of(browser_of(alice).get(PAGE, {"user_code": codes.user_code}))
    assert "60 days, the longest here" in page
    assert 'value="60" selected' in page
    assert "One year" not in page
    assert "Until it is revoked" not in page


def test_the_page_of_an_expired_code_says_so(alice: User, codes: Codes) -> None:
    with clock.shifted(timedelta(minutes=11)):
        answer = browser_of(alice).get(PAGE, {"user_code": codes.user_code})
    assert (answer.status_code, refused_in(answer)) == (404, "device_code_unknown")
