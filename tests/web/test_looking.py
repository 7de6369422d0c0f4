"""Looking changes nothing."""

from typing import Any

import pytest
from django.apps import apps

from strongroom.factors.models import TotpEnrollment
from strongroom.web.routes import Page
from tests.support.people import link_in, mails, person
from tests.web.browsing import browser_of, nobody, operator, text_of
from tests.web.content import publish
from tests.web.routes import every_route, path_of

pytestmark = pytest.mark.django_db

# What the page that adds an app shows; it is nothing until its code is sent.
_SHOWN = TotpEnrollment

# That somebody took a history away is recorded, and how often they may is counted.
_TAKING = {"account-history-download", "operate-audit-download", "project-history-download"}


def rows() -> dict[str, list[dict[str, Any]]]:
    models = [model for model in apps.get_models() if model is not _SHOWN]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_no_route_changes_a_row_for_get_head_or_options() -> None:
    # SS-08
    alice = person("alice")
    publish(alice)
    browsers = [nobody(), browser_of(alice), browser_of(operator())]
    before = rows()
    for name in set(every_route()) - _TAKING:
        for client in browsers:
            for method in ("GET", "HEAD", "OPTIONS"):
                client.generic(method, path_of(name))
    assert rows() == before


def test_a_mail_scanner_that_follows_the_link_verifies_nothing(mailoutbox: list[Any]) -> None:
    # EM-03
    alice = person(verified=False)
    token = link_in(mails(mailoutbox)[0].body, "/account/verify-email/")
    scanner, path = nobody(), f"/account/verify-email/?token={token}"
    for method in ("GET", "HEAD", "OPTIONS"):
        scanner.generic(method, path)
    assert alice.addresses.get().verified is None
    assert "Verify" in text_of(scanner.get(path))
    assert scanner.post("/account/verify-email/", {"token": token}).status_code == 303
    assert alice.addresses.get().verified is not None


def test_every_page_is_reached_by_a_route_that_says_who_may_ask() -> None:
    # design, D5
    assert all(isinstance(page, Page) and page.permissions for page in every_route().values())
