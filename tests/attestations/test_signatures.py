"""Signature, certificate, certificate log, time and transparency log: each must hold, or the upload is refused."""

import base64
import copy
import datetime
import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.attestations.conftest import Own
from tests.attestations.refusing import refusal_of, verified
from tests.attestations.samples import ALL, GITHUB, GITLAB, GOOGLE, STAGING, Sample, base64_of
from tests.attestations.signing import MINUTES, SIGNED, Sigstore

Attested = dict[str, Any]


def _bytes_of(attestation: Attested) -> Iterator[tuple[str, Attested, str]]:
    """Every member that carries bytes: its name, its place."""
    entry = attestation["verification_material"]["transparency_entries"][0]
    yield "signature", attestation["envelope"], "signature"
    yield "certificate", attestation["verification_material"], "certificate"
    yield "body", entry, "canonicalizedBody"
    yield "root", entry["inclusionProof"], "rootHash"
    yield "log", entry["logId"], "keyId"
    yield "promise", entry["inclusionPromise"], "signedEntryTimestamp"


NAMES = [name for name, _, _ in _bytes_of(GITLAB.objects()[0])]


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.publisher["kind"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: content[: len(content) // 2] + b"\1" + content[len(content) // 2 :],
        lambda content: content[:-1],
        lambda content: b"",
        lambda content: content * 2,
    ],
    ids=["changed", "inserted", "shortened", "empty", "doubled"],
)
def test_a_real_attestation_with_damaged_bytes_is_refused(
    sample: Sample, name: str, damage: Callable[[bytes], bytes]
) -> None:
    # TP-32
    attestation = sample.objects()[0]
    for each, place, member in _bytes_of(attestation):
        if each == name:
            place[member] = base64_of(damage(base64.b64decode(place[member])))
    assert refusal_of(sample, [attestation]).code == "attestation_invalid"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["", "=", "\u20ac"], ids=ascii)
def test_what_is_not_base64_is_refused(name: str, text: str) -> None:
    [attestation] = GITLAB.objects()
    for each, place, member in _bytes_of(attestation):
        if each == name:
            place[member] = text
    assert refusal_of(GITLAB, [attestation]).code == "attestation_invalid"


def test_a_real_statement_that_is_said_otherwise_is_refused() -> None:
    """The same meaning in other bytes: what was signed are the bytes."""
    [attestation] = GITLAB.objects()
    statement = base64.b64decode(attestation["envelope"]["statement"])
    attestation["envelope"]["statement"] = base64_of(statement + b" ")
    assert refusal_of(GITLAB, [attestation]).code == "attestation_invalid"


def test_a_signature_over_another_statement_is_refused() -> None:
    publish, slsa = GITHUB.objects()
    publish["envelope"]["signature"] = slsa["envelope"]["signature"]
    assert refusal_of(GITHUB, [publish]).code == "attestation_invalid"


def test_a_certificate_of_another_signature_is_refused() -> None:
    publish, slsa = GITHUB.objects()
    publish["verification_material"]["certificate"] = slsa["verification_material"]["certificate"]
    assert refusal_of(GITHUB, [publish]).code == "attestation_invalid"
    [attestation], [other] = GITLAB.objects(), GOOGLE.objects()
    attestation["verification_material"]["certificate"] = other["verification_material"]["certificate"]
    assert refusal_of(GITLAB, [attestation]).code == "attestation_invalid"
    assert refusal_of(GITLAB, [attestation], publisher=GOOGLE.publisher).code == "attestation_invalid"


