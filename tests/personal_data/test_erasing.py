"""Deleting an account: what goes, what stays, who may not, and that the trail still verifies."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction

from strongroom.accounts import register, standing
from strongroom.accounts.models import EmailAddress, HeldUsername, User
from strongroom.audit import sealing, trail
from strongroom.audit.events import PersonErased
from strongroom.audit.models import Cursor, Download, Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices.models import QueuedMail
from strongroom.personal_data import erase
from strongroom.projects.models import File, Journal, Project, Role
from strongroom.publish import credentials
from strongroom.recovery import begin
from strongroom.signin import session
from strongroom.tokens.models import Token
from tests.audit.remembering import findings
from tests.personal_data.residents import project, resident
from tests.support.people import (
    BROWSER,
    PASSWORD,
    as_user,
    at_once,
    mails,
    person,
    refusal_of,
    signed_in,
    visitor,
)
from tests.webhooks.receiving import hook_of_account

pytestmark = pytest.mark.django_db(transaction=True)


def rows_of(user_id: int) -> dict[str, int]:
    """How many rows of each kind still point to the account."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is User:
                found[f"{model.__name__}.{field.name}"] = model._default_manager.filter(
                    **{field.attname: user_id}
                ).count()
    return {name: count for name, count in found.items() if count}


def traces(user: User) -> list[Entry]:
    """Entries that still say who the person of the account is."""
    named = Entry.objects.filter(actor_name=user.username) | Entry.objects.filter(
        personal__contains=f"{user.username}@"
    )
    return list(named | Entry.objects.filter(actor_id=user.pk).exclude(address=""))


def test_every_row_of_the_account_goes_and_the_chain_verifies() -> None:  # AU-02
    here = resident()
    user_id = here.user.pk
    assert rows_of(user_id)
    before = Entry.objects.count()
    erase.erase(here.user, by=session.actor_of(here.opened.session, BROWSER))
    assert rows_of(user_id) == {}
    assert not User.objects.filter(pk=user_id).exists()
    assert traces(here.user) == []
    assert findings() == []
    assert Entry.objects.count() > before
    assert Entry.objects.filter(subject_id=user_id, tag="account.created").get().personal == "{}"
    assert session.find(here.opened.secret) is None


def test_the_events_say_what_was_done_and_keep_the_ids() -> None:  # AU-02
    here = resident()
    hook_of_account(here.user, "https://hooks.example.org/alice")
    erase.erase(here.user, by=session.actor_of(here.opened.session, BROWSER))
    removed = ["account.deleted", "audit.erased", "role.ended", "token.revoked", "webhook.removed"]
    told = Entry.objects.filter(tag__in=removed)
    assert [
        (row.tag, row.subject_id, row.actor_id, row.project, row.outcome) for row in told.order_by("serial")
    ] == [
        ("role.ended", here.user.pk, here.user.pk, "vault", "done"),
        ("token.revoked", here.user.pk, here.user.pk, "vault", "done"),
        ("webhook.removed", here.user.pk, here.user.pk, "", "done"),
        ("account.deleted", here.user.pk, here.user.pk, "", "done"),
        ("audit.erased", here.user.pk, here.user.pk, "", "done"),
    ]
    assert Entry.objects.get(tag="account.deleted").details == {"tokens": 1, "projects": 1}
    assert Entry.objects.filter(tag="audit.erased").count() == 1


def test_what_others_did_to_the_account_keeps_who_they_were() -> None:  # AU-02
    alice, bob = person(), person("bob")
    standing.disable(alice, by=as_user(bob))
    erase.erase(alice, by=Actor.console())
    entry = Entry.objects.get(tag="account.disabled")
    assert (entry.subject_id, entry.actor_name, entry.address) == (alice.pk, "bob", "203.0.113.7")
    assert findings() == []


def test_nothing_else_is_redacted() -> None:
    alice, bob = person(), person("bob")
    signed_in(bob)
    sealing.seal_all()
    kept = list(Entry.objects.filter(actor_id=bob.pk).order_by("serial").values())
    erase.erase(alice, by=Actor.console())
    assert list(Entry.objects.filter(actor_id=bob.pk).order_by("serial").values()) == kept
    assert kept


