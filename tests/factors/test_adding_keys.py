"""Adding a security key: W3C WebAuthn §7.1 from the options to the row."""

import base64
import json
import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.audit.models import Entry
from strongroom.factors import keys, methods
from strongroom.factors.models import Challenge, SecurityKey
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Feature
from strongroom.signin import factors, session, stepup
from strongroom.signin.session import Opened
from tests.signin.entering import author, done_by, entry, whose
from tests.support.authenticator import Answer, Authenticator, Bend
from tests.support.configuration import configured
from tests.support.people import (
    again,
    at_once,
    mails,
    person,
    refusal_of,
    signed_in,
    with_codes,
    with_key,
    with_phone,
)
from tests.support.plain_cbor import encode

pytestmark = pytest.mark.django_db

AAGUID = uuid.UUID("ee882879-721c-4913-9775-3dfcce97072a")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def add(opened: Opened, credential: str, *, name: str = "key") -> Opened:
    return factors.add_key(opened.session, name=name, credential=credential, by=author(opened))


def nothing_was_added(opened: Opened, mailoutbox: list[Any]) -> bool:
    """No row, no entry, no mail, no challenge to try again with; and the session goes on."""
    return not (
        SecurityKey.objects.exists()
        or Challenge.objects.exists()
        or Entry.objects.filter(tag="factor.key_added", outcome="done").exists()
        or mails(mailoutbox)
        or session.find(opened.secret) is None
    )


def test_adding_a_key_stores_what_it_said_records_it_mails_and_ends_other_sessions(
    mailoutbox: list[Any],
) -> None:  # WR-27, WR-18
    alice = person()
    other, before = signed_in(alice), signed_in(alice)
    device = Authenticator(backup_eligible=True, backed_up=True, aaguid=AAGUID.bytes)
    opened = with_key(before, device, name="  my key ")

    row = SecurityKey.objects.get()
    credential = device.credentials[0]
    assert (row.user_id, row.name) == (alice.pk, "my key")
    assert (bytes(row.credential_id), bytes(row.public_key)) == (credential.id, encode(credential.key.cose()))
    assert (row.algorithm, row.sign_count, row.aaguid, row.verified_user) == (-7, 1, AAGUID, True)
    assert (row.backup_eligible, row.backed_up, row.last_used, row.flagged) == (True, True, None, None)
    assert (row.transports, row.attachment) == (["internal", "usb"], "platform")

    event = entry("factor.key_added")
    assert (event.subject_id, event.details) == (alice.pk, {"name": "my key"})
    assert whose(event) == done_by(before)
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert "my key" in mailoutbox[0].body
    assert session.find(opened.secret) is not None
    assert [session.find(gone.secret) for gone in (other, before)] == [None, None]
    assert (opened.session.proof, opened.session.proof_since) == ("key", row.created)
    assert not Challenge.objects.exists()


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_keys_of_every_offered_algorithm_can_be_added(algorithm: int) -> None:  # WR-20
    with_key(signed_in(person()), Authenticator(algorithm=algorithm))
    assert SecurityKey.objects.get().algorithm == algorithm


def test_a_key_of_the_u2f_era_can_be_added_without_its_user_verified() -> None:  # WA-41
    with_key(signed_in(person()), Authenticator(u2f=True))
    row = SecurityKey.objects.get()
    assert (row.verified_user, row.transports, row.aaguid) == (False, ["usb"], uuid.UUID(int=0))


def test_every_question_has_a_fresh_challenge_and_says_nothing_of_the_person_but_the_username() -> (
    None
):  # WR-01, WR-02
    alice = person()
    opened = signed_in(alice)
    first, second = (factors.begin_key(opened.session) for _ in range(2))
    assert len({first["challenge"], second["challenge"]}) == 2
    assert len(decoded(first["challenge"])) >= 16
    assert decoded(first["user"].pop("id")) == alice.public_id.bytes
    assert first["user"] == {"name": "alice", "displayName": "alice"}
    assert "alice@example.org" not in json.dumps(first)
    assert {offered["alg"] for offered in first["pubKeyCredParams"]} == {-7, -8, -257}


