"""Whether an account may act, and who is told when that changes."""

from datetime import timedelta
from functools import partial

import pytest

from strongroom.accounts import standing, stolen_password
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish
from strongroom.notices.models import QueuedMail
from tests.support.people import as_user, at_once, mails, person, refusal_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return person()


def test_a_person_is_told_when_an_operator_disables_and_enables_the_account(
    alice: User, mailoutbox: list
) -> None:
    standing.disable(alice, by=Actor.console())
    standing.enable(alice, by=Actor.console())
    disabled, enabled = mails(mailoutbox)
    assert disabled.subject == "Your account at Strongroom was disabled"
    assert "/security/" in disabled.body
    assert "panic" not in disabled.body  # there is nothing left to stop
    assert enabled.subject == "Your account at Strongroom was enabled again"


@pytest.mark.parametrize(
    ("before", "level", "words"),
    [
        ("tokens", MayPublish.PASSWORDS, "Whoever learns your password"),
        ("passwords", MayPublish.TOKENS, "only API tokens and trusted publishers publish"),
        ("tokens", MayPublish.TRUSTED, "neither your password nor your API tokens publish"),
    ],
)
def test_a_person_is_told_when_what_may_publish_is_switched(
    alice: User, mailoutbox: list, before: str, level: MayPublish, words: str
) -> None:
    User.objects.update(may_publish=before)
    for _ in range(2):  # the second time there is nothing to tell
        standing.switch_publishing(alice, level, by=as_user(alice))
    (mail,) = mails(mailoutbox)
    entry = Entry.objects.get(tag="account.publishing_switched")
    assert entry.details == {"level": level, "before": before}
    assert User.objects.get().may_publish == level
    assert words in mail.body
    assert "203.0.113.7" in mail.body


def test_a_mailbox_is_not_flooded_by_switching_and_letting_less_publish_always_works(
    alice: User, mailoutbox: list
) -> None:  # EM-10
    switch = partial(standing.switch_publishing, alice, by=as_user(alice))
    for laxer in [MayPublish.PASSWORDS, MayPublish.TOKENS] * 5:
        switch(MayPublish.TRUSTED)
        switch(laxer)
    switch(MayPublish.TRUSTED)
    for laxer in (MayPublish.TOKENS, MayPublish.PASSWORDS):
        assert refusal_of(partial(switch, laxer)) == "too_many_attempts"
    assert User.objects.get().may_publish == "trusted"
    assert len(mails(mailoutbox)) == 21


def test_a_stolen_password_is_told_of_once_a_day(alice: User, mailoutbox: list) -> None:  # LT-21
    for _ in range(3):
        stolen_password.tell(alice, by=visitor("198.51.100.9"))
    with clock.shifted(timedelta(hours=24, seconds=5)):
        stolen_password.tell(alice, by=visitor())
        first, second = mails(mailoutbox)
    assert first.subject == second.subject == "Your password for Strongroom is in a list of stolen passwords"
    assert "198.51.100.9" in first.body
    assert "/account/request-password-reset/" in first.body


def test_a_frozen_account_may_not_act_and_its_sessions_end(alice: User) -> None:
    written = clock.now()
    assert standing.freeze(alice, written, by=visitor())
    frozen = User.objects.get()
    assert (frozen.frozen, frozen.auth_epoch) == (written, alice.auth_epoch + 1)
    assert refusal_of(lambda: standing.require_active(frozen)) == "account_frozen"
    assert refusal_of(lambda: standing.require_still_active(alice.pk)) == "account_frozen"
    event = Entry.objects.get(tag="account.frozen")
    assert event.details == {"written": written.isoformat(timespec="seconds")}
    assert (event.actor_kind, event.subject_id, event.address) == ("anonymous", alice.pk, "203.0.113.7")


def test_the_earliest_mail_decides_from_when_nothing_is_trusted(alice: User) -> None:
    now = clock.now()
    answers = [standing.freeze(alice, now - timedelta(hours=hours), by=visitor()) for hours in (2, 1, 2, 3)]
    assert answers == [True, False, False, True]
    assert User.objects.get().frozen == now - timedelta(hours=3)
    assert Entry.objects.filter(tag="account.frozen").count() == 2


def test_a_mail_from_before_a_thaw_freezes_nothing(alice: User) -> None:
    written = clock.now()
    standing.freeze(alice, written, by=visitor())
    standing.thaw(User.objects.get(), by=Actor.console())
    assert not standing.freeze(alice, written, by=visitor())
    assert User.objects.get().frozen is None


def test_an_operator_thaws_an_account_and_its_person_is_told(alice: User, mailoutbox: list) -> None:
    standing.freeze(alice, clock.now(), by=visitor())
    frozen = User.objects.get()
    assert standing.thaw(frozen, by=Actor.console()) == frozen.auth_epoch + 1
    thawed = User.objects.get()
    standing.require_active(thawed)
    (mail,) = mails(mailoutbox)
    assert mail.subject == "Your account at Strongroom is no longer frozen"
    assert "an operator of the site undid the freeze" in mail.body
    assert Entry.objects.get(tag="account.thawed").actor_name == "console"


def test_an_account_that_is_not_frozen_is_not_thawed(alice: User) -> None:
    assert refusal_of(lambda: standing.thaw(alice, by=Actor.console())) == "account_not_frozen"
    assert User.objects.get().thawed is None
    assert not QueuedMail.objects.exists()


def test_who_thaws_must_have_seen_how_early_the_freeze_is(alice: User) -> None:
    now = clock.now()
    standing.freeze(alice, now, by=visitor())
    seen = User.objects.get()
    standing.freeze(alice, now - timedelta(days=1), by=visitor())
    assert refusal_of(lambda: standing.thaw(seen, by=Actor.console())) == "account_not_frozen"
    assert User.objects.get().frozen == now - timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_of_eight_thaws_at_once_one_counts() -> None:
    standing.freeze(person(), clock.now(), by=visitor())
    seen = User.objects.get()
    answers = at_once([partial(standing.thaw, seen, by=Actor.console())] * 8)
    assert sum(isinstance(answer, int) for answer in answers) == 1
    assert QueuedMail.objects.count() == 1
