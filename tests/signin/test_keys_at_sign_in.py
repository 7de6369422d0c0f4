"""Signing in with a password and a security key: W3C WebAuthn §7.2 from the question to the session."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.accounts import standing
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY
from strongroom.factors.models import Challenge, RecoveryCode, SecurityKey
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Feature
from strongroom.signin import session, steps
from strongroom.signin.models import Session
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from tests.signin.entering import (
    answered,
    by_code,
    by_key,
    done_by,
    entry,
    has_key,
    refused_to_a_stranger,
    signed,
    ticket_of,
    tried,
    whose,
)
from tests.support import authenticator
from tests.support.authenticator import UV, Authenticator
from tests.support.configuration import configured
from tests.support.people import at_once, mails, refusal_of, visitor, with_codes

pytestmark = pytest.mark.django_db


def key_rows() -> list[dict[str, Any]]:
    return list(SecurityKey.objects.order_by("pk").values())


def refused(ticket: str, answer: Answer) -> str:
    """The reason code, after a look that the refusal has changed nothing but used the challenge up."""
    before = key_rows()
    code = refusal_of(tried(ticket, answer))
    assert not Session.objects.exists()
    assert key_rows() == before
    last = Entry.objects.latest("serial")
    assert (last.tag, last.details) == ("session.sign_in", {"method": "password+key"})
    assert whose(last) == refused_to_a_stranger(code)
    return code


def no_user_verified(answer: authenticator.Answer) -> None:
    answer.flags &= ~UV


def test_password_and_key_open_one_session_and_the_count_moves_on(
    mailoutbox: list[Any],
) -> None:  # WA-24, WA-25
    device = Authenticator()
    alice = has_key("alice", device)
    before = SecurityKey.objects.get()
    opened = by_key(device)
    found = session.find(opened.secret)
    assert found is not None
    assert (found.user, found.method, found.proof, found.proof_since) == (
        alice,
        "password+key",
        "key",
        before.created,
    )
    row = SecurityKey.objects.get()
    assert (before.sign_count, row.sign_count, before.last_used) == (1, 2, None)
    assert row.last_used is not None
    event = Entry.objects.filter(tag="session.sign_in").latest("serial")
    assert (event.subject_id, event.details) == (alice.pk, {"method": "password+key"})
    assert whose(event) == done_by(opened)
    assert not Challenge.objects.exists()
    assert {mail.to[0] for mail in mails(mailoutbox)} == {"alice@example.org"}


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_keys_of_every_algorithm_sign_in(algorithm: int) -> None:  # WA-20
    device = Authenticator(algorithm=algorithm)
    has_key("alice", device)
    assert isinstance(by_key(device), Opened)


def test_a_key_of_the_u2f_era_is_a_second_factor() -> None:  # WA-41
    device = Authenticator(u2f=True)
    has_key("alice", device)
    assert isinstance(by_key(device), Opened)
    assert (SecurityKey.objects.get().sign_count, SecurityKey.objects.get().verified_user) == (2, False)


def test_a_passkey_that_does_not_count_signs_in_again_and_again() -> None:  # WA-33
    device = Authenticator(counts=False, backup_eligible=True, backed_up=True)
    has_key("alice", device)
    for _ in range(3):
        by_key(device)
    assert SecurityKey.objects.get().sign_count == 0


def test_the_question_lists_the_keys_of_whoever_has_shown_the_password() -> None:  # WA-01, WA-05
    devices = Authenticator(), Authenticator()
    has_key("alice", *devices)
    has_key("bob", Authenticator())
    asked = steps.begin_key(ticket_of())
    listed = [base64.urlsafe_b64decode(known["id"] + "==") for known in asked["allowCredentials"]]
    assert listed == [device.credentials[0].id for device in devices]
    assert asked["rpId"] == "localhost"
    assert steps.begin_key(ticket_of())["challenge"] != asked["challenge"]


def test_the_key_of_somebody_else_is_unknown_here() -> None:  # WA-05, WA-06
    mallorys = Authenticator()
    has_key("alice", Authenticator())
    has_key("mallory", mallorys)
    ticket = ticket_of("alice")
    options = steps.begin_key(ticket) | {"allowCredentials": []}
    answer = Answer(KEY, mallorys.sign_in(options, user_handle=False))
    assert refused(ticket, answer) == "webauthn_key_unknown"
    assert not Challenge.objects.exists()


def test_a_key_that_nobody_has_is_unknown() -> None:  # WA-28
    device, stranger = Authenticator(), Authenticator()
    has_key("alice", device)
    stranger.register(registering())
    ticket = ticket_of()
    options = steps.begin_key(ticket) | {"allowCredentials": []}
    answer = Answer(KEY, stranger.sign_in(options, user_handle=False))
    assert refused(ticket, answer) == "webauthn_key_unknown"


def registering() -> dict[str, Any]:
    """The options of a registration that this site never began."""
    return {
        "rp": {"id": "localhost"},
        "user": {"id": "AAAA"},
        "challenge": "AAAA",
        "pubKeyCredParams": [{"alg": -7}],
    }


def named(answer: Answer, device: Authenticator, **response: str) -> Answer:
    """``answer`` as if ``device`` had given it."""
    whole = json.loads(answer.text)
    whole["id"] = whole["rawId"] = base64.urlsafe_b64encode(device.credentials[0].id).rstrip(b"=").decode()
    whole["response"] |= response
    return replace(answer, text=json.dumps(whole))


def test_the_signature_of_one_key_under_the_name_of_another_is_refused() -> None:  # WA-26
    signs, is_named = Authenticator(), Authenticator()
    has_key("alice", signs, is_named)
    ticket = ticket_of()
    answer = named(signed(ticket, signs), is_named)
    assert refused(ticket, answer) == "webauthn_signature"


def test_the_signature_of_mallory_under_the_name_and_handle_of_alice_is_refused() -> None:  # WA-27
    hers, mallorys = Authenticator(), Authenticator()
    alice = has_key("alice", hers)
    has_key("mallory", mallorys)
    ticket = ticket_of("alice")
    options = steps.begin_key(ticket) | {"allowCredentials": []}
    handle = base64.urlsafe_b64encode(alice.public_id.bytes).rstrip(b"=").decode()
    signature = Answer(KEY, mallorys.sign_in(options, user_handle=False))
    assert refused(ticket, named(signature, hers, userHandle=handle)) == "webauthn_signature"


def test_a_handle_of_somebody_else_is_refused() -> None:  # WA-06
    device = Authenticator()
    has_key("alice", device)
    bob = has_key("bob", Authenticator())
    ticket = ticket_of("alice")
    handle = base64.urlsafe_b64encode(bob.public_id.bytes).rstrip(b"=").decode()
    answer = named(signed(ticket, device), device, userHandle=handle)
    assert refused(ticket, answer) == "webauthn_user_handle_wrong"


def test_after_a_failure_the_challenge_is_gone_and_the_ticket_is_not() -> None:  # WA-11
    device = Authenticator()
    has_key("alice", device)
    ticket = ticket_of()
    options = steps.begin_key(ticket)
    wrong = Answer(KEY, device.sign_in(options, origin="https://evil.example"))
    assert refused(ticket, wrong) == "webauthn_origin"
    assert refused(ticket, Answer(KEY, device.sign_in(options))) == "webauthn_challenge_unknown"
    assert isinstance(answered(ticket, signed(ticket, device)), Opened)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "x" * 100_000])
def test_what_is_no_answer_at_all_uses_the_question_up(text: str) -> None:  # WA-03, WA-11
    device = Authenticator()
    has_key("alice", device)
    ticket = ticket_of()
    good = signed(ticket, device)
    assert refused(ticket, Answer(KEY, text)) in {"webauthn_json", "webauthn_malformed", "webauthn_too_large"}
    assert refused(ticket, good) == "webauthn_challenge_unknown"
    assert not Challenge.objects.exists()


def test_the_question_of_one_ticket_is_not_for_another() -> None:  # WA-36, LT-14
    device = Authenticator()
    has_key("alice", device)
    asked, other = ticket_of(), ticket_of()
    assert refused(other, signed(asked, device)) == "webauthn_challenge_unknown"
    assert Challenge.objects.count() == 1


def test_five_minutes_later_the_answer_is_too_late() -> None:  # WA-11
    device = Authenticator()
    has_key("alice", device)
    early = ticket_of()
    answer = signed(early, device)
    with clock.shifted(timedelta(minutes=5, seconds=1)):
        assert refusal_of(tried(early, answer)) == "ticket_invalid"
        late = ticket_of()
        assert refused(late, answer) == "webauthn_challenge_unknown"
    assert SecurityKey.objects.get().sign_count == 1


def test_a_passkey_question_is_not_answered_at_the_second_step() -> None:  # WA-35
    device = Authenticator()
    has_key("alice", device)
    ticket, begun = ticket_of(), steps.begin_passkey(by=visitor())
    assert refused(ticket, Answer(KEY, device.sign_in(begun.options))) == "webauthn_challenge_unknown"


def test_adding_a_key_is_no_answer() -> None:  # WR-34, WA-10
    device = Authenticator()
    has_key("alice", device)
    ticket = ticket_of()
    made = Authenticator().register(registering() | {"challenge": steps.begin_key(ticket)["challenge"]})
    assert refused(ticket, Answer(KEY, made)) == "webauthn_not_an_assertion"


def test_a_key_that_has_verified_its_user_must_do_so_again() -> None:  # WA-17
    device = Authenticator()
    has_key("alice", device)
    ticket = ticket_of()
    assert refused(ticket, signed(ticket, device, bend=no_user_verified)) == "webauthn_user_not_verified"
    assert isinstance(answered(ticket, signed(ticket, device)), Opened)


def test_the_user_is_to_be_verified_wherever_less_would_be_refused() -> None:  # WA-17
    has_key("alice", Authenticator(), Authenticator())
    has_key("bob", Authenticator(), Authenticator(u2f=True))
    asked = [steps.begin_key(ticket_of(login))["userVerification"] for login in ("alice", "bob")]
    assert asked == ["required", "preferred"]


def test_a_key_that_gets_a_pin_is_from_then_on_asked_for_it() -> None:  # WA-17, WA-24
    device = Authenticator(user_verification=False)
    has_key("alice", device)
    by_key(device)
    device.user_verification = True
    by_key(device)
    assert SecurityKey.objects.get().verified_user
    Session.objects.all().delete()
    ticket = ticket_of()
    assert refused(ticket, signed(ticket, device, bend=no_user_verified)) == "webauthn_user_not_verified"


def test_a_key_that_is_backed_up_later_is_accepted_and_that_is_stored() -> None:  # WA-42, WA-24
    device = Authenticator(backup_eligible=True)
    has_key("alice", device)
    assert not SecurityKey.objects.get().backed_up
    device.backed_up = True
    by_key(device)
    assert SecurityKey.objects.get().backed_up
    device.backed_up = False
    by_key(device)
    assert not SecurityKey.objects.get().backed_up


@pytest.mark.parametrize("registered", [True, False])
def test_a_key_that_changes_whether_it_can_be_backed_up_is_refused(registered: bool) -> None:  # WA-42, WA-19
    device = Authenticator(backup_eligible=registered)
    has_key("alice", device)
    device.backup_eligible = not registered
    ticket = ticket_of()
    assert refused(ticket, signed(ticket, device)) == "webauthn_backup_eligibility"


def test_a_copied_key_is_refused_and_flagged_and_its_owner_told_once(mailoutbox: list[Any]) -> None:  # WA-33
    original = Authenticator()
    alice = has_key("alice", original)
    copy = original.clone()
    by_key(original)
    by_key(original)
    Session.objects.all().delete()
    mails(mailoutbox).clear()
    before = SecurityKey.objects.get()
    ticket = ticket_of()
    assert refusal_of(tried(ticket, signed(ticket, copy))) == "webauthn_key_copied"

    row = SecurityKey.objects.get()
    assert (row.sign_count, row.last_used) == (3, before.last_used)
    assert row.flagged is not None
    assert not Session.objects.exists()
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert "“key 1”" in mailoutbox[0].body
    event = entry("factor.key_copied")
    assert (event.subject_id, event.details, event.actor_kind) == (alice.pk, {"name": "key 1"}, "anonymous")
    last = Entry.objects.latest("serial")
    assert whose(last) == refused_to_a_stranger("webauthn_key_copied")
    again = original.clone()
    again.sign_count = 0
    assert refusal_of(tried(ticket, signed(ticket, again))) == "webauthn_key_copied"
    assert len(mails(mailoutbox)) == 1  # once a day, however often it is tried
    assert isinstance(answered(ticket, signed(ticket, original)), Opened)


def test_a_disabled_account_is_not_entered_with_its_key() -> None:  # WA-38
    device = Authenticator()
    alice = has_key("alice", device)
    ticket = ticket_of()
    answer = signed(ticket, device)
    standing.disable(alice, by=Actor.console())
    assert refusal_of(tried(ticket, answer)) == "ticket_invalid"
    assert not Session.objects.exists()


def test_where_keys_are_switched_off_codes_are_asked_for_and_nobody_gets_in_with_less() -> None:  # LT-18
    device = Authenticator()
    with clock.shifted(timedelta(minutes=-5)):
        alice = has_key("alice", device)
    opened = by_key(device)
    codes = with_codes(opened)
    ticket = ticket_of()
    answer = signed(ticket, device)
    with configured("features", webauthn=Feature.OFF):
        assert refusal_of(lambda: steps.begin_key(ticket)) == "webauthn_off"
        assert refusal_of(tried(ticket, answer)) == "webauthn_off"
        assert refusal_of(lambda: steps.begin_passkey(by=visitor())) == "webauthn_off"
        assert by_code(codes[0]).session.user == alice
    assert RecoveryCode.objects.filter(used=None).count() == 7


@pytest.mark.parametrize("method", ["", "password", "KEY", "passkey", "sms"])
def test_a_method_that_there_is_not_is_refused(method: str) -> None:
    device = Authenticator()
    has_key("alice", device)
    ticket = ticket_of()
    text = signed(ticket, device).text
    assert refusal_of(tried(ticket, Answer(method, text))) == "method_unknown"
    assert not Session.objects.exists()
    assert Challenge.objects.count() == 1


def test_whoever_wears_the_keys_limit_out_does_so_for_their_own_address() -> None:  # LT-13
    device = Authenticator()
    has_key("alice", device)
    guesser = visitor("198.51.100.66")
    ticket = ticket_of(by=guesser)
    codes = [refusal_of(tried(ticket, Answer(KEY, "{}"), by=guesser)) for _ in range(61)]
    assert codes == ["webauthn_malformed"] * 60 + ["too_many_attempts"]
    assert isinstance(by_key(device), Opened)


@pytest.mark.django_db(transaction=True)
def test_one_answer_posted_thirty_two_times_opens_one_session() -> None:  # WA-31
    device = Authenticator()
    has_key("alice", device)
    ticket = ticket_of()
    answer = signed(ticket, device)
    results = at_once([partial(steps.answer, ticket, answer, remember=False, by=visitor())] * 32)
    assert sum(isinstance(result, Opened) for result in results) == 1
    codes = {result.code for result in results if isinstance(result, Refused)}
    assert codes <= {"webauthn_challenge_unknown", "ticket_invalid"}
    assert Session.objects.count() == 1
    assert SecurityKey.objects.get().sign_count == 2
    assert (
        Entry.objects.filter(tag="session.sign_in", outcome="done", facts__contains="password+key").count()
        == 1
    )
