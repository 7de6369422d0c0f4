"""A copy of everything that the site knows about an account."""

import inspect
import json
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.notices.models import QueuedMail
from strongroom.personal_data import erase, sections
from strongroom.personal_data.export import export
from strongroom.signin import reset, session
from tests.personal_data.residents import Resident, resident
from tests.support.people import BROWSER, as_user, person, refusal_of, visitor

pytestmark = pytest.mark.django_db

# Columns that open or prove something, or from which that is made; and what is only of use to the program.
SECRET = {
    "password",
    "sealed_seed",
    "digest",
    "nonce",
    "waiting",
    "code",
    "secret",
    "secret_before",
    "credential_id",
    "public_key",
}


def copy_of(here: Resident) -> dict[str, Any]:
    text = b"".join(export(here.user, by=session.actor_of(here.opened.session, BROWSER)))
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_copy_has_what_the_account_has() -> None:
    copy = copy_of(resident())
    assert copy["account"]["username"] == "alice"
    assert [row["address"] for row in copy["email_addresses"]] == ["alice@example.org"]
    assert [row["name"] for row in copy["second_factors"]["authenticator_apps"]] == ["phone"]
    assert len(copy["second_factors"]["recovery_codes"]) == 8
    assert [(row["name"], row["projects"]) for row in copy["api_tokens"]] == [("laptop", ["vault"])]
    assert copy["projects"] == [{"project": "vault", "kind": "owner"}]
    assert [row["address"] for row in copy["sessions"]] == ["203.0.113.7"]
    assert [row["client"] for row in copy["browsers"]] == ["Firefox on Linux"]
    assert copy["mails_to_be_sent"]
    tags = [row["tag"] for row in copy["events"]]
    assert {"account.created", "token.made", "account.exported"} <= set(tags)
    assert [row["serial"] for row in copy["events"]] == sorted(row["serial"] for row in copy["events"])


def test_no_secret_is_in_the_copy() -> None:  # AU-10
    here = resident()
    text = b"".join(export(here.user, by=as_user(here.user))).decode()
    assert not [secret for secret in here.secrets if secret in text]
    assert not [value for value in stored_secrets(here.user) if value in text]


def stored_secrets(user: User) -> set[str]:
    """What stands in the columns named in ``SECRET`` of every row of the account, as text and in hex."""
    found: set[str] = {user.password}
    for model in apps.get_models():
        owners = [
            f
            for f in model._meta.concrete_fields
            if isinstance(f, models.ForeignKey) and f.related_model is User
        ]
        columns = [f.attname for f in model._meta.concrete_fields if f.attname in SECRET]
        for owner in owners:
            for row in model._default_manager.filter(**{owner.attname: user.pk}).values_list(
                *columns or ["pk"]
            ):
                found |= {spelled for value in row if columns for spelled in spellings(value)}
    assert len(found) > 10
    return found


def spellings(value: object) -> set[str]:
    if isinstance(value, bytes | memoryview):
        return {bytes(value).hex()}
    return {str(value)} if value else set()


def test_nothing_of_others_is_in_the_copy() -> None:
    here = resident()
    text = b"".join(export(here.user, by=as_user(here.user))).decode()
    assert "bob@example.org" not in text
    assert '"bob"' not in text


def test_mails_to_an_address_that_is_not_verified_are_somebody_elses() -> None:  # D17
    mallory, _bob = person("mallory"), person("bob")
    emails.add(mallory, "bob@example.org", by=as_user(mallory))
    reset.request("bob", by=visitor())
    copy = json.loads(b"".join(export(mallory, by=as_user(mallory))))
    assert QueuedMail.objects.filter(address="bob@example.org").count() > 1
    assert {row["address"] for row in copy["mails_to_be_sent"]} == {"mallory@example.org"}


def test_whoever_deletes_an_account_takes_back_no_mail_to_an_address_that_was_never_theirs() -> None:
    mallory, bob = person("mallory"), person("bob")
    reset.request("bob", by=visitor())
    bob.addresses.all().delete()  # the mail about that is to be sent, too
    emails.add(mallory, "bob@example.org", by=as_user(mallory))
    waiting = QueuedMail.objects.filter(address="bob@example.org")
    before = waiting.count()
    erase.erase(mallory, by=as_user(mallory))
    assert waiting.count() == before > 1


def test_every_row_that_points_to_an_account_has_its_section() -> None:
    """A new table is either in the copy, or here with the reason."""
    of_the_program = {
        "TotpEnrollment.user",  # a seed that is shown for some minutes
        "Webhook.created_by",  # of webhooks of projects and the site
    }
    source = inspect.getsource(sections)
    pointing = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is User
    }
    missing = {name for name in pointing - of_the_program if f"{name.split('.')[0]}.objects" not in source}
    assert missing == {"EmailAddress.user"}  # by way of ``user.addresses``


def test_that_it_was_made_is_recorded() -> None:
    alice = person()
    list(export(alice, by=Actor.console()))
    entry = Entry.objects.get(tag="account.exported")
    assert (entry.subject_id, entry.actor_name, entry.outcome) == (alice.pk, "console", "done")


def test_it_is_not_made_again_and_again() -> None:
    alice = person()
    for _time in range(20):
        list(export(alice, by=as_user(alice)))
    assert refusal_of(lambda: export(alice, by=as_user(alice))) == "too_many_attempts"
    assert Entry.objects.filter(tag="account.exported").count() == 20


def test_the_document_is_json_also_where_there_is_nothing() -> None:
    alice = person()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry")
    copy = json.loads(b"".join(export(alice, by=as_user(alice))))
    assert copy["downloads"] == []
    assert [row["tag"] for row in copy["events"]] == ["account.exported"]
    assert uuid.UUID(copy["account"]["public_id"]) == alice.public_id
