"""The search for secrets in tables finds them where they are."""

from typing import Any

import pytest

from strongroom.accounts.events import AccountCreated
from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from tests.audit.spilled import spilled
from tests.support.people import PASSWORD, mails, person
from tests.tokens.making import token_for
from tests.web.browsing import nobody

pytestmark = pytest.mark.django_db


def written(text: str) -> None:
    trail.record(AccountCreated(username=text), by=Actor.console())


@pytest.mark.parametrize(
    "secret",
    [
        PASSWORD,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlc2lnbmF0dXJl",
    ],
)
def test_a_secret_in_an_event_is_found(secret: str, mailoutbox: list[Any]) -> None:  # AU-10
    written(f"with {secret} in it")
    assert [found.partition(":")[0] for found in spilled(mailoutbox)] == ["Entry.personal"]


def test_an_api_token_in_an_event_is_found(mailoutbox: list[Any]) -> None:  # AU-10
    written(str(token_for(person()).secret))
    assert [found.partition(":")[0] for found in spilled(mailoutbox)] == ["Entry.personal"]


def test_a_mailed_link_in_an_event_is_found(mailoutbox: list[Any]) -> None:  # AU-10
    person()
    nobody().post("/account/request-password-reset/", {"login": "alice"})
    assert spilled(mailoutbox) == []
    link = mails(mailoutbox)[-1].body.partition("?token=")[2].split()[0]
    written(link)
    assert [found.partition(":")[0] for found in spilled(mailoutbox)] == ["Entry.personal"]