def test_the_keys_that_one_has_are_excluded_and_those_of_others_are_not_told() -> None:  # WR-01
    mine, theirs = [Authenticator(), Authenticator()], Authenticator()
    with_key(signed_in(person("bob")), theirs)
    opened = signed_in(person())
    for number, device in enumerate(mine):
        opened = with_key(opened, device, name=f"key {number}")
    options = factors.begin_key(opened.session)
    excluded = [decoded(known["id"]) for known in options["excludeCredentials"]]
    assert excluded == [device.credentials[0].id for device in mine]
    with pytest.raises(LookupError):
        mine[0].register(options)


def test_the_site_is_the_configured_one() -> None:  # WR-36
    opened = signed_in(person())
    assert factors.begin_key(opened.session)["rp"]["id"] == "localhost"
    with configured("site", base_url="https://packages.example.org"):
        assert factors.begin_key(opened.session)["rp"]["id"] == "packages.example.org"


@pytest.mark.parametrize(
    "origin",
    [
        "https://localhost:8000",
        "http://localhost:8443",
        "http://files.localhost:8000",
        "https://evil.example",
    ],
)
def test_a_page_elsewhere_adds_nothing(origin: str, mailoutbox: list[Any]) -> None:  # WR-36, WR-43, WR-29
    opened = signed_in(person())
    answer = Authenticator().register(factors.begin_key(opened.session), origin=origin)
    assert refusal_of(lambda: add(opened, answer)) == "webauthn_origin"
    assert nothing_was_added(opened, mailoutbox)


def absent(answer: Answer) -> None:
    answer.flags &= ~0x01


def other_site(answer: Answer) -> None:
    answer.rp_id_hash = bytes(32)


def unsigned_backup(answer: Answer) -> None:
    answer.flags |= 0x10


def other_id(answer: Answer) -> None:
    answer.credential_id = bytes(32)


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (absent, "webauthn_user_absent"),
        (other_site, "webauthn_rp_id"),
        (unsigned_backup, "webauthn_backup_flags"),
        (other_id, "webauthn_id_mismatch"),
    ],
)
def test_an_answer_that_fails_uses_its_challenge_up_and_adds_nothing(
    bend: Bend, code: str, mailoutbox: list[Any]
) -> None:  # WR-29, WR-32
    opened, device = signed_in(person()), Authenticator()
    options = factors.begin_key(opened.session)
    assert refusal_of(lambda: add(opened, device.register(options, bend=bend))) == code
    assert nothing_was_added(opened, mailoutbox)
    again_with_it = Authenticator().register(options)
    assert refusal_of(lambda: add(opened, again_with_it)) == "webauthn_challenge_unknown"
    assert nothing_was_added(opened, mailoutbox)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"key"', "x" * 200_000])
def test_what_is_no_answer_at_all_uses_the_question_up_and_adds_nothing(text: str) -> None:  # WR-03, WR-32
    opened = signed_in(person())
    options = factors.begin_key(opened.session)
    assert refusal_of(lambda: add(opened, text)).startswith("webauthn_")
    assert not Challenge.objects.exists()
    late = Authenticator().register(options)
    assert refusal_of(lambda: add(opened, late)) == "webauthn_challenge_unknown"
    assert not SecurityKey.objects.exists()


def test_an_answer_is_good_once() -> None:  # WR-32
    opened, device = signed_in(person()), Authenticator()
    answer = device.register(factors.begin_key(opened.session))
    opened = add(opened, answer)
    assert refusal_of(lambda: add(opened, answer, name="again")) == "webauthn_challenge_unknown"
    assert SecurityKey.objects.count() == 1


def test_a_question_to_alice_is_not_for_bob_to_answer() -> None:  # WR-33
    alice, bob = signed_in(person("alice")), signed_in(person("bob"))
    answer = Authenticator().register(factors.begin_key(alice.session))
    assert refusal_of(lambda: add(bob, answer)) == "webauthn_challenge_unknown"
    assert not SecurityKey.objects.exists()


