"""Owners are told 14 days and one day before a token ends, once each, whichever node does it."""

from datetime import timedelta

import pytest

from strongroom.accounts import standing
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices.queue import deliver_due
from strongroom.publish import expiring
from strongroom.tokens.mint import mint_for_publisher
from strongroom.tokens.models import Token
from tests.support.people import as_user, at_once, mails, person
from tests.tokens.making import named, project_of, token_for

pytestmark = pytest.mark.django_db


def lasting(user: User, *, name: str = "ci", **time: float) -> None:
    token_for(user, name=name, expires=clock.now() + timedelta(**time))


def after(**time: float) -> int:
    """How many mails that makes, so much later; they are delivered."""
    with clock.shifted(timedelta(**time)):
        count = expiring.remind_due()
        deliver_due(limit=1000)
        return count


def test_a_token_that_ends_is_told_of_twice(mailoutbox: list) -> None:
    alice = person()
    with clock.frozen(clock.now()):
        lasting(alice, name="ci & more", days=365)
        assert [after(days=days) for days in (0, 300, 350.9)] == [0, 0, 0]
        assert [after(days=days) for days in (351, 351, 355, 363.9)] == [1, 0, 0, 0]
        assert [after(days=days) for days in (364, 364, 364.9, 365, 400)] == [1, 0, 0, 0, 0]
        until = clock.now() + timedelta(days=365)
    first, last = mailoutbox
    assert first.to == last.to == ["alice@example.org"]
    assert "14 days" in first.subject
    assert "within a day" in last.subject
    for mail in (first, last):
        assert "ci & more" in mail.subject
        assert str(until.year) in mail.body
        assert "/manage/account/token/" in mail.body


def test_a_token_that_lasts_a_week_is_told_of_on_its_last_day_alone(mailoutbox: list) -> None:
    with clock.frozen(clock.now()):
        lasting(person(), days=7)
        assert [after(days=days) for days in (0, 1, 5.9, 6, 6.5, 8)] == [0, 0, 0, 1, 0, 0]
    (mail,) = mailoutbox
    assert "within a day" in mail.subject


def test_a_token_that_lasts_an_hour_is_not_told_of() -> None:
    with clock.frozen(clock.now()):
        lasting(person(), hours=1)
        assert [after(minutes=minutes) for minutes in (0, 30, 59, 61)] == [0, 0, 0, 0]


def test_a_site_that_was_off_for_a_month_tells_what_still_counts(mailoutbox: list) -> None:
    with clock.frozen(clock.now()):
        lasting(person(), days=30)
        assert after(days=29.5) == 1
        assert after(days=29.6) == 0
    (mail,) = mailoutbox
    assert "within a day" in mail.subject


def test_tokens_without_an_end_and_of_disabled_accounts_are_not_told_of() -> None:
    alice, bob = person(), person("bob")
    token_for(alice)
    lasting(bob, days=20)
    standing.disable(bob, by=Actor.console())
    assert after(days=10) == after(days=19.5) == 0
    assert Token.objects.get(user=bob).reminded == 0


def test_tokens_of_trusted_publishers_are_swept_and_not_told_of() -> None:
    alice = person()
    demo = project_of(alice)
    lasting(alice, days=1)
    publisher = {"kind": "github", "issuer": "https://issuer.example", "name": "acme/demo"}
    made = mint_for_publisher(publisher, projects=[named(demo)], single_use=False, by=as_user(alice))
    with clock.frozen(clock.now()):
        assert after(minutes=5) == 0
        for minutes, left in ((16, 2), (74, 2), (77, 1)):
            with clock.shifted(timedelta(minutes=minutes)):
                expiring.sweep()
                assert Token.objects.count() == left
        with clock.shifted(timedelta(days=30)):
            assert expiring.sweep() == 0
    assert [token.name for token in Token.objects.all()] == ["ci"]
    (entry,) = Entry.objects.filter(tag="token.expired")
    assert (entry.actor_name, entry.project, entry.subject_id) == ("system", "demo", None)
    assert entry.details == {"token": made.token.short_id, "publisher": "acme/demo"}


@pytest.mark.django_db(transaction=True)
def test_of_many_nodes_at_once_one_tells(mailoutbox: list) -> None:
    alice = person()
    for number in range(5):
        lasting(alice, name=str(number), days=20)
    with clock.shifted(timedelta(days=10)):
        assert sum(at_once([expiring.remind_due] * 6)) == 5
        assert len(mails(mailoutbox)) == 5
