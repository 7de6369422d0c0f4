"""Pages on which people see what is kept of them, take it with them, and leave."""

import json
from typing import Any, cast

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from tests.personal_data.residents import project
from tests.support.people import mails, person
from tests.web.browsing import browser_of, location_of, main_of, nobody, refused_in, text_of

pytestmark = pytest.mark.django_db

DATA, EXPORT, DELETE = (
    reverse(name) for name in ("account-data", "account-data-export", "account-data-delete")
)


def test_account_settings_lead_to_the_page_about_ones_data() -> None:
    browser = browser_of(person())
    assert f'href="{DATA}"' in text_of(browser.get(reverse("account")))
    shown = text_of(browser.get(DATA))
    assert f'action="{EXPORT}"' in shown
    assert f'href="{DELETE}"' in shown
    assert "90 days" in shown


def test_the_copy_is_a_file_that_no_cache_keeps() -> None:
    answer = browser_of(person()).post(EXPORT)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="alice.json"'
    assert "no-store" in answer.headers["Cache-Control"]
    copy = json.loads(cast("StreamingHttpResponse", answer).getvalue())
    assert copy["account"]["username"] == "alice"


def test_a_copy_asks_for_a_fresh_proof_and_is_kept_meanwhile() -> None:  # SU-06
    answer = browser_of(person(), fresh=False).post(EXPORT)
    assert "reauthenticate" in location_of(answer)
    assert "resume" in location_of(answer)
    assert not Entry.objects.filter(tag="account.exported").exists()


@pytest.mark.parametrize("typed", ["", "bob", "alice2"])
def test_an_account_is_not_deleted_by_a_slip(typed: str) -> None:
    alice = person()
    answer = browser_of(alice).post(DELETE, {"username": typed})
    assert answer.status_code == 422
    assert User.objects.filter(pk=alice.pk).exists()
    assert not Entry.objects.filter(tag="account.deleted").exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_types_their_username_is_deleted_and_logged_out(mailoutbox: list[Any]) -> None:
    alice = person()
    browser = browser_of(alice)
    answer = browser.post(DELETE, {"username": "Alice"})
    assert location_of(answer) == "/"
    assert "Your account is deleted" in text_of(browser.get("/"))
    assert not User.objects.filter(pk=alice.pk).exists()
    assert "login" in location_of(browser.get(reverse("account")))
    assert nobody().get(reverse("user", args=["alice"])).status_code == 404
    assert "Your account at Strongroom was deleted" in [mail.subject for mail in mails(mailoutbox)]


def test_the_only_owner_sees_why_they_cannot_leave_and_is_refused() -> None:  # RO-08
    alice = person()
    project("vault", (alice, "owner"))
    browser = browser_of(alice)
    for path in (DATA, DELETE):
        shown = text_of(browser.get(path))
        assert 'data-refused="only_owner"' in shown
        assert "vault" in main_of(browser.get(path))
    answer = browser.post(DELETE, {"username": "alice"})
    assert (answer.status_code, refused_in(answer)) == (409, "only_owner")
    assert User.objects.filter(pk=alice.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_histories_of_others_go_on_with_a_deleted_account() -> None:  # AU-02
    alice, bob = person(), person("bob")
    project("vault", (alice, "owner"), (bob, "owner"))
    browser_of(alice).post(DELETE, {"username": "alice"})
    shown = text_of(browser_of(bob).get(reverse("project-history", args=["vault"])))
    assert "alice" not in shown
    assert "former user" in shown


def test_nobody_deletes_by_a_link_alone() -> None:
    alice = person()
    browser: Client = browser_of(alice)
    assert browser.get(DELETE, {"username": "alice"}).status_code == 200
    assert User.objects.filter(pk=alice.pk).exists()
