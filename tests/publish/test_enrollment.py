"""A site that asks for two-factor sign-in takes no files from those who have not turned it on."""

from datetime import timedelta
from functools import partial

import pytest

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.publish import credentials, enrollment
from strongroom.publish.identity import identify
from tests.support.configuration import configured
from tests.support.people import BROWSER, as_user, person, refusal_of, signed_in, with_codes, with_phone
from tests.tokens.making import project_of

pytestmark = pytest.mark.django_db


def asked(who: str, **values: object) -> object:
    return configured("sign_in", two_factor=who, **values)


def test_where_everybody_is_asked_a_token_without_two_factor_publishes_nothing() -> None:  # LT-29
    alice = person()
    made = credentials.make_token(alice, name="ci", by=as_user(alice))
    publish = partial(identify, f"Bearer {made.secret}", origin=BROWSER)
    with asked("everyone"):
        assert refusal_of(publish) == "two_factor_required"
        entry = Entry.objects.get(tag="publisher.refused")
        assert (entry.reason, entry.subject_id, entry.authenticated) == (
            "two_factor_required",
            alice.pk,
            "token",
        )
    assert publish().user_id == alice.pk


def test_recovery_codes_that_were_kept_complete_it() -> None:  # WR-44
    opened, _phone = with_phone(signed_in(person()))
    alice = opened.session.user
    with asked("everyone"):
        assert enrollment.is_due(alice.pk, must_enroll=False)
        with_codes(opened)
        assert not enrollment.is_due(alice.pk, must_enroll=False)
        made = credentials.make_token(alice, name="ci", by=as_user(alice))
        assert identify(f"Bearer {made.secret}", origin=BROWSER).user_id == alice.pk


def test_owners_are_asked_once_they_own_something() -> None:
    alice = person()
    with asked("owners"):
        assert not enrollment.is_due(alice.pk, must_enroll=False)
        project_of(alice)
        assert enrollment.is_due(alice.pk, must_enroll=False)
        assert enrollment.is_asked_now(alice.pk, must_enroll=False)


def test_until_its_day_the_policy_is_announced_and_nothing_more() -> None:
    alice, day = person(), (clock.now() + timedelta(days=3)).date()
    with asked("everyone", two_factor_from=day):
        assert enrollment.announced(alice.pk) == day
        assert not enrollment.is_due(alice.pk, must_enroll=False)
        with clock.shifted(timedelta(days=4)):
            assert enrollment.announced(alice.pk) is None
            assert enrollment.is_due(alice.pk, must_enroll=False)


def test_after_a_recovery_the_password_publishes_nothing_before_two_factor_is_on() -> None:
    alice = person()
    User.objects.filter(pk=alice.pk).update(must_enroll=True)
    basic = "Basic YWxpY2U6Z3Jhbml0ZSB1bWJyZWxsYSBwYXJzbmlwIG9yYml0"  # alice and PASSWORD
    assert refusal_of(lambda: identify(basic, origin=BROWSER)) == "two_factor_required"
    opened, _phone = with_phone(signed_in(alice))
    assert refusal_of(lambda: identify(basic, origin=BROWSER)) == "two_factor_required"
    with_codes(opened)
    assert identify(basic, origin=BROWSER).user_id == alice.pk
    alice.refresh_from_db()
    assert not alice.must_enroll
