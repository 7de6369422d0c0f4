"""A program without a browser asks for an API token, and waits until somebody approves (RFC 8628)."""

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import settings

from strongroom.accounts import epoch, standing
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.notices.models import QueuedMail
from strongroom.publish import device_tokens
from strongroom.signin import devices, session
from strongroom.signin.devices import ALPHABET, Approval, Grant
from strongroom.signin.models import DeviceRequest
from strongroom.signin.session import Opened
from strongroom.tokens.models import Token
from strongroom.tokens.verify import verify
from tests.api.calling import Api, refused
from tests.support.configuration import configured
from tests.support.people import BROWSER, at_once, mails, person, refusal_of, signed_in, visitor
from tests.tokens.making import HERE, project_of, token_for

pytestmark = pytest.mark.django_db(transaction=True)

CODE, TOKEN = "/_/device/code", "/_/device/token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
GRANT = Grant(name="login on laptop", projects=[], days=365)


@pytest.fixture
def alice() -> Opened:
    return signed_in(person())


def begin(api: Api, **fields: str) -> dict[str, Any]:
    answer = api.post(CODE, data={"client_id": "strongroom login", "host": "laptop", **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ask(api: Api, device_code: str, *, grant_type: str = GRANT_TYPE) -> httpx.Response:
    fields = {"grant_type": grant_type, "device_code": device_code, "client_id": "strongroom login"}
    return api.post(TOKEN, data=fields)


def error_of(answer: httpx.Response) -> str:
    """The error of RFC 6749 §5.2; the answer is checked for its shape."""
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.status_code == 400
    return str(answer.json()["error"])


def approve(opened: Opened, user_code: str, grant: Grant = GRANT) -> None:
    actor = session.actor_of(opened.session, BROWSER)
    devices.approve(opened.session, user_code, grant=grant, by=actor)


def test_a_program_gets_two_codes_and_an_address(api: Api) -> None:
    codes = begin(api)
    assert set(codes) == {
        *("device_code", "user_code", "verification_uri", "verification_uri_complete"),
        *("expires_in", "interval"),
    }
    assert (codes["expires_in"], codes["interval"]) == (600, 5)
    letters = codes["user_code"].replace("-", "")
    assert len(letters) == 8
    assert set(letters) <= set(ALPHABET)
    assert len(ALPHABET) ** 8 > 2**34
    assert codes["verification_uri"] == f"{settings.CONFIG.base_url}/account/device/"
    complete = urlsplit(codes["verification_uri_complete"])
    assert parse_qs(complete.query) == {"user_code": [codes["user_code"]]}
    assert len(codes["device_code"]) >= 43
    assert begin(api)["user_code"] != codes["user_code"]


def test_addresses_are_of_the_configured_site_whatever_host_says(api: Api) -> None:
    data = {"client_id": "x"}
    headers = {"X-Forwarded-Host": "evil.example"}
    assert "evil" not in api.post(CODE, data=data, headers=headers, host="evil.example").text


def test_once_approved_the_token_is_fetched_once(api: Api, alice: Opened, mailoutbox: list[Any]) -> None:
    codes = begin(api)
    assert error_of(ask(api, codes["device_code"])) == "authorization_pending"
    assert not Token.objects.exists()
    approve(alice, codes["user_code"])
    assert not Token.objects.exists()
    with clock.shifted(timedelta(seconds=5)):
        answer = ask(api, codes["device_code"])
        (mail,) = mails(mailoutbox)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert set(answer.json()) == {"access_token", "token_type"}
    token = verify(answer.json()["access_token"], origin=HERE)
    assert token.owner is not None
    assert (token.owner.username, token.name) == ("alice", "login on laptop")
    row = Token.objects.get()
    assert row.expires is not None
    assert 364 <= (row.expires - clock.now()).days <= 365
    approved, made = Entry.objects.filter(tag__in=["device.approved", "token.made"]).order_by("serial")
    assert approved.details == {"program": "strongroom login", "host": "laptop"}
    for entry in (approved, made):
        assert (entry.actor_name, entry.address, entry.client) == (
            "alice",
            BROWSER.address,
            BROWSER.client,
        )
        assert entry.subject_id == alice.session.user_id
    assert "login on laptop" in mail.body
    assert not DeviceRequest.objects.exists()
    assert error_of(ask(api, codes["device_code"])) == "invalid_grant"


def test_the_token_is_what_was_approved(api: Api, alice: Opened) -> None:
    project = project_of(alice.session.user)
    codes = begin(api)
    approve(alice, codes["user_code"], Grant(name="x", projects=["demo"], days=None))
    token = verify(ask(api, codes["device_code"]).json()["access_token"], origin=HERE)
    token.require_project(project.normalized, public_id=project.public_id)
    assert refusal_of(partial(token.require_project, "other", public_id=None)) == "token_scope"
    assert Token.objects.get().expires is None


def test_of_many_questions_at_once_one_gets_the_token(api: Api, alice: Opened) -> None:
    """The interval lets one through; below it the row lets one through as well."""
    codes = begin(api)
    approve(alice, codes["user_code"])
    outcomes = at_once([partial(devices.redeem, codes["device_code"], issue=_issue)] * 16)
    made = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert len(made) == 1
    assert Token.objects.count() == 1


def test_who_asks_too_often_is_told_to_slow_down(api: Api, alice: Opened) -> None:
    codes = begin(api)
    with clock.frozen(clock.now()):
        seen = [error_of(ask(api, codes["device_code"])) for _ in range(3)]
        assert seen == ["authorization_pending", "slow_down", "slow_down"]
        approve(alice, codes["user_code"])
        with clock.shifted(timedelta(seconds=10)):  # twice five seconds were added
            assert error_of(ask(api, codes["device_code"])) == "slow_down"
    for _ in range(20):
        ask(api, codes["device_code"])
    assert DeviceRequest.objects.get().interval == 60
    with clock.shifted(timedelta(seconds=60)):
        assert ask(api, codes["device_code"]).status_code == 200


def test_a_code_lasts_ten_minutes(api: Api, alice: Opened) -> None:
    codes = begin(api)
    with clock.shifted(timedelta(seconds=601)):
        assert error_of(ask(api, codes["device_code"])) == "expired_token"
        alice.session.proven = clock.now()
        assert refusal_of(partial(approve, alice, codes["user_code"])) == "device_code_unknown"
        assert devices.sweep() == 0
    with clock.shifted(timedelta(hours=2)):
        assert devices.sweep() == 1
        assert error_of(ask(api, codes["device_code"])) == "invalid_grant"


def test_an_approval_ends_with_its_code(api: Api, alice: Opened) -> None:
    codes = begin(api)
    approve(alice, codes["user_code"])
    with clock.shifted(timedelta(seconds=601)):
        assert error_of(ask(api, codes["device_code"])) == "expired_token"
    assert not Token.objects.exists()


def test_a_denied_program_gets_nothing(api: Api, alice: Opened) -> None:
    codes = begin(api)
    by = session.actor_of(alice.session, BROWSER)
    devices.deny(codes["user_code"], user_id=alice.session.user_id, by=by)
    assert error_of(ask(api, codes["device_code"])) == "access_denied"
    assert refusal_of(partial(approve, alice, codes["user_code"])) == "device_code_unknown"
    assert Entry.objects.get(tag="device.denied").details == {"program": "strongroom login", "host": "laptop"}


def test_an_approval_is_void_once_the_account_has_moved_on(api: Api, alice: Opened) -> None:
    for move in (_move_on, _freeze, _disable):
        codes = begin(api)
        user = User.objects.get()
        approve(Opened(_renewed(alice, user), alice.secret), codes["user_code"])
        move(user)
        assert error_of(ask(api, codes["device_code"])) == "access_denied", move
        User.objects.update(disabled=False, frozen=None)
    assert not Token.objects.exists()


def test_a_token_that_cannot_be_made_any_more_is_denied(api: Api, alice: Opened) -> None:
    codes = begin(api)
    approve(alice, codes["user_code"])
    token_for(alice.session.user, name=GRANT.name)
    answer = ask(api, codes["device_code"])
    assert error_of(answer) == "access_denied"
    assert "name" in answer.json()["error_description"]
    assert Token.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "error", "code"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type", "device_grant_unknown"),
        ({"grant_type": ""}, "unsupported_grant_type", "device_grant_unknown"),
        ({"device_code": ""}, "invalid_grant", "device_code_unknown"),
        ({"device_code": "x" * 60_000}, "invalid_grant", "device_code_unknown"),
        ({"device_code": "é\u202e"}, "invalid_grant", "device_code_unknown"),
    ],
)
def test_what_is_no_question_for_a_token_is_refused(
    api: Api, fields: dict[str, str], error: str, code: str
) -> None:
    answer = api.post(TOKEN, data={"grant_type": GRANT_TYPE, "device_code": "x", **fields})
    assert (error_of(answer), refused(answer)[1]) == (error, code)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"client_id": ""},
        {"client_id": " "},
        {"client_id": "x" * 61},
        {"client_id": "a\nb"},
        {"client_id": "a\u202eb"},
        {"client_id": "x", "host": "h" * 61},
        {"client_id": "x", "host": "\x1b[2J"},
    ],
)
def test_a_program_needs_a_name_that_can_be_shown(api: Api, fields: dict[str, str]) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = api.post(CODE, data=fields, headers=headers)
    assert (error_of(answer), refused(answer)[1]) == ("invalid_request", "device_name_invalid")
    assert not DeviceRequest.objects.exists()