def test_a_question_in_one_session_is_not_for_another_of_the_same_person() -> None:  # WR-33
    alice = person()
    here, there = signed_in(alice), signed_in(alice)
    answer = Authenticator().register(factors.begin_key(here.session))
    assert refusal_of(lambda: add(there, answer)) == "webauthn_challenge_unknown"
    assert not SecurityKey.objects.exists()


def test_a_signature_is_no_new_key_and_a_question_of_step_up_makes_none() -> None:  # WR-03, WR-34, WA-35
    device = Authenticator()
    opened = with_key(signed_in(person()), device)
    used = device.sign_in(factors.begin_key(opened.session) | {"rpId": "localhost"})
    assert refusal_of(lambda: add(opened, used, name="other")) == "webauthn_not_a_registration"
    asked_for_a_signature = stepup.begin_key(opened.session)
    options = factors.begin_key(opened.session) | {"challenge": asked_for_a_signature["challenge"]}
    made = Authenticator().register(options)
    assert refusal_of(lambda: add(opened, made, name="other")) == "webauthn_challenge_unknown"
    assert SecurityKey.objects.count() == 1


def test_five_minutes_later_nothing_is_added() -> None:  # WR-35
    opened = signed_in(person())
    answer = Authenticator().register(factors.begin_key(opened.session))
    with clock.shifted(timedelta(minutes=5, seconds=1)):
        assert refusal_of(lambda: add(opened, answer)) == "webauthn_challenge_expired"
    assert not SecurityKey.objects.exists()


def claiming(credential_id: bytes) -> Bend:
    """A credential made by somebody who chose its id."""

    def bend(answer: Answer) -> None:
        text = base64.urlsafe_b64encode(credential_id).rstrip(b"=").decode()
        answer.credential_id = credential_id
        answer.members = {"id": text, "rawId": text}

    return bend


def test_a_credential_id_of_somebody_else_is_refused_and_theirs_stays(
    mailoutbox: list[Any],
) -> None:  # WR-26, WR-30
    device = Authenticator()
    with_key(signed_in(person("alice")), device)
    mallory = signed_in(person("mallory"))
    before = SecurityKey.objects.values().get()
    mails(mailoutbox).clear()
    bend = claiming(device.credentials[0].id)
    answer = Authenticator().register(factors.begin_key(mallory.session), bend=bend)
    assert refusal_of(lambda: add(mallory, answer)) == "webauthn_key_registered"
    assert SecurityKey.objects.values().get() == before
    assert session.find(mallory.secret) is not None
    assert mails(mailoutbox) == []
    assert [
        (entry.outcome, entry.reason)
        for entry in Entry.objects.filter(tag="factor.key_added").order_by("serial")
    ] == [("done", ""), ("refused", "webauthn_key_registered")]


def test_an_account_has_twenty_keys_at_most() -> None:  # WR-40
    opened = signed_in(person())
    for number in range(keys.MAX_KEYS - 1):
        SecurityKey.objects.create(
            user=opened.session.user,
            name=f"key {number}",
            credential_id=bytes([number]),
            public_key=b"",
            algorithm=-7,
            sign_count=0,
            aaguid=uuid.UUID(int=0),
            backup_eligible=False,
            backed_up=False,
            verified_user=True,
            created=clock.now(),
        )
    opened.session.proof = "key"
    opened.session.save()
    early = Authenticator().register(factors.begin_key(opened.session))
    opened = with_key(opened, Authenticator(), name="the twentieth")
    assert refusal_of(lambda: factors.begin_key(opened.session)) == "factor_too_many"
    assert refusal_of(lambda: add(opened, early)) == "factor_too_many"
    assert SecurityKey.objects.count() == 20


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "x" * 100_000, "a\nb", "a\0b", "\u202eb"])
def test_a_name_must_be_short_and_printable(name: str, mailoutbox: list[Any]) -> None:  # WR-41
    opened = signed_in(person())
    answer = Authenticator().register(factors.begin_key(opened.session))
    assert refusal_of(lambda: add(opened, answer, name=name)) == "factor_name_invalid"
    assert nothing_was_added(opened, mailoutbox)