def test_all_verified_addresses_are_told_and_other_mails_to_them_are_not_sent(mailoutbox: list[Any]) -> None:
    here = resident()
    assert QueuedMail.objects.filter(address="alice@example.org").exists()
    erase.erase(here.user, by=session.actor_of(here.opened.session, BROWSER))
    sent = [mail for mail in mails(mailoutbox) if mail.to == ["alice@example.org"]]
    assert [mail.subject for mail in sent] == ["Your account at Strongroom was deleted"]
    assert "203.0.113.7" in sent[0].body
    assert "/account/panic/" not in sent[0].body


@pytest.mark.parametrize("spelled", ["alice", "Alice", "ALICE"])
def test_the_username_is_given_to_nobody_else(spelled: str) -> None:  # RO-11
    alice = person()
    erase.erase(alice, by=Actor.console())
    taken = refusal_of(lambda: register.register(spelled, "new@example.org", PASSWORD, by=visitor()))
    assert taken == "username_taken"
    assert not User.objects.filter(username_key="alice").exists()
    assert "alice" not in HeldUsername.objects.get().digest


def test_the_only_owner_of_a_project_is_refused_and_told_of_which() -> None:  # RO-08
    alice, bob = person(), person("bob")
    project("vault", (alice, "owner"), (bob, "maintainer"))
    project("shared", (alice, "owner"), (bob, "owner"))
    with pytest.raises(Refused) as refused:
        erase.erase(alice, by=as_user(alice))
    assert refused.value.code == "only_owner"
    assert "vault" in refused.value.message
    assert "shared" not in refused.value.message
    assert Role.objects.filter(user=alice).count() == 2
    entry = Entry.objects.get(tag="account.deleted")
    assert (entry.outcome, entry.reason, entry.actor_name) == ("refused", "only_owner", "alice")
    assert not Entry.objects.filter(tag="audit.erased").exists()


def test_of_two_owners_who_leave_at_once_one_stays() -> None:  # RO-07
    alice, bob = person(), person("bob")
    vault = project("vault", (alice, "owner"), (bob, "owner"))
    results = at_once([lambda user=user: erase.erase(user, by=as_user(user)) for user in (alice, bob)])
    codes = [result.code for result in results if isinstance(result, Refused)]
    assert codes == ["only_owner"]
    assert Role.objects.filter(project=vault, kind="owner").count() == 1


def test_of_two_operators_who_leave_at_once_one_stays() -> None:
    alice, bob = person(), person("bob")
    for user in (alice, bob):
        with transaction.atomic():
            register.make_operator(user, by=Actor.console())
    both = list(User.objects.order_by("pk"))
    results = at_once([lambda user=user: erase.erase(user, by=as_user(user)) for user in both])
    codes = [result.code for result in results if isinstance(result, Refused)]
    assert codes == ["last_operator"]
    assert User.objects.filter(is_operator=True).count() == 1


def test_a_frozen_account_is_not_deleted() -> None:
    alice = person()
    with transaction.atomic():
        standing.freeze(alice, clock.now(), by=visitor())
    assert refusal_of(lambda: erase.erase(alice, by=as_user(alice))) == "account_frozen"
    assert User.objects.filter(pk=alice.pk).exists()


def test_an_account_in_recovery_is_not_deleted() -> None:
    here = resident()
    begin.begin_for(here.user, reason="a new phone", address="", by=Actor.console())
    assert refusal_of(lambda: erase.erase(here.user, by=as_user(here.user))) == "account_in_recovery"
    assert User.objects.filter(pk=here.user.pk).exists()


def test_an_account_whose_address_can_still_be_undone_is_not_deleted() -> None:
    alice = person()
    EmailAddress.objects.create(
        user=alice,
        address="old@example.org",
        key="old@example.org",
        verified=clock.now(),
        added=clock.now(),
        undo_until=clock.now() + timedelta(hours=1),
    )
    assert refusal_of(lambda: erase.erase(alice, by=as_user(alice))) == "email_changed_lately"