def test_codes_are_not_made_without_end(api: Api) -> None:
    data = {"client_id": "x"}
    answers = [api.post(CODE, data=data).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    assert api.post(CODE, data=data, address="192.0.2.9").status_code == 200


def test_nobody_guesses_the_codes_of_others(api: Api, alice: Opened) -> None:
    codes = begin(api)
    wrong = partial(approve, alice, "BBBB-BBBB")
    assert {refusal_of(wrong) for _ in range(20)} == {"device_code_unknown"}
    assert refusal_of(wrong) == "too_many_attempts"
    assert refusal_of(partial(approve, alice, codes["user_code"])) == "too_many_attempts"
    elsewhere = {"user_id": 4711, "origin": visitor("192.0.2.9").origin}
    assert devices.look(codes["user_code"], **elsewhere).program == "strongroom login"  # type: ignore[arg-type]


@pytest.mark.parametrize("spell", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_may_be_typed_as_people_do(api: Api, alice: Opened, spell: Any) -> None:
    approve(alice, spell(begin(api)["user_code"]))
    assert DeviceRequest.objects.get().approved


@pytest.mark.parametrize(
    "typed",
    ["", "BCDF", "BCDF-GHJKL", "\uff22\uff23\uff24\uff26\uff27\uff28\uff2a\uff2b", "\0" * 8, "AEIO-UAEI"],
)
def test_what_is_no_code_is_unknown(api: Api, alice: Opened, typed: str) -> None:
    assert refusal_of(partial(approve, alice, typed)) == "device_code_unknown"


def test_approving_takes_a_fresh_proof(api: Api, alice: Opened) -> None:
    codes = begin(api)
    alice.session.proven -= timedelta(minutes=11)
    assert refusal_of(partial(approve, alice, codes["user_code"])) == "proof_needed"
    assert not DeviceRequest.objects.get().approved


def test_whoever_reads_the_database_learns_no_code_and_no_token(api: Api, alice: Opened) -> None:
    codes = begin(api)
    approve(alice, codes["user_code"])
    row = str(DeviceRequest.objects.values().get())
    assert codes["device_code"] not in row
    for spelled in (codes["user_code"], codes["user_code"].replace("-", "")):
        assert spelled not in row
    assert "strongroom-" not in row
    code = DeviceRequest.objects.values_list("digest", "code").get()
    for found in code:
        assert error_of(ask(api, found)) == "invalid_grant"
        assert refusal_of(partial(approve, alice, found)) == "device_code_unknown"


def test_a_site_may_want_an_end_for_each_token(api: Api, alice: Opened) -> None:
    with configured("tokens", max_days=30):
        for days, code in ((None, "token_expiry_required"), (31, "token_expiry_too_late")):
            check = partial(
                device_tokens.require_makeable,
                alice.session.user, name="x", projects=[], days=days, by=visitor(),
            )  # fmt: skip
            assert refusal_of(check) == code
        device_tokens.require_makeable(alice.session.user, name="x", projects=[], days=30, by=visitor())
    assert not Token.objects.exists()
    assert not QueuedMail.objects.exists()


def _issue(approval: Approval) -> str:
    grant = approval.grant
    made = device_tokens.make(
        approval.user, name=grant.name, projects=grant.projects, days=grant.days, by=approval.by
    )
    return str(made.secret)


def _renewed(opened: Opened, user: User) -> Any:
    opened.session.auth_epoch = user.auth_epoch
    return opened.session


def _move_on(user: User) -> None:
    epoch.bump(user.pk)


def _freeze(user: User) -> None:
    standing.freeze(user, clock.now(), by=visitor())


def _disable(user: User) -> None:
    standing.disable(user, by=visitor())
