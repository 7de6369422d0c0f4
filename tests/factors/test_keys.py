"""Renaming and removing security keys and apps; the last factor; what is left of codes."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.audit.models import Entry
from strongroom.factors import keys, methods
from strongroom.factors.models import RecoveryCode, SecurityKey, Totp
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.notices.models import QueuedMail
from strongroom.signin import factors, session, steps
from strongroom.signin.session import Opened
from tests.signin.entering import author, done_by, entry, signed, ticket_of, tried, whose
from tests.support.authenticator import Authenticator
from tests.support.people import (
    again,
    at_once,
    mails,
    person,
    refusal_of,
    signed_in,
    visitor,
    with_codes,
    with_key,
    with_phone,
)

pytestmark = pytest.mark.django_db


def rename(opened: Opened, name: str, *, key: SecurityKey | None = None) -> None:
    row = key or SecurityKey.objects.get()
    factors.rename_key(opened.session, row.pk, name=name, by=author(opened))


def remove(opened: Opened, *, key: SecurityKey | None = None, keep_one: bool = False) -> Opened:
    row = key or SecurityKey.objects.get()
    return factors.remove_key(opened.session, row.pk, keep_one=keep_one, by=author(opened))


def test_the_keys_of_a_person_are_listed_oldest_first() -> None:
    opened = signed_in(person())
    with_key(signed_in(person("bob")), Authenticator(), name="not hers")
    for name in ("zebra", "aardvark", "mule"):
        opened = with_key(opened, Authenticator(), name=name)
    assert [key.name for key in keys.of(opened.session.user_id)] == ["zebra", "aardvark", "mule"]


def test_renaming_a_key_records_both_names_mails_and_ends_no_session(mailoutbox: list[Any]) -> None:
    opened = with_key(signed_in(person()), Authenticator())
    mails(mailoutbox).clear()
    rename(opened, "  on my ring\n")
    assert SecurityKey.objects.get().name == "on my ring"
    event = entry("factor.key_renamed")
    assert event.details == {"name": "on my ring", "before": "key"}
    assert (event.subject_id, whose(event)) == (opened.session.user_id, done_by(opened))
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert "“on my ring”" in mailoutbox[0].body
    assert session.find(opened.secret) is not None


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\rb"])
def test_a_key_gets_no_name_that_can_not_be_shown(name: str) -> None:  # WR-41
    opened = with_key(signed_in(person()), Authenticator())
    assert refusal_of(lambda: rename(opened, name)) == "factor_name_invalid"
    assert SecurityKey.objects.get().name == "key"
    assert not Entry.objects.filter(tag="factor.key_renamed").exists()


def test_a_key_gets_no_name_that_another_has(mailoutbox: list[Any]) -> None:  # WR-41
    opened = with_key(with_key(signed_in(person()), Authenticator()), Authenticator(), name="other")
    mails(mailoutbox).clear()
    other = SecurityKey.objects.get(name="other")
    assert refusal_of(lambda: rename(opened, "key", key=other)) == "factor_name_taken"
    assert SecurityKey.objects.get(pk=other.pk).name == "other"
    assert mails(mailoutbox) == []
    assert not Entry.objects.filter(tag="factor.key_renamed").exists()


def test_removing_a_key_records_mails_and_ends_other_sessions(mailoutbox: list[Any]) -> None:
    alice = person()
    opened = with_key(with_key(signed_in(alice), Authenticator()), Authenticator(), name="other")
    other = session.open_session(
        alice, session.SignedInBy(method="x", proof=factors.Proof("key")), by=visitor()
    )
    mails(mailoutbox).clear()
    after = remove(opened, key=SecurityKey.objects.get(name="other"))
    assert [key.name for key in keys.of(alice.pk)] == ["key"]
    event = entry("factor.key_removed")
    assert (event.subject_id, event.details) == (alice.pk, {"name": "other"})
    assert whose(event) == done_by(opened)
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert "“other”" in mailoutbox[0].body
    assert "no second factor any more" not in mailoutbox[0].body
    assert session.find(after.secret) is not None
    assert [session.find(gone.secret) for gone in (opened, other)] == [None, None]


def test_with_the_last_factor_go_its_codes_and_the_mail_says_what_that_means(mailoutbox: list[Any]) -> None:
    opened = with_key(signed_in(person()), Authenticator())
    with_codes(opened)
    remove(opened)
    assert not methods.of(opened.session.user_id).any
    assert not RecoveryCode.objects.exists()
    assert "no second factor any more" in mails(mailoutbox)[-1].body


def test_a_removed_key_answers_nothing_any_more() -> None:  # WA-37
    device = Authenticator()
    opened = with_key(with_key(signed_in(person()), device), Authenticator(), name="other")
    ticket = ticket_of()
    answer = signed(ticket, device)
    remove(opened, key=SecurityKey.objects.get(name="key"))
    assert refusal_of(tried(ticket, answer)) == "ticket_invalid"
    fresh = ticket_of()
    challenge = steps.begin_key(fresh)["challenge"]
    asked = {"rpId": "localhost", "challenge": challenge}
    late = type(answer)("key", device.sign_in(asked, user_handle=False))
    assert refusal_of(tried(fresh, late)) == "webauthn_key_unknown"


@pytest.mark.parametrize("change", ["rename", "remove"])
def test_the_key_of_somebody_else_is_nobodys_here(change: str) -> None:  # design D6
    with_key(signed_in(person("alice")), Authenticator())
    mallory = with_key(signed_in(person("mallory")), Authenticator())
    hers = SecurityKey.objects.get(user__username="alice")
    queued = QueuedMail.objects.count()
    changes = {
        "rename": partial(rename, mallory, "mine", key=hers),
        "remove": partial(remove, mallory, key=hers),
    }
    assert refusal_of(changes[change]) == "factor_unknown"
    assert SecurityKey.objects.get(pk=hers.pk).name == "key"
    assert QueuedMail.objects.count() == queued
    assert session.find(mallory.secret) is not None
    assert not Entry.objects.filter(tag__in=["factor.key_removed", "factor.key_renamed"]).exists()


@pytest.mark.parametrize("change", ["rename", "remove"])
def test_it_takes_a_proof_that_is_fresh_and_the_strongest(change: str) -> None:  # SU-01, SU-02
    opened = with_key(signed_in(person()), Authenticator())
    changes = {"rename": partial(rename, opened, "mine"), "remove": partial(remove, opened)}
    with clock.shifted(timedelta(minutes=10, seconds=1)):
        assert refusal_of(changes[change]) == "proof_needed"
    opened.session.proof = "totp"
    assert refusal_of(changes[change]) == "proof_needed"
    assert SecurityKey.objects.get().name == "key"


def test_the_last_factor_stays_while_policy_asks_for_one(mailoutbox: list[Any]) -> None:  # SU-07
    opened = with_key(signed_in(person()), Authenticator())
    mails(mailoutbox).clear()
    assert refusal_of(lambda: remove(opened, keep_one=True)) == "factor_needed"
    assert SecurityKey.objects.count() == 1
    assert mails(mailoutbox) == []
    assert session.find(opened.secret) is not None
    assert not Entry.objects.filter(tag="factor.key_removed").exists()


def test_an_app_counts_as_the_factor_that_stays() -> None:  # SU-07
    with_app, _phone = with_phone(signed_in(person()))
    both = with_key(with_app, Authenticator())
    left = remove(both, keep_one=True)
    app = Totp.objects.get()
    row = again(left)
    row.proof = "totp"
    call = partial(factors.remove_totp, row, app.pk, keep_one=True, by=author(left))
    assert refusal_of(call) == "factor_needed"
    assert Totp.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_removals_of_the_last_two_factors_one_is_left() -> None:  # SU-07
    opened = with_key(with_key(signed_in(person()), Authenticator()), Authenticator(), name="other")
    rows = keys.of(opened.session.user_id)
    results = at_once([partial(remove, opened, key=key, keep_one=True) for key in rows])
    refused = [result.code for result in results if isinstance(result, Refused)]
    assert refused == ["factor_needed"]
    assert SecurityKey.objects.count() == 1
    assert Entry.objects.filter(tag="factor.key_removed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_sessions_that_remove_a_key_at_once_the_one_that_ends_removes_nothing() -> (
    None
):  # SS-02, SU-07
    alice = person()
    first = with_key(with_key(signed_in(alice), Authenticator()), Authenticator(), name="other")
    proof = factors.Proof("key", clock.now())
    second = session.open_session(alice_now(first), session.SignedInBy(method="x", proof=proof), by=visitor())
    pairs = zip((first, second), keys.of(alice.pk), strict=True)
    results = at_once([partial(remove, opened, key=key) for opened, key in pairs])
    assert [result.code for result in results if isinstance(result, Refused)] == ["session_ended"]
    assert SecurityKey.objects.count() == 1
    assert len(session.of(alice)) == 1


def alice_now(opened: Opened) -> Any:
    return again(opened).user