def test_what_was_published_stays_without_the_name() -> None:
    alice, bob = person(), person("bob")
    vault = project("vault", (alice, "owner"), (bob, "owner"))
    release = vault.releases.create(version="1.0", key="1.0", created=clock.now())
    File.objects.create(
        release=release,
        filename="vault-1.0.tar.gz",
        kind="sdist",
        python_tag="source",
        size=1,
        sha256="0" * 64,
        blake2_256="0" * 64,
        md5="0" * 32,
        uploaded=clock.now(),
        uploader_id=alice.pk,
        uploader_name="alice",
        authenticated="token",
    )
    Journal.objects.create(project="vault", action="add file", time=clock.now(), by="alice")
    erase.erase(alice, by=as_user(alice))
    assert [(file.uploader_id, file.uploader_name) for file in File.objects.all()] == [(alice.pk, "")]
    assert [row.by for row in Journal.objects.all()] == [""]
    assert Project.objects.get().normalized == "vault"
    assert list(Role.objects.values_list("user_id", flat=True)) == [bob.pk]


def test_downloads_keep_the_id_and_lose_the_person() -> None:
    alice = person()
    values = {"hour": clock.now(), "first": clock.now(), "last": clock.now(), "count": 1, "sha256": "0" * 64}
    Download.objects.create(
        **values,
        filename="vault-1.0.tar.gz",
        user_id=alice.pk,
        username="alice",
        address="203.0.113.7",
        client="pip/26.0",
    )
    erase.erase(alice, by=as_user(alice))
    row = Download.objects.get()
    assert (row.user_id, row.username, "." in row.address, row.client) == (alice.pk, "", False, "pip/")


def test_whoever_deletes_an_account_with_a_long_history_does_not_wait_for_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(erase, "AT_ONCE", 2)
    alice = person()
    for number in range(5):
        credentials.make_token(alice, name=f"t{number}", by=as_user(alice))
    erase.erase(alice, by=as_user(alice))
    assert traces(alice)
    erase.finish_all()
    assert traces(alice) == []
    assert findings() == []


def test_an_erasure_that_was_interrupted_is_finished_later(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = person()
    signed_in(alice)

    class Killed(BaseException):
        pass

    def die(*_rows: object, **_values: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(erase, "redact", die)
        with pytest.raises(Killed):
            erase.erase(alice, by=as_user(alice))
    assert not User.objects.filter(pk=alice.pk).exists()
    assert traces(alice)
    assert findings() == []
    erase.finish_all()
    assert traces(alice) == []
    assert findings() == []


def test_what_is_recorded_late_of_a_deleted_account_loses_the_person_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice = person()
    erase.erase(alice, by=as_user(alice))
    erase.finish_all()
    trail.record(PersonErased(subject_id=None), by=as_user(alice))
    assert traces(alice)
    erase.finish_all()
    assert traces(alice) == []
    assert findings() == []
    told = Entry.objects.filter(tag="audit.erased", subject_id=alice.pk).order_by("serial")
    assert [entry.actor_kind for entry in told] == ["user", "system"]  # copies from here on explain it, too
    erase.finish_all()
    assert told.count() == 2
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    erase.finish_all()
    assert (
        Cursor.objects.get(name="erasures").serial
        == Entry.objects.filter(tag="audit.erased").exclude(subject_id=None).latest("serial").serial
    )


def test_an_event_put_there_by_hand_erases_nobody() -> None:  # AU-01
    alice = person()
    trail.record(PersonErased(subject_id=alice.pk), by=Actor.system())
    sealing.seal_all()
    erase.finish_all()
    assert Entry.objects.filter(subject_id=alice.pk, person_salt=None).count() == 0


def test_erasing_while_the_account_acts_leaves_no_event_with_its_person() -> None:
    here = resident()
    actor = session.actor_of(here.opened.session, BROWSER)

    def make(number: int) -> object:
        return credentials.make_token(here.user, name=f"token {number}", by=actor)

    calls = [lambda number=number: make(number) for number in range(6)]
    results = at_once([*calls[:3], lambda: erase.erase(here.user, by=actor), *calls[3:]])
    assert {result.code for result in results if isinstance(result, Refused)} <= {
        "account_unknown",
        "email_unverified",
    }
    erase.finish_all()
    assert traces(here.user) == []
    assert Token.objects.count() == 0
    assert findings() == []
