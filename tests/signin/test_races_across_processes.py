"""Sixty-four threads in four processes answer with the same thing at once: one is let in, and nothing breaks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY, RECOVERY, TOTP
from strongroom.factors.models import Challenge, RecoveryCode, SecurityKey, Totp
from strongroom.kernel.secrets import Secret
from strongroom.signin import steps, tickets
from strongroom.signin.models import Session, Ticket
from strongroom.throttle.models import Bucket
from tests.support.authenticator import Authenticator
from tests.support.people import Phone, person, signed_in, visitor, with_codes, with_key, with_phone
from tests.support.racing import PROCESSES, THREADS, Call, Runners, runners

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = 5
ALL = PROCESSES * THREADS
SPENT = {"totp_reused", "ticket_invalid", "too_many_attempts"}


@dataclass(frozen=True, slots=True)
class Owner:
    """Alice, and everything with which she can answer."""

    user: User
    phone: Phone
    device: Authenticator
    codes: list[Secret]

    def tickets(self, count: int) -> list[Secret]:
        return [tickets.make(self.user) for _ in range(count)]


@pytest.fixture
def alice() -> Owner:
    user, device = person(), Authenticator()
    opened, phone = with_phone(signed_in(user))
    opened = with_key(opened, device)
    codes = with_codes(opened)
    Session.objects.all().delete()
    return Owner(User.objects.get(pk=user.pk), phone, device, codes)


@pytest.fixture(scope="module")
def track(django_db_setup: None) -> Iterator[Runners]:
    with runners() as ready:
        yield ready


def begin_again() -> None:
    """What a later round must not find from an earlier one."""
    Bucket.objects.all().delete()
    Session.objects.all().delete()
    Totp.objects.update(last_step=0)


def recorded(tag: str) -> int:
    return Entry.objects.filter(tag=tag, outcome="done").count()


def race_for_one(track: Runners, calls: Sequence[Call]) -> Counter[str]:
    """Race; one is let in, with one session and one line in the trail. What the others heard."""
    before = recorded("session.sign_in")
    heard = Counter(track.race(calls))
    assert heard.pop("done", 0) == 1, heard
    assert heard.total() == len(calls) - 1
    assert Session.objects.count() == 1
    assert recorded("session.sign_in") == before + 1
    return heard


def answers(to: Sequence[str], method: str, text: str) -> list[Call]:
    return [{"verb": "answer", "ticket": ticket, "method": method, "text": text} for ticket in to]


def test_an_app_code_lets_one_in_whoever_has_a_right_password(track: Runners, alice: Owner) -> None:
    # LT-04: each with a ticket of their own, so that the code alone decides
    for _ in range(ROUNDS):
        begin_again()
        heard = race_for_one(track, answers(alice.tickets(ALL), TOTP, alice.phone.code()))
        assert set(heard) <= SPENT, heard


def test_an_app_code_lets_one_in_with_one_ticket(track: Runners, alice: Owner) -> None:
    # LT-04, LT-17
    for _ in range(ROUNDS):
        begin_again()
        heard = race_for_one(track, answers(alice.tickets(1) * ALL, TOTP, alice.phone.code()))
        assert set(heard) <= SPENT, heard


def test_an_app_code_is_accepted_once_whatever_limits_there_are(track: Runners, alice: Owner) -> None:
    # LT-04: what counts attempts lets ten through at once; here it is not asked
    calls = [{"verb": "use_totp", "user_id": alice.user.pk, "code": alice.phone.code()}] * ALL
    for _ in range(ROUNDS):
        begin_again()
        assert Counter(track.race(calls)) == {"done": 1, "totp_reused": ALL - 1}


def test_a_recovery_code_lets_one_in_whoever_has_a_right_password(track: Runners, alice: Owner) -> None:
    # RC-02
    for used, code in enumerate(alice.codes[:ROUNDS], start=1):
        begin_again()
        heard = race_for_one(track, answers(alice.tickets(ALL), RECOVERY, code))
        assert set(heard) <= {"recovery_used", "too_many_attempts"}, heard
        assert RecoveryCode.objects.filter(used=None).count() == len(alice.codes) - used
        assert recorded("factor.code_used") == used


def test_a_recovery_code_is_used_once_whatever_limits_there_are(track: Runners, alice: Owner) -> None:
    # RC-02
    for code in alice.codes[:ROUNDS]:
        calls = [{"verb": "use_recovery", "user_id": alice.user.pk, "code": code}] * ALL
        assert Counter(track.race(calls)) == {"done": 1, "recovery_used": ALL - 1}


def test_all_recovery_codes_at_once_are_used_once_each(track: Runners, alice: Owner) -> None:
    # RC-03
    calls = [
        {"verb": "use_recovery", "user_id": alice.user.pk, "code": alice.codes[number % len(alice.codes)]}
        for number in range(ALL)
    ]
    count = len(alice.codes)
    assert Counter(track.race(calls)) == {"done": count, "recovery_used": ALL - count}
    assert RecoveryCode.objects.filter(used=None).count() == 0


def test_an_assertion_of_a_key_lets_one_in(track: Runners, alice: Owner) -> None:
    # WA-31
    for _ in range(ROUNDS):
        begin_again()
        ticket = alice.tickets(1)[0]
        signed = alice.device.sign_in(steps.begin_key(ticket))
        heard = race_for_one(track, answers([ticket] * ALL, KEY, signed))
        assert set(heard) <= {"webauthn_challenge_unknown", "ticket_invalid", "too_many_attempts"}, heard
        assert SecurityKey.objects.get().sign_count == alice.device.sign_count


def test_an_assertion_of_a_passkey_lets_one_in(track: Runners, alice: Owner) -> None:
    # WA-31
    for _ in range(ROUNDS):
        begin_again()
        begun = steps.begin_passkey(by=visitor())
        signed = alice.device.sign_in(begun.options)
        calls = [{"verb": "passkey", "secret": begun.secret, "text": signed}] * ALL
        assert race_for_one(track, calls) == {"webauthn_challenge_unknown": ALL - 1}
        assert not Challenge.objects.exists()


def test_a_sign_count_never_goes_back_in_whatever_order_answers_come(track: Runners, alice: Owner) -> None:
    # WA-32: sixty passkey answers with rising counts; who comes late is refused as a copy
    for _ in range(ROUNDS):
        begin_again()
        calls: list[Call] = []
        counts: list[int] = []
        before = alice.device.sign_count
        for _number in range(ALL):
            Bucket.objects.all().delete()
            begun = steps.begin_passkey(by=visitor())
            signed = alice.device.sign_in(begun.options)
            calls.append({"verb": "passkey", "secret": begun.secret, "text": signed})
            counts.append(alice.device.sign_count)
        heard = track.race(calls)
        accepted = [count for count, outcome in zip(counts, heard, strict=True) if outcome == "done"]
        assert set(heard) <= {"done", "webauthn_key_copied"}
        assert accepted
        assert SecurityKey.objects.get().sign_count == max(accepted) > before
        assert Session.objects.count() == len(accepted)


def test_of_wrong_codes_at_once_ten_are_looked_at(track: Runners, alice: Owner) -> None:
    # RL-01: an attempt is spent before it is evaluated
    begin_again()
    wrong = next(
        code
        for code in ("000000", "111111")
        if code not in {alice.phone.code(steps=s) for s in range(-11, 12)}
    )
    heard = Counter()
    for _ in range(3):
        heard += Counter(track.race(answers(alice.tickets(ALL), TOTP, wrong)))
    assert heard == {"totp_wrong": 10, "too_many_attempts": 3 * ALL - 10}
    assert not Session.objects.exists()
    assert Ticket.objects.filter(used=None).count() == Ticket.objects.count()
