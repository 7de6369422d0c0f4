"""An attestation states one thing of a known kind about the very file that it comes with."""

import json
from pathlib import Path
from typing import Any

import pytest
from pypi_attestations import AttestationType

from tests.attestations.conftest import FILENAME, Own
from tests.attestations.refusing import refusal_of
from tests.attestations.samples import GITHUB, GITLAB

SLSA = AttestationType.SLSA_PROVENANCE_V1.value
PUBLISH = AttestationType.PYPI_PUBLISH_V1.value


def test_an_attestation_of_our_own_sigstore_verifies(own: Own) -> None:
    """What the refusals below are compared with: they differ from this in one thing."""
    answer = own.verified(own.attest())
    assert answer.predicates == (PUBLISH,)
    assert json.loads(answer.document)["attestation_bundles"][0]["publisher"] == {
        "kind": "GitHub",
        "repository": "acme/widget",
        "workflow": "release.yml",
        "environment": None,
    }


def test_a_real_attestation_of_other_bytes_is_refused(tmp_path: Path) -> None:
    # TP-32
    path = tmp_path / GITHUB.filename
    path.write_bytes(GITHUB.path.read_bytes() + b"\0")
    assert refusal_of(GITHUB, path=path).code == "attestation_subject"


def test_a_real_attestation_of_another_file_is_refused() -> None:
    # TP-32
    assert refusal_of(GITHUB, path=GITLAB.path).code == "attestation_subject"
    assert refusal_of(GITHUB, path=GITLAB.path, filename=GITLAB.filename).code == "attestation_subject"


@pytest.mark.parametrize(
    "filename",
    [
        "pypi_attestations-0.0.20.tar.gz",
        "pypi_attestation-0.0.19.tar.gz",
        "pypi_attestations-0.0.19.zip.tar.gz",
        "pypi_attestations-0.0.19-py3-none-any.whl",
        "nonsense",
    ],
)
def test_a_real_attestation_is_refused_with_a_file_of_another_name(filename: str) -> None:
    # TP-32
    assert refusal_of(GITHUB, filename=filename).code == "attestation_subject"


@pytest.mark.parametrize("digest", ["sha512", "sha384"])
def test_a_digest_of_another_kind_does_not_stand_in_for_sha256(own: Own, digest: str) -> None:
    value = own.statement()["subject"][0]["digest"]["sha256"]
    statement = own.statement(subject=[{"name": FILENAME, "digest": {digest: value}}])
    assert own.refusal(own.attest(statement)) == "attestation_malformed"


def test_a_digest_in_upper_case_is_refused(own: Own) -> None:
    value = own.statement()["subject"][0]["digest"]["sha256"].upper()
    statement = own.statement(subject=[{"name": FILENAME, "digest": {"sha256": value}}])
    assert own.refusal(own.attest(statement)) == "attestation_subject"


@pytest.mark.parametrize(
    "name",
    [
        "widget-1.0-py3-none-any.whl ",
        "../widget-1.0-py3-none-any.whl",
        "widget-1.1-py3-none-any.whl",
        "",
        "x",
    ],
)
def test_a_signed_attestation_of_another_name_is_refused(own: Own, name: str) -> None:
    # TP-32
    subject = own.statement()["subject"][0] | {"name": name}
    assert own.refusal(own.attest(own.statement(subject=[subject]))) == "attestation_subject"


def test_names_that_say_the_same_in_another_spelling_are_one_name(own: Own) -> None:
    """As the public index and its tools compare them; the digest is the same in any case."""
    filename = "my_widget-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    subject = own.statement()["subject"][0]
    subject["name"] = "My.Widget-1.0-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
    attestation = own.attest(own.statement(subject=[subject]))
    assert own.verified(attestation, filename=filename).predicates == (PUBLISH,)


def test_an_sdist_in_another_format_is_another_file(own: Own) -> None:
    subject = own.statement()["subject"][0] | {"name": "widget-1.0.zip"}
    attestation = own.attest(own.statement(subject=[subject]))
    assert own.refusal(attestation, filename="widget-1.0.tar.gz") == "attestation_subject"


