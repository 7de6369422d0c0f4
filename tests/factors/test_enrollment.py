"""Adding and removing authenticator apps."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.factors import totp_enrollment
from strongroom.factors.models import Totp, TotpEnrollment
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.signin import factors, session
from tests.support.people import BROWSER, Phone, at_once, mails, person, refusal_of, signed_in, with_phone

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_turning_it_on_stores_the_app_records_it_mails_and_ends_other_sessions(mailoutbox: list) -> None:
    alice = person()
    elsewhere = signed_in(alice)
    opened, _phone = with_phone(signed_in(alice), name="  my phone ")

    app = Totp.objects.get()
    assert (app.user_id, app.name, app.last_used) == (alice.pk, "my phone", None)
    event = Entry.objects.get(tag="factor.totp_added")
    assert (event.subject_id, event.actor_id, event.details) == (alice.pk, alice.pk, {"name": "my phone"})
    assert (event.address, event.client, event.outcome) == (BROWSER.address, BROWSER.client, "done")
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert "my phone" in mailoutbox[0].body
    assert session.find(opened.secret) is not None
    assert session.find(elsewhere.secret) is None
    assert not TotpEnrollment.objects.exists()


def test_the_secret_is_the_same_in_every_tab_for_ten_minutes() -> None:
    opened = signed_in(person())
    with clock.frozen(clock.now()):
        first = factors.begin_totp(opened.session)
        with clock.shifted(timedelta(minutes=9, seconds=59)):
            assert factors.begin_totp(opened.session) == first
        with clock.shifted(timedelta(minutes=10)):
            assert totp_enrollment.begin(opened.session.user_id, opened.session.pk, username="alice") != first


def test_a_secret_shown_ten_minutes_ago_can_not_be_confirmed() -> None:  # LT-25
    opened = signed_in(person())
    with clock.frozen(NOON):
        phone = Phone(totp_enrollment.begin(opened.session.user_id, opened.session.pk, username="alice").uri)
    with clock.frozen(NOON + timedelta(minutes=10)):
        code = phone.code()
        assert (
            refusal_of(lambda: confirm(opened.session.user, opened.session.pk, code)) == "enrollment_expired"
        )
    assert not Totp.objects.exists()


def test_the_secret_of_another_session_can_not_be_confirmed() -> None:  # LT-25
    alice, mallory = signed_in(person("alice")), signed_in(person("mallory"))
    phone = Phone(factors.begin_totp(alice.session).uri)
    code = phone.code()
    assert refusal_of(lambda: confirm(mallory.session.user, mallory.session.pk, code)) == "enrollment_expired"
    assert refusal_of(lambda: confirm(mallory.session.user, alice.session.pk, code)) == "enrollment_expired"
    assert not Totp.objects.exists()


def test_a_wrong_code_adds_nothing() -> None:
    opened = signed_in(person())
    phone = Phone(factors.begin_totp(opened.session).uri)
    wrong = f"{(int(phone.code()) + 1) % 10**6:06}"
    assert refusal_of(lambda: confirm(opened.session.user, opened.session.pk, wrong)) in {
        "totp_wrong",
        "totp_clock_off",
    }
    assert not Totp.objects.exists()
    assert TotpEnrollment.objects.count() == 1


def test_it_is_not_possible_before_the_address_is_verified() -> None:
    opened = signed_in(person(verified=False))
    assert refusal_of(lambda: factors.begin_totp(opened.session)) == "email_unverified"
    assert not TotpEnrollment.objects.exists()


def test_it_asks_for_a_fresh_proof() -> None:  # SU-01
    opened = signed_in(person())
    with clock.shifted(timedelta(minutes=11)):
        assert refusal_of(lambda: factors.begin_totp(opened.session)) == "proof_needed"


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\nb", "a\0b"])
def test_a_name_must_be_short_and_printable(name: str) -> None:
    opened = signed_in(person())
    phone = Phone(factors.begin_totp(opened.session).uri)
    actor = session.actor_of(opened.session, BROWSER)
    refused = refusal_of(lambda: factors.confirm_totp(opened.session, name=name, code=phone.code(), by=actor))
    assert refused == "factor_name_invalid"
    assert not Totp.objects.exists()


def test_two_apps_can_not_have_one_name() -> None:
    opened, _phone = with_phone(signed_in(person()))
    assert refusal_of(lambda: with_phone(opened)) == "factor_name_taken"
    assert Totp.objects.count() == 1


@pytest.mark.parametrize("username", ["a:b?c&d", "a b\nc", "\N{RIGHT-TO-LEFT MARK}alice", "100%"])
def test_the_address_for_the_camera_survives_every_username(username: str) -> None:  # LT-23
    uri = urlsplit(totp_enrollment.begin(person().pk, 1, username=username).uri)
    assert unquote(uri.path) == f"/Strongroom:{username}"
    assert parse_qs(uri.query)["issuer"] == ["Strongroom"]
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")


def test_removing_an_app_records_mails_and_ends_other_sessions(mailoutbox: list) -> None:
    opened, _phone = with_phone(signed_in(person()))
    actor = session.actor_of(opened.session, BROWSER)
    after = factors.remove_totp(opened.session, Totp.objects.get().pk, keep_one=False, by=actor)

    assert not Totp.objects.exists()
    assert Entry.objects.get(tag="factor.totp_removed").details == {"name": "phone"}
    assert len(mails(mailoutbox)) == 2
    assert session.find(opened.secret) is None
    assert session.find(after.secret) is not None


def test_the_app_of_somebody_else_can_not_be_removed() -> None:  # design D6
    with_phone(signed_in(person("alice")))
    mallory = signed_in(person("mallory"))
    actor = session.actor_of(mallory.session, BROWSER)
    refused = refusal_of(
        lambda: factors.remove_totp(mallory.session, Totp.objects.get().pk, keep_one=False, by=actor)
    )
    assert refused == "factor_unknown"
    assert Totp.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_posts_of_one_confirmation_add_one_app() -> None:
    opened = signed_in(person())
    phone = Phone(factors.begin_totp(opened.session).uri)
    code, actor = phone.code(), session.actor_of(opened.session, BROWSER)
    answers = at_once(
        [
            lambda name=name: factors.confirm_totp(opened.session, name=name, code=code, by=actor)
            for name in ("one", "two", "three", "four")
        ]
    )
    assert sum(not isinstance(answer, Refused) for answer in answers) == 1
    assert Totp.objects.count() == 1


def confirm(user: User, session_id: int, code: str) -> Totp:
    return totp_enrollment.confirm(user.pk, session_id, name="phone", code=code, by=Actor.anonymous(BROWSER))
