"""Codes of authenticator apps: which are right, and that none is good twice."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st

from strongroom.factors import codes, totp, totp_enrollment
from strongroom.factors.models import Totp, TotpEnrollment
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.signin import factors
from tests.support.people import Phone, at_once, person, refusal_of, signed_in, with_phone

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

RFC_6238 = {  # appendix B; LT-30
    59: ("94287082", "46119246", "90693936"),
    1111111109: ("07081804", "68084774", "25091201"),
    1111111111: ("14050471", "67062674", "99943326"),
    1234567890: ("89005924", "91819424", "93441116"),
    2000000000: ("69279037", "90698825", "38618901"),
    20000000000: ("65353130", "77737706", "47863826"),
}
RFC_4226 = [
    "755224",
    "287082",
    "359152",
    "969429",
    "338314",
    "254676",
    "287922",
    "162583",
    "399871",
    "520489",
]  # appendix D
SEED = b"12345678901234567890"


@pytest.mark.parametrize(("at", "expected"), list(RFC_6238.items()))
def test_the_library_gives_the_codes_of_rfc_6238(at: int, expected: tuple[str, str, str]) -> None:
    given_codes = tuple(
        TOTP((SEED * 4)[:length], 8, algorithm, 30).generate(at).decode()
        for algorithm, length in ((SHA1(), 20), (SHA256(), 32), (SHA512(), 64))
    )
    assert given_codes == expected


@pytest.mark.parametrize(("counter", "expected"), list(enumerate(RFC_4226)))
def test_a_step_is_matched_by_the_code_of_rfc_4226(counter: int, expected: str) -> None:
    assert totp.matching_step(SEED, expected, range(10)) == counter


@pytest.mark.parametrize(
    "spelling",
    [
        "123456",
        "123 456",
        " 123456 ",
        "123-456",
        "12 34 56",
        "123\N{NO-BREAK SPACE}456",
        "123\N{ZERO WIDTH SPACE}456",
    ],
)
def test_separators_do_not_matter(spelling: str) -> None:  # LT-07
    assert codes.normalize(spelling) == "123456"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "1234567",
        "１２３４５６",  # noqa: RUF001  full-width digits
        "𝟏𝟐𝟑𝟒𝟓𝟔",  # noqa: RUF001  mathematical digits
        "١٢٣٤٥٦",  # Arabic-Indic digits
        "1_23456",
        "+123456",
        "123456\n",
        "12\N{SUPERSCRIPT THREE}456",
        "0x1234",
        "1" * 100_000,
        " " * 100_000 + "123456",
        "123456\0",
        "\ud800123456",
    ],
)
def test_anything_but_six_ascii_digits_is_malformed(text: str) -> None:  # LT-08
    assert refusal_of(lambda: codes.normalize(text)) == "code_malformed"


@given(st.text(max_size=40))
def test_a_code_has_one_canonical_form_or_none(text: str) -> None:
    try:
        plain = codes.normalize(text)
    except Refused:
        return
    assert plain.isascii()
    assert plain.isdigit()
    assert codes.normalize(plain) == plain


@pytest.fixture
def phone(db: None) -> Phone:
    """Alice's phone, enrolled at ``NOON`` minus five minutes."""
    with clock.frozen(NOON - timedelta(minutes=5)):
        _session, phone = with_phone(signed_in(person()))
    return phone


def user_id() -> int:
    return Totp.objects.get().user_id


@pytest.mark.parametrize(
    ("made", "entered", "code"),
    [  # seconds after NOON: LT-11
        (0, 0, None),
        (0, 29, None),
        (0, 30, None),
        (0, 59, None),
        (0, 60, "totp_clock_off"),
        (30, 0, None),
        (60, 0, "totp_clock_off"),
        (0, 300, "totp_clock_off"),
        (0, 330, "totp_wrong"),
    ],
)
def test_the_present_step_and_its_neighbors_are_accepted(
    phone: Phone, made: int, entered: int, code: str | None
) -> None:
    with clock.frozen(NOON + timedelta(seconds=made)):
        typed = phone.code()
    with clock.frozen(NOON + timedelta(seconds=entered)):
        if code is None:
            assert totp.verify(user_id(), typed).name == "phone"
        else:
            assert refusal_of(lambda: totp.verify(user_id(), typed)) == code


def test_a_used_code_is_refused(phone: Phone) -> None:  # LT-01, LT-07
    with clock.frozen(NOON):
        code = phone.code()
        totp.verify(user_id(), code)
        assert refusal_of(lambda: totp.verify(user_id(), code)) == "totp_reused"
        assert refusal_of(lambda: totp.verify(user_id(), f"{code[:3]} {code[3:]}")) == "totp_reused"


def test_an_earlier_code_is_refused_after_a_later_one(phone: Phone) -> None:  # LT-02, LT-03
    with clock.frozen(NOON):
        now, later = phone.code(), phone.code(steps=1)
        totp.verify(user_id(), later)
        assert refusal_of(lambda: totp.verify(user_id(), now)) == "totp_reused"
        assert refusal_of(lambda: totp.verify(user_id(), later)) == "totp_reused"


def test_the_enrollment_code_counts_as_used(db: None) -> None:  # LT-05
    with clock.frozen(NOON):
        opened, phone = with_phone(signed_in(person()))
        code = phone.code()
        assert refusal_of(lambda: totp.verify(opened.session.user_id, code)) == "totp_reused"


def test_seeds_that_no_app_has_answered_with_are_swept(db: None) -> None:
    opened = signed_in(person())
    factors.begin_totp(opened.session)
    assert totp_enrollment.sweep() == 0
    with clock.shifted(timedelta(minutes=10)):
        assert totp_enrollment.sweep() == 1
    assert not TotpEnrollment.objects.exists()


def test_an_old_code_is_refused_when_the_clock_goes_back(phone: Phone) -> None:  # LT-28
    with clock.frozen(NOON - timedelta(hours=1)):
        old = phone.code()
    with clock.frozen(NOON):
        totp.verify(user_id(), phone.code())
    with clock.frozen(NOON - timedelta(hours=1)):
        assert refusal_of(lambda: totp.verify(user_id(), old)) == "totp_reused"


def test_each_of_two_apps_has_its_own_steps(db: None) -> None:
    with clock.frozen(NOON - timedelta(minutes=5)):
        opened, phone = with_phone(signed_in(person()))
        opened, tablet = with_phone(opened, name="tablet")
    with clock.frozen(NOON):
        assert totp.verify(opened.session.user_id, phone.code()).name == "phone"
        assert totp.verify(opened.session.user_id, tablet.code()).name == "tablet"


def test_the_seed_is_not_in_the_database_as_such(phone: Phone) -> None:
    app = Totp.objects.get()
    assert totp.seed_of(app) == phone.app.byte_secret()
    assert totp.seed_of(app) not in bytes(app.sealed_seed)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_one_of_many_threads_gets_a_code_accepted() -> None:  # LT-04
    with clock.frozen(NOON - timedelta(minutes=5)):
        opened, phone = with_phone(signed_in(person()))
    for round_ in range(10):
        with clock.frozen(NOON + timedelta(seconds=30 * round_)):
            code = phone.code()
            answers = at_once([partial(totp.verify, opened.session.user_id, code)] * 16)
        refused = [answer.code for answer in answers if isinstance(answer, Refused)]
        assert refused == ["totp_reused"] * 15
