"""The form of a token that meets an old proof: it is kept whole, told in words, and sent by hand."""

import re
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.projects.models import Project
from strongroom.tokens.models import Token
from strongroom.tokens.spelling import MAX_NAMED
from tests.support.people import PASSWORD, person
from tests.web.browsing import browser_of, location_of, main_of, text_of
from tests.web.content import publish
from tests.web.token_form import EVERYTHING, REAUTHENTICATE, TOKEN, form

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def box(alice: User) -> Project:
    return publish(alice, "Strong.Box")


def kept(stale: Client, sent: dict[str, Any]) -> tuple[str, str]:
    """The address and the page of what was kept, after the proof."""
    onward = parse_qs(urlsplit(location_of(stale.post(TOKEN, sent))).query)["next"][0]
    stale.post(REAUTHENTICATE, {"password": PASSWORD, "next": onward})
    return onward, main_of(stale.get(onward))


def test_a_form_that_meets_an_old_proof_comes_back_whole_and_in_words(alice: User, box: Project) -> None:
    # SU-06
    publish(alice, "vault")
    stale = browser_of(alice, fresh=False)
    _onward, page = kept(stale, EVERYTHING)
    for sentence in (
        "Make the API token “Build server”.",
        "For Strong.Box and vault, and for every project of yours with the name acme-* or other-name, also those to come.",
        "It may upload and yank.",
        "Not before 1 May 2030 (UTC).",
        "Only from 192.0.2.0/24 or 2001:db8::1.",
        "For 3 uses: each file published and each release yanked is one.",
        "Only for version 1.0.",
        "Only for 2 files, with the SHA-256 digests a1a1a1a1a1a1…, b2b2b2b2b2b2…",
        "It works through 31 May 2030 (UTC).",
    ):
        assert sentence in page
    assert not Token.objects.exists()
    hidden: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page):
        hidden.setdefault(name, []).append(value)
    assert stale.post(TOKEN, hidden).status_code == 200
    by_hand = Token.objects.get()
    Token.objects.all().delete()
    browser_of(alice).post(TOKEN, EVERYTHING)
    assert by_hand.restrictions == Token.objects.get().restrictions


def test_a_form_full_to_the_brim_survives_an_old_proof(alice: User) -> None:
    for number in range(MAX_NAMED):
        publish(alice, f"project-{number}-of-alice")
    full = {
        **EVERYTHING,
        "name": "n" * 100,
        "projects": [f"project-{number}-of-alice" for number in range(MAX_NAMED)],
        "patterns": " ".join(f"name-{number}-*" for number in range(MAX_NAMED)),
        "networks": " ".join(f"10.{number}.0.0/16" for number in range(MAX_NAMED)),
        "sha256": "\n".join(sha256(bytes([number])).hexdigest() for number in range(MAX_NAMED)),
    }
    _onward, page = kept(browser_of(alice, fresh=False), full)
    assert "Only for 20 files" in page


def test_mistakes_in_a_form_that_was_kept_are_told_before_it_is_sent(alice: User) -> None:
    stale = browser_of(alice, fresh=False)
    _onward, page = kept(stale, form(networks="10.0.0.0/33", name="<script>alert(1)</script>"))
    assert "There is a mistake in it, which the form will show once it is sent." in page
    assert "<script>" not in text_of(stale.get(_onward))
