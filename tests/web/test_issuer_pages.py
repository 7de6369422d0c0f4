"""Operators see, add and remove identity providers."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.sections import Feature
from strongroom.tokens.models import Token
from strongroom.trust.models import Issuer, IssuerKeys
from strongroom.trust.new_issuer import SUGGESTIONS
from tests.support.configuration import configured
from tests.support.people import PASSWORD, person
from tests.trust.signing import ec_pen
from tests.trust.trusting import come_with, github, project_of, provider, trusted
from tests.web.browsing import browser_of, location_of, main_of, operator, refused_in, text_of

pytestmark = pytest.mark.django_db

PAGE = "/operate/issuers/"
TYPED = {
    "url": "https://ci.example.com",
    "name": "Forge",
    "kind": "generic",
    "claims": "repository\n\n  workflow  \n",
    "rules": "event_name = push | release\nref=refs/heads/*",
    "pins": "repository_id",
    "static_keys": "",
}


@pytest.fixture
def olga() -> Client:
    return browser_of(operator())


def test_an_operator_adds_a_provider_by_its_claims(olga: Client) -> None:
    assert location_of(olga.post(PAGE, TYPED)) == PAGE
    row = Issuer.objects.get()
    assert (row.url, row.name, row.kind, row.added_by) == (
        "https://ci.example.com",
        "Forge",
        "generic",
        "olga",
    )
    assert (row.fields, row.pins) == (["repository", "workflow"], ["repository_id"])
    assert row.rules == {"event_name": "push | release", "ref": "refs/heads/*"}
    page = main_of(olga.get(PAGE))
    for text in (
        "Forge",
        "push | release",
        "0 publishers rely on it.",
        "Its keys are fetched with the first",
    ):
        assert text in page
    assert Entry.objects.filter(tag="issuer.added", actor_name="olga").count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "code", "status"),
    [
        ({"url": ""}, "url", "required", 422),
        ({"url": "http://ci.example.com"}, "url", "issuer_url_invalid", 422),
        ({"url": "https://gitlab.com"}, "url", "issuer_is_preset", 409),
        ({"name": ""}, "name", "required", 422),
        ({"name": "a\u202eb"}, "name", "issuer_name_invalid", 422),
        ({"kind": "google"}, "kind", "invalid_choice", 422),
        ({"claims": "sub claim"}, "claims", "issuer_claim_invalid", 422),
        ({"claims": "", "rules": "ref = *"}, "claims", "issuer_pins_nothing", 422),
        ({"rules": "event_name"}, "rules", "rules_unreadable", 422),
        ({"rules": "ref = a\nref = b"}, "rules", "rules_unreadable", 422),
        ({"rules": "aud = us"}, "rules", "issuer_claim_invalid", 422),
        ({"pins": "iss"}, "pins", "issuer_claim_invalid", 422),
        ({"static_keys": "{}"}, "static_keys", "issuer_keys_invalid", 422),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_is_believed(
    olga: Client, changes: dict[str, str], field: str, code: str, status: int
) -> None:
    answer = olga.post(PAGE, {**TYPED, **changes})
    assert (answer.status_code, refused_in(answer)) == (status, code)
    assert f'href="#id_{field}"' in main_of(answer)
    assert f'id="id_{field}"' in main_of(answer)
    assert f'id="id_{field}_error"' in main_of(answer)
    assert not Issuer.objects.exists()
    assert not Entry.objects.filter(tag="issuer.added").exists()


def test_keys_can_be_pasted_in(olga: Client) -> None:
    keys = json.dumps({"keys": [dict(ec_pen().jwk)]})
    olga.post(PAGE, {**TYPED, "static_keys": keys})
    assert json.loads(Issuer.objects.get().static_keys) == json.loads(keys)
    assert "Its keys were pasted in." in main_of(olga.get(PAGE))


@pytest.mark.parametrize("place", range(len(SUGGESTIONS)), ids=[one.title for one in SUGGESTIONS])
def test_what_fits_a_well_known_service_is_filled_in_and_can_be_added_as_it_is(
    olga: Client, place: int
) -> None:
    links = re.findall(r'href="(\?like=[\w-]+)#add"', text_of(olga.get(PAGE)))
    suggestion = SUGGESTIONS[place]
    page = olga.get(PAGE + links[place])
    assert f'name="url" value="{suggestion.url}"' in main_of(page)
    typed = _typed_in(text_of(page))
    assert location_of(olga.post(PAGE, typed)) == PAGE
    row = Issuer.objects.get()
    assert (row.url, row.kind, tuple(row.fields), tuple(row.pins)) == (
        suggestion.url,
        suggestion.kind,
        suggestion.fields,
        suggestion.pins,
    )
    assert row.rules == suggestion.rules


def test_removing_names_how_many_publishers_stop_and_ends_their_tokens(olga: Client) -> None:
    provider()
    alice = person("alice")
    trusted(alice, project_of(alice))
    come_with(github())
    path = f"{PAGE}{Issuer.objects.get().pk}/remove/"
    assert "1 publisher stops" in main_of(olga.get(path))
    assert Issuer.objects.exists()
    assert location_of(olga.post(path)) == PAGE
    assert not Issuer.objects.exists()
    assert not Token.objects.exists()
    assert olga.post(path).status_code == 404


def test_others_see_no_provider_and_change_none() -> None:
    provider()
    alice = browser_of(person("alice"))
    for path in (PAGE, f"{PAGE}{Issuer.objects.get().pk}/remove/"):
        for send in (alice.get, alice.post):
            answer = send(path, TYPED)
            assert (answer.status_code, refused_in(answer)) == (403, "not_operator")
    assert Issuer.objects.count() == 1


def test_an_old_proof_is_asked_for_again_and_the_form_is_kept() -> None:
    # SU-06
    stale = browser_of(operator(), fresh=False)
    assert stale.get(PAGE).status_code == 200
    answer = stale.post(PAGE, TYPED)
    assert not Issuer.objects.exists()
    proven = stale.post(location_of(answer), {"password": PASSWORD})
    page = main_of(stale.get(location_of(proven)))
    assert "Believe the identity provider Forge (https://ci.example.com)." in page
    assert "repository" in page


def test_presets_tell_whether_they_are_on_and_how_their_keys_came(olga: Client) -> None:
    IssuerKeys.objects.create(
        issuer="https://gitlab.com", fetched=clock.now(), tried=clock.now(), failed="it is down"
    )
    with configured("trusted_publishing", providers=("github", "gitlab")):
        page = main_of(olga.get(PAGE))
    assert "GitHub Actions" in page
    assert "it is down" in page
    assert "Its keys were fetched" in page
    assert re.search(r"Switched off:.*google.*activestate", page, re.DOTALL)
    assert "/remove/" not in page


def test_names_are_shown_as_text(olga: Client) -> None:
    script = "<script>alert(1)</script>"
    olga.post(PAGE, {**TYPED, "name": script, "rules": f"ref = {script}"})
    for path in (PAGE, f"{PAGE}{Issuer.objects.get().pk}/remove/"):
        page = text_of(olga.get(path))
        assert script not in page
        assert script in unescape(page)


def test_a_site_without_trusted_publishing_says_so(olga: Client) -> None:
    assert "trusted_publishing_off" not in text_of(olga.get(PAGE))
    with configured("trusted_publishing", enabled=Feature.OFF):
        assert refused_in(olga.get(PAGE)) == "trusted_publishing_off"
    assert f'href="{PAGE}"' in text_of(olga.get("/operate/"))


def _typed_in(page: str) -> dict[str, str]:
    """What the form to add a provider holds."""
    typed = dict.fromkeys(TYPED, "")
    for name, value in re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', page):
        typed[name] = unescape(value)
    for name, value in re.findall(r'<textarea name="(\w+)"[^>]*>\r?\n?(.*?)</textarea>', page, re.DOTALL):
        typed[name] = unescape(value)
    typed["kind"] = re.findall(r'name="kind" value="(\w+)"[^>]*checked', page)[0]
    return typed
