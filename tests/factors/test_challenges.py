"""Challenges of security keys: one ceremony, one holder, five minutes, one use."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations

import pytest

from strongroom.factors import challenges
from strongroom.factors.challenges import Ceremony
from strongroom.factors.models import Challenge
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from tests.support.people import at_once, refusal_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def use(challenge: bytes, ceremony: Ceremony = Ceremony.SIGN_IN, *, holder: str = "ticket:a") -> None:
    challenges.use(ceremony, challenge, holder=holder)


def test_a_challenge_is_random_and_only_its_digest_is_stored() -> None:  # WR-01, WA-01
    made = [challenges.make(Ceremony.SIGN_IN, holder="ticket:a") for _ in range(50)]
    assert len(set(made)) == 50
    assert {len(challenge) for challenge in made} == {32}
    stored = str(list(Challenge.objects.values()))
    assert not any(challenge.hex() in stored or str(challenge) in stored for challenge in made)


def test_a_challenge_is_good_once() -> None:  # WR-32, WA-11
    challenge = challenges.make(Ceremony.SIGN_IN, holder="ticket:a")
    use(challenge)
    assert not Challenge.objects.exists()
    assert refusal_of(lambda: use(challenge)) == "webauthn_challenge_unknown"


@pytest.mark.parametrize(("made_for", "used_for"), list(permutations(Ceremony, 2)))
def test_a_challenge_of_one_ceremony_is_none_of_another(
    made_for: Ceremony, used_for: Ceremony
) -> None:  # WA-35, WR-34, SU-05
    challenge = challenges.make(made_for, holder="session:1")
    refused = refusal_of(lambda: use(challenge, used_for, holder="session:1"))
    assert refused == "webauthn_challenge_unknown"
    assert Challenge.objects.count() == 1
    use(challenge, made_for, holder="session:1")


@pytest.mark.parametrize("ceremony", Ceremony)
def test_a_challenge_of_one_holder_is_none_of_another(ceremony: Ceremony) -> None:  # WR-33, WA-36
    challenge = challenges.make(ceremony, holder="session:1")
    for other in ("session:2", "session:11", "SESSION:1", "ticket:1", ""):
        assert refusal_of(lambda: use(challenge, ceremony, holder=other)) == "webauthn_challenge_unknown"  # noqa: B023
    use(challenge, ceremony, holder="session:1")


@pytest.mark.parametrize("challenge", [b"", b"\0" * 32, b"x" * 1000])
def test_a_challenge_that_nobody_made_is_unknown(challenge: bytes) -> None:  # WA-11
    challenges.make(Ceremony.SIGN_IN, holder="ticket:a")
    assert refusal_of(lambda: use(challenge)) == "webauthn_challenge_unknown"
    assert Challenge.objects.count() == 1


def test_a_challenge_lives_five_minutes_and_not_a_second_longer() -> None:  # WR-35, WA-11
    with clock.frozen(NOON):
        in_time, late = (challenges.make(Ceremony.SIGN_IN, holder="ticket:a") for _ in range(2))
    with clock.frozen(NOON + timedelta(minutes=4, seconds=59)):
        use(in_time)
    with clock.frozen(NOON + timedelta(minutes=5)):
        assert refusal_of(lambda: use(late)) == "webauthn_challenge_expired"
        assert refusal_of(lambda: use(late)) == "webauthn_challenge_unknown"
    assert not Challenge.objects.exists()


def test_dropping_takes_the_questions_of_one_holder_and_ceremony_and_nothing_else() -> None:  # WR-32
    for holder in ("ticket:a", "ticket:b"):
        for ceremony in (Ceremony.SIGN_IN, Ceremony.SIGN_IN, Ceremony.RESET):
            challenges.make(ceremony, holder=holder)
    challenges.drop(Ceremony.SIGN_IN, holder="ticket:a")
    left = Challenge.objects.order_by("holder", "ceremony").values_list("holder", "ceremony")
    assert list(left) == [
        ("ticket:a", "reset"),
        ("ticket:b", "reset"),
        ("ticket:b", "sign_in"),
        ("ticket:b", "sign_in"),
    ]


def test_sweeping_takes_what_has_expired_and_nothing_else() -> None:
    with clock.frozen(NOON):
        challenges.make(Ceremony.SIGN_IN, holder="ticket:a")
    with clock.frozen(NOON + timedelta(minutes=5, seconds=1)):
        young = challenges.make(Ceremony.SIGN_IN, holder="ticket:a")
        assert challenges.sweep() == 1
        use(young)


@pytest.mark.django_db(transaction=True)
def test_of_thirty_two_uses_at_once_one_succeeds() -> None:  # WA-31, WR-32
    challenge = challenges.make(Ceremony.SIGN_IN, holder="ticket:a")
    answers = at_once([partial(use, challenge)] * 32)
    refused = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert refused == ["webauthn_challenge_unknown"] * 31
