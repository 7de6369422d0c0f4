"""An account that is deleted while something else is done with it: each answer is a refusal at most, and nothing is left."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from strongroom.accounts import emails
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.audit import sealing
from strongroom.audit.models import Entry
from strongroom.kernel.refused import Refused
from strongroom.personal_data import erase
from strongroom.publish import credentials
from strongroom.recovery import begin
from strongroom.signin import reset, steps
from strongroom.signin.models import Session, Ticket
from tests.audit.remembering import findings
from tests.support.people import (
    PASSWORD,
    as_user,
    at_once,
    person,
    refusal_of,
    signed_in,
    visitor,
    with_phone,
)
from tests.webhooks.receiving import hook_of_account

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(user: User) -> object:
    return steps.start(user.username, PASSWORD, by=visitor())


ACTS: dict[str, Callable[[User], object]] = {
    "signs in": sign_in,
    "asks for a reset": lambda user: reset.request(user.username, by=visitor()),
    "asks for a recovery": lambda user: begin.request(user.username, by=visitor()),
    "adds an address": lambda user: emails.add(user, "alice@example.com", by=as_user(user)),
    "makes a token": lambda user: credentials.make_token(user, name="ci", by=as_user(user)),
    "adds a webhook": lambda user: hook_of_account(user, "https://hooks.example.org/"),
}


def nothing_is_left() -> bool:
    rows = (User, Session, Ticket, MailLink, EmailAddress)
    return not any(model._default_manager.exists() for model in rows)


@pytest.mark.parametrize("phone", [False, True])
def test_an_account_that_is_deleted_after_its_password_was_right_is_not_signed_in_to(
    monkeypatch: pytest.MonkeyPatch, phone: bool
) -> None:
    alice = person()
    if phone:
        with_phone(signed_in(alice))

    def deleted(*_login: object) -> None:
        erase.erase(User.objects.get(), by=as_user(alice))

    monkeypatch.setattr(steps, "password_was_right", deleted)
    assert refusal_of(lambda: sign_in(alice)) == "account_unknown"
    assert nothing_is_left()


@pytest.mark.parametrize("act", ["asks for a reset", "asks for a recovery"])
def test_whoever_asks_for_a_link_of_an_account_that_is_just_deleted_learns_nothing(
    monkeypatch: pytest.MonkeyPatch, act: str, mailoutbox: list[Any]
) -> None:  # D17
    alice = person()
    module = reset if act == "asks for a reset" else begin
    spent = module.spend

    def deleted(*attempt: Any) -> None:
        User.objects.filter(pk=alice.pk).delete()
        spent(*attempt)

    monkeypatch.setattr(module, "spend", deleted)
    ACTS[act](alice)
    assert nothing_is_left()
    assert Entry.objects.get(tag__endswith="requested").subject_id is None
    assert mailoutbox == []


def test_whatever_is_done_while_an_account_is_deleted_is_refused_at_most() -> None:
    for turn in range(3):
        alice = person(f"alice{turn}")
        acts: list[Callable[[], object]] = [partial(act, alice) for act in ACTS.values()]
        acts.append(partial(erase.erase, alice, by=as_user(alice)))
        outcomes = at_once(acts)
        codes = {outcome.code for outcome in outcomes if isinstance(outcome, Refused)}
        assert codes <= {"account_unknown", "credentials_wrong", "email_unverified", "account_missing"}
        assert outcomes[-1] is None
    erase.finish_all()
    sealing.seal_all()
    assert nothing_is_left()
    assert findings() == []