def test_a_name_is_given_once_in_an_account() -> None:  # WR-41
    opened = with_key(signed_in(person()), Authenticator())
    assert refusal_of(lambda: with_key(opened, Authenticator())) == "factor_name_taken"
    assert SecurityKey.objects.count() == 1
    with_key(signed_in(person("bob")), Authenticator())
    assert SecurityKey.objects.filter(name="key").count() == 2


def test_it_takes_a_fresh_proof_of_the_strongest_factor_to_begin_and_to_finish() -> None:  # WR-42, SU-01
    with clock.shifted(timedelta(minutes=-9)):
        opened = signed_in(person())
    answer = Authenticator().register(factors.begin_key(opened.session))
    with clock.shifted(timedelta(minutes=2)):
        assert refusal_of(lambda: factors.begin_key(opened.session)) == "proof_needed"
        assert refusal_of(lambda: add(opened, answer)) == "proof_needed"
    assert not SecurityKey.objects.exists()
    phone_session, _phone = with_phone(opened)
    row = again(phone_session)
    row.proof = "password"
    assert refusal_of(lambda: factors.begin_key(row)) == "proof_needed"


def test_it_takes_a_verified_address() -> None:  # WR-42
    opened = signed_in(person(verified=False))
    assert refusal_of(lambda: factors.begin_key(opened.session)) == "email_unverified"
    assert refusal_of(lambda: add(opened, "{}")) == "email_unverified"
    assert not Challenge.objects.exists()


def test_two_factor_is_on_once_recovery_codes_are_typed_back() -> None:  # WR-44
    alice = person()
    assert not methods.of(alice.pk).any
    opened = with_key(signed_in(alice), Authenticator())
    after_key = methods.of(alice.pk)
    assert (after_key.any, after_key.is_on, after_key.keys) == (True, False, 1)
    codes = factors.make_codes(opened.session, by=author(opened))
    assert (methods.of(alice.pk).is_on, methods.of(alice.pk).codes_left) == (False, 8)
    factors.acknowledge_codes(opened.session, codes[5], by=author(opened))
    assert (methods.of(alice.pk).is_on, methods.of(alice.pk).codes_left) == (True, 8)


def test_where_keys_are_switched_off_none_is_added() -> None:
    opened = signed_in(person())
    answer = Authenticator().register(factors.begin_key(opened.session))
    with configured("features", webauthn=Feature.OFF):
        assert refusal_of(lambda: factors.begin_key(opened.session)) == "webauthn_off"
        assert refusal_of(lambda: add(opened, answer)) == "webauthn_off"
    assert not SecurityKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_register_one_credential_id_at_once_one_does() -> None:  # WR-31
    sessions = [signed_in(person(name)) for name in ("alice", "mallory")]
    bend = claiming(b"one and the same credential id")
    answers = [Authenticator().register(factors.begin_key(here.session), bend=bend) for here in sessions]
    results = at_once([partial(add, *pair) for pair in zip(sessions, answers, strict=True)])
    assert [result.code for result in results if isinstance(result, Refused)] == ["webauthn_key_registered"]
    assert SecurityKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_sessions_that_add_a_key_at_once_one_survives_and_adds_it() -> None:  # SS-02
    alice = person()
    sessions = [signed_in(alice), signed_in(alice)]
    answers = [Authenticator().register(factors.begin_key(here.session)) for here in sessions]
    calls = [
        partial(add, here, answer, name=f"key {number}")
        for number, (here, answer) in enumerate(zip(sessions, answers, strict=True))
    ]
    results = at_once(calls)
    assert [result.code for result in results if isinstance(result, Refused)] == ["session_ended"]
    assert SecurityKey.objects.count() == 1
    assert len(session.of(alice)) == 1
    assert with_codes(next(result for result in results if isinstance(result, Opened)))
