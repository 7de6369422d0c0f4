"""Sessions: how long they live, and what ends them."""

from datetime import timedelta

import pytest

from strongroom.accounts import epoch, standing
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.signin import credentials, session, stepup
from strongroom.signin.models import Session
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from tests.support.people import BROWSER, PASSWORD, as_user, mails, person, refusal_of, signed_in, with_phone

pytestmark = pytest.mark.django_db


def test_an_idle_session_ends_after_half_an_hour() -> None:  # SS-09
    opened = signed_in(person())
    with clock.shifted(timedelta(minutes=29)):
        assert session.find(opened.secret) is not None
    with clock.shifted(timedelta(minutes=59)):
        assert session.find(opened.secret) is None


def test_a_session_ends_after_twelve_hours_however_much_it_is_used() -> None:  # SS-10
    opened = signed_in(person())
    alive = []
    for half_hour in range(1, 27):
        with clock.shifted(timedelta(minutes=29) * half_hour):
            alive.append(session.find(opened.secret) is not None)
    assert alive == [True] * 24 + [False] * 2


def test_a_disabled_account_has_no_session_any_more() -> None:  # SS-02
    alice = person()
    opened = signed_in(alice)
    standing.disable(alice, by=Actor.console())
    assert session.find(opened.secret) is None
    standing.enable(alice, by=Actor.console())
    assert session.find(opened.secret) is None


def test_a_session_of_another_epoch_is_dead() -> None:  # SS-04, D3
    opened = signed_in(person())
    epoch.bump(opened.session.user_id)
    assert session.find(opened.secret) is None


def test_an_ended_session_is_dead() -> None:  # SS-03
    alice = person()
    opened = signed_in(alice)
    session.end(alice, opened.session.pk, by=as_user(alice))
    assert session.find(opened.secret) is None
    assert Entry.objects.filter(tag="session.ended", subject_id=alice.pk).count() == 1


def test_the_session_of_somebody_else_can_not_be_ended() -> None:  # design D6
    opened, mallory = signed_in(person("alice")), person("mallory")
    session.end(mallory, opened.session.pk, by=as_user(mallory))
    assert session.find(opened.secret) is not None


def test_all_others_can_be_ended() -> None:  # SS-11
    alice = person()
    here, there = signed_in(alice), signed_in(alice)
    assert [row.pk for row in session.of(alice)] == [there.session.pk, here.session.pk]
    assert session.end_others(here.session, by=as_user(alice)) == 1
    assert session.find(there.secret) is None
    assert session.find(here.secret) is not None


def test_a_page_request_can_not_bring_an_ended_session_back() -> None:  # SS-17
    alice = person()
    opened = signed_in(alice)
    row = session.find(opened.secret)
    assert row is not None
    session.end(alice, row.pk, by=as_user(alice))
    with clock.shifted(timedelta(minutes=2)):
        assert session.find(opened.secret) is None
    assert not Session.objects.exists()


def test_a_new_password_ends_the_others_and_gives_this_session_a_new_cookie(
    mailoutbox: list,
) -> None:  # SS-01, SS-02
    alice = person()
    here, there = signed_in(alice), signed_in(alice)
    new = "walnut teapot gravel monsoon"
    changed = credentials.change_password(here.session, current=PASSWORD, new=new, by=as_user(alice))
    assert session.find(changed.secret) is not None
    assert session.find(here.secret) is None
    assert session.find(there.secret) is None
    assert Entry.objects.filter(tag="account.password_changed", subject_id=alice.pk).count() == 1
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [
        ("wrong", "walnut teapot gravel monsoon", "password_wrong"),
        (PASSWORD, PASSWORD, "password_unchanged"),
        (PASSWORD, "short", "password_too_short"),
        (PASSWORD, "password1234", "password_weak"),
        (PASSWORD, "alice@example.org", "password_weak"),
        (PASSWORD, "x" * 4097, "password_too_long"),
        (PASSWORD, "granite\0umbrella", "password_malformed"),
    ],
)
def test_a_password_that_is_not_fit_changes_nothing(
    current: str, new: str, code: str, mailoutbox: list
) -> None:
    alice = person()
    here = signed_in(alice)
    refused = refusal_of(
        lambda: credentials.change_password(here.session, current=current, new=new, by=as_user(alice))
    )
    assert refused == code
    assert session.find(here.secret) is not None
    assert mails(mailoutbox) == []
    assert isinstance(signed_in(alice), Opened)


class TestStepUp:
    """Proving again before a sensitive act."""

    def test_a_proof_is_fresh_for_ten_minutes_and_does_not_slide(self) -> None:  # SU-03
        opened = signed_in(person())
        with clock.frozen(opened.session.proven + timedelta(minutes=9, seconds=59)):
            assert stepup.is_fresh(opened.session)
        with clock.frozen(opened.session.proven + timedelta(minutes=10, seconds=1)):
            assert not stepup.is_fresh(opened.session)

    def test_the_password_proves_where_there_is_no_second_factor(self) -> None:  # SS-01
        alice = person()
        opened = signed_in(alice)
        with clock.shifted(timedelta(minutes=20)):
            again = stepup.prove(opened.session, Answer("password", PASSWORD), by=as_user(alice))
            assert stepup.is_fresh(again.session)
            assert session.find(opened.secret) is None
            assert session.find(again.secret) is not None

    def test_a_wrong_password_proves_nothing(self) -> None:
        alice = person()
        opened = signed_in(alice)
        with clock.shifted(timedelta(minutes=20)):
            refused = refusal_of(
                lambda: stepup.prove(opened.session, Answer("password", "wrong"), by=as_user(alice))
            )
            assert refused == "password_wrong"
            assert not stepup.is_fresh(Session.objects.get())
        assert Entry.objects.filter(tag="session.step_up", outcome="refused").count() == 1

    def test_the_password_is_never_enough_where_there_is_a_second_factor(self) -> None:  # SU-02, D9
        alice = person()
        opened, _phone = with_phone(signed_in(alice))
        with clock.shifted(timedelta(minutes=20)):
            refused = refusal_of(
                lambda: stepup.prove(opened.session, Answer("password", PASSWORD), by=as_user(alice))
            )
        assert refused == "proof_too_weak"

    def test_a_code_proves_once(self) -> None:  # LT-06
        alice = person()
        opened, phone = with_phone(signed_in(alice))
        with clock.shifted(timedelta(minutes=20)):
            code = phone.code()
            again = stepup.prove(opened.session, Answer("totp", code), by=as_user(alice))
            assert stepup.is_fresh(again.session)
            refused = refusal_of(lambda: stepup.prove(again.session, Answer("totp", code), by=as_user(alice)))
            assert refused == "totp_reused"

    def test_a_proof_in_one_browser_is_none_in_another(self) -> None:  # SU-04
        alice = person()
        here, there = signed_in(alice), signed_in(alice)
        with clock.shifted(timedelta(minutes=20)):
            stepup.prove(here.session, Answer("password", PASSWORD), by=as_user(alice))
            found = session.find(there.secret)
            assert found is not None
            assert not stepup.is_fresh(found)

    def test_a_password_proof_is_stale_once_there_is_a_second_factor(self) -> None:  # D9
        alice = person()
        opened, _phone = with_phone(signed_in(alice))
        Session.objects.update(proof="password")
        found = session.find(opened.secret)
        assert found is not None
        assert not stepup.is_fresh(found)
        assert found.address == BROWSER.address
