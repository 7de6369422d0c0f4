"""The providers that are believed: presets, and what an operator adds, each mistake told by its field."""

import json
from typing import Any

import pytest

from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import PROVIDERS
from strongroom.trust import issuers
from strongroom.trust.models import MAX_ISSUER, Issuer
from strongroom.trust.new_issuer import KINDS, PRESETS, SUGGESTIONS, NewIssuer
from tests.support.configuration import configured
from tests.support.people import refusal_of
from tests.trust.signing import ec_pen, rsa_pen

pytestmark = pytest.mark.django_db

SOUND: dict[str, Any] = {
    "url": "https://ci.example.com/oidc",
    "name": "CI",
    "kind": "generic",
    "fields": ("sub",),
    "rules": {"ref": "refs/tags/*|refs/heads/main"},
    "pins": ("project_id",),
}


def add(**changes: Any) -> issuers.KnownIssuer:
    return issuers.add(NewIssuer(**{**SOUND, **changes}), by=Actor.console())


def mistake(**changes: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        add(**changes)
    assert not Issuer.objects.exists()
    return refused.value.code, refused.value.field


def test_presets_come_in_the_configurations_order() -> None:
    assert [issuer.kind for issuer in issuers.known()] == list(PROVIDERS)
    assert {issuer.url for issuer in issuers.known()} == set(PRESETS.values())
    with configured("trusted_publishing", providers=("google", "github")):
        assert [issuer.kind for issuer in issuers.known()] == ["google", "github"]
        assert issuers.find(PRESETS["gitlab"]) is None
    assert all(issuer.preset and issuer.reading.fields for issuer in issuers.known())


def test_an_added_issuer_is_known_by_its_exact_url() -> None:
    # TP-04
    added = add()
    assert issuers.find("https://ci.example.com/oidc") == added or added.reading is not None
    for other in (
        "https://ci.example.com/oidc/",
        "https://CI.example.com/oidc",
        "http://ci.example.com/oidc",
        "\0",
        "",
    ):
        assert issuers.find(other) is None
    (row,) = [listed for listed in issuers.listed() if not listed.issuer.preset]
    assert (row.issuer.name, row.added_by, row.publishers) == ("CI", "console", 0)
    assert row.issuer.rules == {"ref": "refs/tags/* | refs/heads/main"}
    assert Entry.objects.get(tag="issuer.added").details["url"] == SOUND["url"]


@pytest.mark.parametrize(
    "url",
    ["", "ci.example.com", "http://ci.example.com", "ftp://ci.example.com", "https://", "https://ci.example.com/?a=b",
     "https://ci.example.com/?", "https://ci.example.com/#a", "https://ci.example.com/#", "https://a:b@ci.example.com",
     "https://a@ci.example.com", "https://ci.exämple.com", "https://ci.example.com/ a", "https://ci.example.com\n",
     "https://ci.example.com/" + "a" * MAX_ISSUER, "https://[::1", "javascript:alert(1)"],
)  # fmt: skip
def test_an_address_is_https_a_host_and_a_path(url: str) -> None:
    assert mistake(url=url) == ("issuer_url_invalid", "url")


@pytest.mark.parametrize(
    "url", ["http://localhost:8443", "http://127.0.0.1:1", "http://[::1]:8080/x", "https://10.0.0.7"]
)
def test_providers_of_this_machine_and_network_may_be_added(url: str) -> None:
    assert add(url=url).url == url


@pytest.mark.parametrize("url", [*PRESETS.values(), "https://gitlab.com/"])
def test_a_preset_is_not_added_again(url: str) -> None:
    assert mistake(url=url) == ("issuer_is_preset", "url")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": " "}, "issuer_name_invalid", "name"),
        ({"name": "a\nb"}, "issuer_name_invalid", "name"),
        ({"name": "a" * 201}, "issuer_name_invalid", "name"),
        ({"kind": "google"}, "issuer_kind_unknown", "kind"),
        ({"kind": ""}, "issuer_kind_unknown", "kind"),
        ({"fields": ("a b",)}, "issuer_claim_invalid", "fields"),
        ({"fields": ("sub", "sub")}, "issuer_claim_invalid", "fields"),
        ({"fields": ("aud",)}, "issuer_claim_invalid", "fields"),
        ({"fields": tuple(f"c{n}" for n in range(21))}, "issuer_claim_invalid", "fields"),
        ({"fields": ("x" * 101,)}, "issuer_claim_invalid", "fields"),
        ({"rules": {"ref": " | "}}, "issuer_claim_invalid", "rules"),
        ({"rules": {"ref": "a\nb"}}, "issuer_claim_invalid", "rules"),
        ({"rules": {"exp": "1"}}, "issuer_claim_invalid", "rules"),
        ({"pins": ("ä",)}, "issuer_claim_invalid", "pins"),
        ({"fields": (), "rules": {}}, "issuer_pins_nothing", "fields"),
        ({"fields": (), "rules": {"sub": "*"}}, "issuer_pins_nothing", "fields"),
        ({"fields": (), "rules": {"sub": "a|repo:*"}}, "issuer_pins_nothing", "fields"),
        ({"static_keys": "x"}, "issuer_keys_invalid", "static_keys"),
        ({"static_keys": "{}"}, "issuer_keys_invalid", "static_keys"),
        ({"static_keys": '{"keys": []}'}, "issuer_keys_invalid", "static_keys"),
        ({"static_keys": '{"keys": [{"kty": "oct", "kid": "a", "k": "AA"}]}'}, "issuer_keys_invalid", "static_keys"),
        ({"static_keys": json.dumps({"keys": [{**ec_pen().jwk, "d": "AA"}]})}, "issuer_keys_invalid", "static_keys"),
        ({"static_keys": json.dumps({"keys": [dict(ec_pen().jwk)], "pad": "x" * 70_000})}, "issuer_keys_invalid", "static_keys"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_by_its_field(changes: dict[str, Any], code: str, field: str) -> None:
    assert mistake(**changes) == (code, field)


def test_a_rule_for_one_text_is_enough_to_tell_identities_apart() -> None:
    add(fields=(), rules={"sub": "system:serviceaccount:ci:publisher"})
    assert Issuer.objects.get().fields == []


def test_public_keys_are_taken() -> None:
    keys = json.dumps({"keys": [dict(ec_pen().jwk), dict(rsa_pen().jwk)]})
    assert add(static_keys=f" {keys}\n").static_keys == keys


def test_address_and_name_are_taken_once() -> None:
    add()
    assert refusal_of(lambda: add(name="Other")) == "issuer_taken"
    assert refusal_of(lambda: add(url="https://other.example.com")) == "issuer_taken"
    assert Issuer.objects.count() == 1


def test_what_is_gone_cannot_be_removed() -> None:
    add()
    row = Issuer.objects.get()
    issuers.remove(row.pk, by=Actor.console())
    assert refusal_of(lambda: issuers.remove(row.pk, by=Actor.console())) == "issuer_unknown"
    assert Entry.objects.filter(tag="issuer.removed", outcome="done").count() == 1


def test_what_is_suggested_can_be_added() -> None:
    for number, suggested in enumerate(SUGGESTIONS):
        assert suggested.kind in KINDS
        assert suggested.title
        known = add(
            url=suggested.url, name=f"{number}", kind=suggested.kind, fields=suggested.fields,
            rules=suggested.rules, pins=suggested.pins,
        )  # fmt: skip
        assert known.reading.fields