@pytest.mark.parametrize("count", [20, 2_000, 30_000])
def test_a_name_with_countless_combinations_of_tags_is_refused_at_once(own: Own, count: int) -> None:
    tags = ".".join(["a"] * count)
    subject = own.statement()["subject"][0] | {"name": f"widget-1.0-{tags}-{tags}-{tags}.whl"}
    attestation = own.attest(own.statement(subject=[subject]))
    assert own.refusal(attestation) == "attestation_subject"  # or it would take years


@pytest.mark.parametrize(
    "predicate",
    [
        "https://slsa.dev/provenance/v0.2",
        "https://slsa.dev/provenance/v1/",
        "https://slsa.dev/verification_summary/v1",
        "https://in-toto.io/attestation/release/v0.1",
        PUBLISH + " ",
        PUBLISH.upper(),
        "",
    ],
)
def test_a_signed_attestation_of_an_unknown_predicate_is_refused(own: Own, predicate: str) -> None:
    # TP-32
    assert own.refusal(own.attest(own.statement(predicateType=predicate))) == "attestation_predicate"


def test_two_attestations_of_one_type_are_refused(own: Own) -> None:
    # TP-32
    assert refusal_of(GITLAB, GITLAB.objects() * 2).code == "attestation_repeated"
    assert own.refusal(own.attest(), own.attest()) == "attestation_repeated"
    third = own.attest(own.statement(predicateType=SLSA, predicate={}))
    assert own.refusal(own.attest(), third, own.attest()) == "attestation_repeated"
    assert own.verified(own.attest(), third).predicates == (PUBLISH, SLSA)


def test_one_good_attestation_does_not_carry_another(own: Own) -> None:
    other = own.attest(own.statement(predicateType=SLSA), claims={})
    assert own.refusal(own.attest(), other) == "attestation_identity"
    assert own.refusal(other, own.attest()) == "attestation_identity"


@pytest.mark.parametrize(
    "changed",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"_type": ...},
        {"_type": ..., "type_": "https://in-toto.io/Statement/v1"},
        {"subject": []},
        {"subject": ...},
        {"subject": [{"name": None, "digest": {"sha256": "0" * 64}}]},
        {"subject": [{"digest": {"sha256": "0" * 64}}]},
        {"subject": [{"name": FILENAME}]},
        {"subject": [{"name": FILENAME, "digest": {"sha256": 1}}]},
        {"subject": {"name": FILENAME}},
        {"predicateType": ...},
        {"predicateType": 1},
    ],
    ids=lambda changed: ascii(list(changed.items())[-1])[:40],
)
def test_a_signed_statement_of_another_shape_is_refused(own: Own, changed: dict[str, Any]) -> None:
    assert own.refusal(own.attest(own.statement(**changed))) == "attestation_malformed"


def test_a_statement_about_two_files_is_refused(own: Own) -> None:
    subject = own.statement()["subject"]
    assert own.refusal(own.attest(own.statement(subject=subject * 2))) == "attestation_malformed"


def test_a_predicate_that_is_no_object_is_refused(own: Own) -> None:
    assert own.refusal(own.attest(own.statement(predicate=[1]))) == "attestation_invalid"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff", b"{", b"[" * 4000, b"[" * 100_000, b"\xef\xbb\xbf{}"],
    ids=lambda content: ascii(content[:9]),
)
def test_a_signed_payload_that_is_no_statement_is_refused(own: Own, content: bytes) -> None:
    assert own.refusal(own.attest(content)) == "attestation_malformed"


def test_a_signed_statement_in_which_a_name_stands_twice_is_refused(own: Own) -> None:
    plain = json.dumps(own.statement())
    for name in ("_type", "subject", "predicateType", "sha256", "name"):
        doubled = plain.replace(f'"{name}":', f'"{name}": "x", "{name}":', 1)
        assert own.refusal(own.attest(doubled.encode())) == "attestation_malformed"


def test_members_that_in_toto_does_not_know_are_ignored_even_if_a_library_knows_them(own: Own) -> None:
    other = [{"name": "other-1.0.tar.gz", "digest": {"sha256": "0" * 64}}]
    statement = own.statement(subjects=other, predicate_type="x", type_="x", more=1)
    assert own.verified(own.attest(statement)).predicates == (PUBLISH,)