def test_a_log_entry_of_another_signature_is_refused() -> None:
    publish, slsa = GITHUB.objects()
    publish["verification_material"]["transparency_entries"] = slsa["verification_material"][
        "transparency_entries"
    ]
    assert refusal_of(GITHUB, [publish]).code == "attestation_invalid"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("integratedTime", "1732037821"),
        ("integratedTime", "0"),
        ("integratedTime", "-1"),
        ("integratedTime", "9" * 18),
        ("integratedTime", "9" * 4000),
        ("integratedTime", None),
        ("logIndex", "1"),
        ("logIndex", "-1"),
        ("logIndex", None),
        ("kindVersion", {"kind": "hashedrekord", "version": "0.0.1"}),
        ("kindVersion", {"kind": "hashedrekord", "version": "0.0.2"}),
        ("kindVersion", {"kind": "intoto", "version": "0.0.2"}),
        ("kindVersion", None),
        ("inclusionPromise", None),
        ("inclusionProof", None),
        ("canonicalizedBody", None),
        ("logId", None),
        ("more", 1),
    ],
)
def test_a_changed_log_entry_is_refused(member: str, value: object) -> None:
    [attestation] = GITLAB.objects()
    attestation["verification_material"]["transparency_entries"][0][member] = value
    assert refusal_of(GITLAB, [attestation]).code == "attestation_invalid"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("treeSize", "1"),
        ("treeSize", "9" * 4000),
        ("treeSize", "-1"),
        ("logIndex", "0"),
        ("hashes", []),
        ("hashes", [base64_of(b"")] * 24),
        ("checkpoint", None),
        ("checkpoint", {"envelope": ""}),
        ("checkpoint", {"envelope": "\n\n\n"}),
        ("checkpoint", {"envelope": "a\n1\n=\n\n\u2014 a AAAAAAAA\n"}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_changed_inclusion_proof_is_refused(member: str, value: object) -> None:
    [attestation] = GITLAB.objects()
    attestation["verification_material"]["transparency_entries"][0]["inclusionProof"][member] = value
    assert refusal_of(GITLAB, [attestation]).code == "attestation_invalid"


def _with_text_behind_the_checkpoint(junk: str) -> str:
    """The library's reader passes over what stands between and behind the signatures of a checkpoint."""
    [attestation] = GITLAB.objects()
    proof = attestation["verification_material"]["transparency_entries"][0]["inclusionProof"]
    proof["checkpoint"]["envelope"] += junk + "\n"
    return json.dumps([attestation])


def test_text_behind_a_checkpoint_that_could_not_be_written_down_is_refused() -> None:
    for junk in ("\ud800", "x\udfff", "\udc00\ud800"):
        text = _with_text_behind_the_checkpoint(junk)
        assert refusal_of(GITLAB, text).code == "attestation_malformed"
    assert refusal_of(GITLAB, _with_text_behind_the_checkpoint("\n\n")).code == "attestation_invalid"


@pytest.mark.parametrize("junk", ["\0", "<script>", '"}', "\U0001f511"], ids=ascii)
def test_other_text_behind_a_checkpoint_stays_text(junk: str) -> None:
    text = _with_text_behind_the_checkpoint(junk)
    document = json.loads(verified(GITLAB, text).document)
    assert document["attestation_bundles"][0]["attestations"] == json.loads(text)


def test_an_entry_without_the_logs_promise_has_no_time_and_is_refused(own: Own) -> None:
    """PEP 740 has no place for a timestamp of another authority, so the promise is what binds the time."""
    assert own.verified(own.attest(promise=True)).predicates
    assert own.refusal(own.attest(promise=False)) == "attestation_invalid"


def test_a_certificate_that_has_expired_since_still_counts(own: Own) -> None:
    """It lives for ten minutes; what counts is that the log had the signature while it was valid."""
    assert own.verified(own.attest(logged=SIGNED + MINUTES / 2)).predicates
    assert own.verified(own.attest(logged=SIGNED - MINUTES / 2)).predicates


@pytest.mark.parametrize("apart", [MINUTES, -MINUTES, datetime.timedelta(days=400)], ids=str)
def test_a_signature_that_was_logged_outside_the_certificates_time_is_refused(
    own: Own, apart: datetime.timedelta
) -> None:
    assert own.refusal(own.attest(logged=SIGNED + apart)) == "attestation_invalid"


@pytest.mark.parametrize("extension", [x509.KeyUsage, x509.ExtendedKeyUsage, x509.SubjectAlternativeName])
def test_a_certificate_that_does_not_say_what_its_key_is_for_is_refused(
    own: Own, extension: type[x509.ExtensionType]
) -> None:
    assert own.refusal(own.attest(without=extension)) == "attestation_invalid"


def test_a_refusal_that_the_libraries_did_not_foresee_is_logged_for_the_operator(
    own: Own, caplog: pytest.LogCaptureFixture
) -> None:
    assert own.refusal(own.attest(without=x509.KeyUsage)) == "attestation_invalid"
    assert [(each.levelname, each.message) for each in caplog.records] == [
        ("WARNING", "attestation refused after an unexpected error")
    ]
    assert vars(caplog.records[0])["error"] == "ExtensionNotFound"


def test_a_sigstore_that_nobody_trusts_is_refused(own: Own) -> None:
    # TP-32
    assert own.refusal(own.attest(), trust_root=None) == "attestation_invalid"


@pytest.mark.parametrize("part", ["authority", "certificate_log", "log"])
def test_each_of_authority_and_logs_must_be_trusted(own: Own, part: str) -> None:
    keys = {name: getattr(own.sigstore, name) for name in ("authority", "certificate_log", "log")}
    stranger = Sigstore(**(keys | {part: getattr(Sigstore(), part)}))
    assert own.verified(Sigstore(**keys).attest(json.dumps(own.statement()).encode())).predicates
    assert own.refusal(stranger.attest(json.dumps(own.statement()).encode())) == "attestation_invalid"


def test_a_real_attestation_of_the_public_test_instance_is_refused() -> None:
    # TP-32
    assert refusal_of(STAGING).code == "attestation_invalid"


def test_the_operators_trust_root_decides_and_not_the_shipped_one(tmp_path: Path) -> None:
    """With the test instance's trust root its signature holds, so that what is refused is the person who signed."""
    shipped = files("sigstore").joinpath("_store", "https%3A%2F%2Ftuf-repo-cdn.sigstage.dev")
    trust_root = tmp_path / "trusted_root.json"
    trust_root.write_bytes(shipped.joinpath("trusted_root.json").read_bytes())
    assert refusal_of(STAGING, trust_root=trust_root).code == "attestation_identity"
    for each in ALL:
        assert refusal_of(each, trust_root=trust_root).code == "attestation_invalid"


def test_a_refusal_leaves_what_comes_after_it_alone() -> None:
    [attestation] = GITLAB.objects()
    before = copy.deepcopy(attestation)
    attestation["envelope"]["signature"] = ""
    assert refusal_of(GITLAB, [attestation]).code == "attestation_invalid"
    assert verified(GITLAB, json.dumps([before])).predicates
