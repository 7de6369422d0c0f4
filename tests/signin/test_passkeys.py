"""Signing in with a passkey alone: no username, no password, its user verified."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.accounts import epoch, standing
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY
from strongroom.factors.models import Challenge, SecurityKey
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Feature, Switch
from strongroom.signin import session, steps, stepup
from strongroom.signin.models import Session, Ticket
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from strongroom.signin.steps import Begun
from tests.signin.entering import (
    answered,
    by_key,
    done_by,
    entry,
    has_key,
    refused_to_a_stranger,
    signed,
    ticket_of,
    whose,
)
from tests.support import authenticator
from tests.support.authenticator import UP, Authenticator, Bend
from tests.support.configuration import configured
from tests.support.people import at_once, mails, refusal_of, visitor

pytestmark = pytest.mark.django_db


def begun() -> Begun:
    return steps.begin_passkey(by=visitor())


def enter(asked: Begun, text: str) -> Opened:
    return steps.answer_passkey(asked.secret, text, by=visitor())


def refused(asked: Begun, text: str) -> str:
    """The reason code, after a look that the refusal has changed no key and opened nothing."""
    before = list(SecurityKey.objects.values())
    code = refusal_of(lambda: enter(asked, text))
    assert list(SecurityKey.objects.values()) == before
    assert not Session.objects.exists()
    assert not Ticket.objects.exists()
    last = Entry.objects.latest("serial")
    assert (last.tag, last.subject_id, last.details) == ("session.sign_in", None, {"method": "passkey"})
    assert whose(last) == refused_to_a_stranger(code)
    return code


def bent(flags: int) -> Bend:
    def bend(answer: authenticator.Answer) -> None:
        answer.flags &= ~flags

    return bend


def handle_of(text: str, handle: str | None) -> str:
    whole = json.loads(text)
    whole["response"]["userHandle"] = handle
    return json.dumps(whole)


def test_a_passkey_opens_a_session_by_itself(mailoutbox: list[Any]) -> None:  # WA-06, WA-24, WA-25
    device = Authenticator()
    alice = has_key("alice", device)
    asked = begun()
    opened = enter(asked, device.sign_in(asked.options))
    found, row = session.find(opened.secret), SecurityKey.objects.get()
    assert found is not None
    assert (found.user, found.method, found.proof, found.proof_since) == (
        alice,
        "passkey",
        "key",
        row.created,
    )
    assert stepup.is_fresh(found)
    assert (row.sign_count, row.last_used is None) == (2, False)
    event = Entry.objects.filter(tag="session.sign_in").latest("serial")
    assert (event.subject_id, event.details, whose(event)) == (
        alice.pk,
        {"method": "passkey"},
        done_by(opened),
    )
    assert not Challenge.objects.exists()
    assert opened.browser is not None
    assert "new browser" in mails(mailoutbox)[-1].subject


def test_the_question_names_nobody_and_asks_for_the_user_to_be_verified() -> None:  # WA-39, WA-01
    before = begun().options
    has_key("alice", Authenticator())
    after = begun().options
    assert before.pop("challenge") != after.pop("challenge")
    assert before == after
    assert (after["allowCredentials"], after["userVerification"]) == ([], "required")


def test_a_passkey_that_has_not_verified_its_user_is_refused_alone_but_helps_a_password() -> (
    None
):  # WA-17, WA-30
    device = Authenticator(user_verification=False)
    has_key("alice", device)
    asked = begun()
    assert refused(asked, device.sign_in(asked.options)) == "webauthn_user_not_verified"
    ticket = ticket_of()
    assert isinstance(answered(ticket, signed(ticket, device)), Opened)


def test_a_passkey_must_have_been_touched() -> None:  # WA-16
    device = Authenticator()
    has_key("alice", device)
    asked = begun()
    assert refused(asked, device.sign_in(asked.options, bend=bent(UP))) == "webauthn_user_absent"


def test_the_handle_of_alice_with_the_passkey_of_bob_is_refused() -> None:  # WA-06, WA-29
    alices, bobs = Authenticator(), Authenticator()
    has_key("alice", alices)
    has_key("bob", bobs)
    asked = begun()
    hers = json.loads(alices.sign_in(asked.options))["response"]["userHandle"]
    assert refused(asked, handle_of(bobs.sign_in(asked.options), hers)) == "webauthn_user_handle_wrong"


@pytest.mark.parametrize("handle", [None, ""])
def test_without_a_handle_nobody_is_signed_in(handle: str | None) -> None:  # WA-06
    device = Authenticator()
    has_key("alice", device)
    asked = begun()
    text = handle_of(device.sign_in(asked.options), handle)
    assert refused(asked, text) == "webauthn_user_handle_missing"
    assert not Challenge.objects.exists()


def test_a_passkey_that_nobody_has_is_unknown() -> None:  # WA-28
    stranger = Authenticator()
    has_key("alice", stranger)
    SecurityKey.objects.all().delete()
    asked = begun()
    assert refused(asked, stranger.sign_in(asked.options)) == "webauthn_key_unknown"


def test_the_passkey_of_mallory_does_not_sign_for_alice() -> None:  # WA-27
    alices, mallorys = Authenticator(), Authenticator()
    has_key("alice", alices)
    has_key("mallory", mallorys)
    asked = begun()
    wanted, had = (json.loads(device.sign_in(asked.options)) for device in (alices, mallorys))
    for member in ("signature", "authenticatorData", "clientDataJSON"):
        wanted["response"][member] = had["response"][member]
    assert refused(asked, json.dumps(wanted)) == "webauthn_signature"


def test_a_question_is_for_the_browser_that_asked_it() -> None:  # WA-36
    device = Authenticator()
    has_key("alice", device)
    asked, other = begun(), begun()
    text = device.sign_in(asked.options)
    assert refused(other, text) == "webauthn_challenge_unknown"
    for secret in ("", "made up"):
        code = refusal_of(partial(steps.answer_passkey, secret, text, by=visitor()))
        assert code == "webauthn_challenge_unknown"
    assert isinstance(enter(asked, text), Opened)


def test_an_answer_is_good_once_and_for_five_minutes() -> None:  # WA-11, WA-36
    device = Authenticator()
    has_key("alice", device)
    asked, late = begun(), begun()
    text = device.sign_in(asked.options)
    enter(asked, text)
    Session.objects.all().delete()
    assert refused(asked, text) == "webauthn_challenge_unknown"
    with clock.shifted(timedelta(minutes=5, seconds=1)):
        assert refused(late, device.sign_in(late.options)) == "webauthn_challenge_expired"


def test_what_answers_a_second_step_or_a_step_up_is_no_sign_in_alone() -> None:  # WA-35
    device = Authenticator()
    has_key("alice", device)
    asked, ticket = begun(), ticket_of()
    second_step = device.sign_in(steps.begin_key(ticket), user_handle=True)
    opened = by_key(device)
    step_up = device.sign_in(stepup.begin_key(opened.session), user_handle=True)
    Session.objects.all().delete()
    Ticket.objects.all().delete()
    assert refused(asked, second_step) == "webauthn_challenge_unknown"
    assert refused(asked, step_up) == "webauthn_challenge_unknown"


def test_what_signs_in_alone_does_not_prove_a_session() -> None:  # WA-35
    device = Authenticator()
    has_key("alice", device)
    opened, asked = by_key(device), begun()
    answer = Answer(KEY, device.sign_in(asked.options))
    prove = partial(stepup.prove, opened.session, answer, by=visitor())
    assert refusal_of(prove) == "webauthn_challenge_unknown"
    assert session.find(opened.secret) is not None


def test_a_disabled_account_is_refused_and_not_told_why() -> None:  # WA-38, LT-19
    device = Authenticator()
    alice = has_key("alice", device)
    standing.disable(alice, by=Actor.console())
    asked = begun()
    with pytest.raises(Refused) as caught:
        enter(asked, device.sign_in(asked.options))
    assert caught.value.code == "passkey_refused"
    assert "disabled" not in caught.value.message
    assert not Session.objects.exists()


def test_a_copied_passkey_is_refused_flagged_and_told_of(mailoutbox: list[Any]) -> None:  # WA-33
    device = Authenticator()
    alice = has_key("alice", device)
    copy = device.clone()
    asked = begun()
    enter(asked, device.sign_in(asked.options))
    Session.objects.all().delete()
    mails(mailoutbox).clear()
    asked = begun()
    assert refusal_of(lambda: enter(asked, copy.sign_in(asked.options))) == "webauthn_key_copied"
    row = SecurityKey.objects.get()
    assert (row.sign_count, row.flagged is None) == (2, False)
    assert (entry("factor.key_copied").subject_id, len(mails(mailoutbox))) == (alice.pk, 1)
    assert not Session.objects.exists()


def test_a_removed_passkey_is_unknown_at_once() -> None:  # WA-37
    device = Authenticator()
    alice = has_key("alice", device)
    asked = begun()
    text = device.sign_in(asked.options)
    SecurityKey.objects.all().delete()
    epoch.bump(alice.pk)
    assert refused(asked, text) == "webauthn_key_unknown"


def test_a_passkey_never_waits_for_a_mail() -> None:  # LT-26
    device = Authenticator()
    has_key("alice", device)
    with configured("sign_in", confirm_new_browsers=Switch.ON):
        asked = begun()
        assert isinstance(enter(asked, device.sign_in(asked.options)), Opened)


def test_where_keys_are_switched_off_passkeys_are() -> None:
    device = Authenticator()
    has_key("alice", device)
    asked = begun()
    text = device.sign_in(asked.options)
    with configured("features", webauthn=Feature.OFF):
        assert refused(asked, text) == "webauthn_off"
        assert refusal_of(begun) == "webauthn_off"
    assert Challenge.objects.count() == 1


def test_one_address_asks_three_hundred_times_in_five_minutes() -> None:  # RL-09
    answers = [begun() for _ in range(300)]
    assert len({asked.secret for asked in answers}) == 300
    with pytest.raises(Refused) as caught:
        begun()
    assert (caught.value.code, 0 < (caught.value.retry_after or 0) <= 300) == ("too_many_attempts", True)
    assert Challenge.objects.count() == 300
    assert steps.begin_passkey(by=visitor("198.51.100.9")).secret


@pytest.mark.django_db(transaction=True)
def test_one_passkey_answer_posted_thirty_two_times_opens_one_session() -> None:  # WA-31
    device = Authenticator()
    has_key("alice", device)
    asked = begun()
    results = at_once([partial(enter, asked, device.sign_in(asked.options))] * 32)
    assert sum(isinstance(result, Opened) for result in results) == 1
    refusals = [result.code for result in results if isinstance(result, Refused)]
    assert refusals == ["webauthn_challenge_unknown"] * 31
    assert Session.objects.count() == 1
