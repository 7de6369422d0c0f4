"""Only the trusted publisher that sends the file can have signed its attestations."""

from collections.abc import Mapping

import pytest
from cryptography import x509
from pypi_attestations import Attestation

from strongroom.attestations.identities import SignedBy, as_published
from strongroom.kernel.refused import Refused
from tests.attestations.conftest import Own
from tests.attestations.refusing import refusal_of, verified
from tests.attestations.samples import ALL, GITHUB, GITLAB, GOOGLE, Sample
from tests.attestations.signing import DIGEST, ISSUER, OLD_ISSUER, REF, REPOSITORY, WORKFLOW
from tests.attestations.signing import GITHUB as CLAIMS

OTHERS = [
    (GITHUB, {"repository": "trailofbits/pypi-attestations2"}),
    (GITHUB, {"repository": "trailofbits/PyPI-attestations"}),
    (GITHUB, {"repository": "mallory/pypi-attestations"}),
    (GITHUB, {"repository": "trailofbits/pypi-attestations/"}),
    (GITHUB, {"repository": ""}),
    (GITHUB, {"workflow": "release.yaml"}),
    (GITHUB, {"workflow": "../workflows/release.yml"}),
    (GITHUB, {"workflow": "release.yml@refs/tags/v0.0.19"}),
    (GITHUB, {"workflow": ""}),
    (GITLAB, {"repository": "facutuesca/gitlab-oidc-project2"}),
    (GITLAB, {"repository": "facutuesca"}),
    (GITLAB, {"workflow": "gitlab-ci.yml"}),
    (GITLAB, {"workflow": "/.gitlab-ci.yml"}),
    (GOOGLE, {"email": "mallory@developer.gserviceaccount.com"}),
    (GOOGLE, {"email": GOOGLE.publisher["email"].upper()}),
    (GOOGLE, {"email": ""}),
]


@pytest.mark.parametrize(("sample", "changed"), OTHERS)
def test_an_attestation_of_another_identity_is_refused(sample: Sample, changed: dict[str, str]) -> None:
    # TP-32
    publisher = {**sample.publisher, **changed}
    assert refusal_of(sample, publisher=publisher).code == "attestation_identity"


@pytest.mark.parametrize("signed", ALL, ids=lambda sample: sample.publisher["kind"])
@pytest.mark.parametrize("sender", ALL, ids=lambda sample: sample.publisher["kind"])
def test_a_publisher_of_another_kind_is_refused(signed: Sample, sender: Sample) -> None:
    # TP-32
    if signed is sender:
        assert verified(signed, publisher=sender.publisher).predicates
    else:
        assert refusal_of(signed, publisher=sender.publisher).code == "attestation_identity"


def test_the_same_path_on_another_kind_of_host_is_another_identity() -> None:
    publisher = {**GITHUB.publisher, "kind": "gitlab", "issuer": "https://gitlab.com"}
    publisher["workflow"] = ".github/workflows/release.yml"
    assert refusal_of(GITHUB, publisher=publisher).code == "attestation_identity"


@pytest.mark.parametrize(
    "changed",
    [
        {ISSUER: "https://token.actions.githubusercontent.com/acme"},
        {ISSUER: "https://gitlab.com"},
        {ISSUER: None},
        {REPOSITORY: "https://github.com/mallory/widget"},
        {REPOSITORY: None},
        {WORKFLOW: "https://github.com/mallory/widget/.github/workflows/release.yml@refs/tags/v1"},
        {WORKFLOW: "https://github.com/acme/widget/.github/workflows/other.yml@refs/tags/v1"},
        {WORKFLOW: "https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/other"},
        {WORKFLOW: "https://github.com/acme/widget/.github/workflows/release.yml@"},
        {WORKFLOW: None},
        {DIGEST: None, REF: None},
        {DIGEST: "", REF: ""},
    ],
    ids=str,
)
def test_a_certificate_of_another_workflow_is_refused(own: Own, changed: dict[str, str | None]) -> None:
    # TP-32
    claims = {name: text for name, text in (CLAIMS | changed).items() if text is not None}
    assert own.refusal(own.attest(claims=claims)) == "attestation_identity"


def test_the_workflow_may_be_named_by_ref_or_by_commit(own: Own) -> None:
    workflow, _, _ = CLAIMS[WORKFLOW].partition("@")
    by_commit = CLAIMS | {WORKFLOW: f"{workflow}@{CLAIMS[DIGEST]}"}
    assert own.verified(own.attest(claims=by_commit)).predicates
    del by_commit[REF]
    assert own.verified(own.attest(claims=by_commit)).predicates


@pytest.mark.parametrize(
    ("email", "issuer", "code"),
    [
        ("robot@example.org", "https://accounts.google.com", None),
        ("robot@example.org", "https://github.com/login/oauth", "attestation_identity"),
        ("robot@example.org", "https://accounts.google.com/", "attestation_identity"),
        ("mallory@example.org", "https://accounts.google.com", "attestation_identity"),
    ],
)
def test_an_address_counts_only_with_googles_word_for_it(
    own: Own, email: str, issuer: str, code: str | None
) -> None:
    # TP-32
    publisher = {**GOOGLE.publisher, "email": "robot@example.org"}
    attestation = own.attest(claims={OLD_ISSUER: issuer, ISSUER: issuer}, name=x509.RFC822Name(email))
    if code is None:
        assert own.verified(attestation, publisher=publisher).predicates
    else:
        assert own.refusal(attestation, publisher=publisher) == code


@pytest.mark.parametrize(
    ("sample", "changed"), [*OTHERS, *((each, {}) for each in ALL)], ids=lambda value: str(value)[:40]
)
@pytest.mark.parametrize("signed", ALL, ids=lambda sample: sample.publisher["kind"])
def test_readers_of_the_provenance_ask_for_the_same_identity(
    sample: Sample, changed: dict[str, str], signed: Sample
) -> None:
    """The policy of pypi_attestations for the publisher that we would write down, against ours."""
    publisher = {**sample.publisher, **changed}
    for each in signed.objects():
        attestation = Attestation.model_validate(each)
        certificate = x509.load_der_x509_certificate(attestation.verification_material.certificate)
        assert _ours(publisher, attestation, certificate) == _theirs(publisher, certificate)


def _ours(publisher: Mapping[str, str], attestation: Attestation, certificate: x509.Certificate) -> bool:
    try:
        SignedBy(publisher, attestation=attestation).verify(certificate)
    except Refused:
        return False
    return True


def _theirs(publisher: Mapping[str, str], certificate: x509.Certificate) -> bool:
    try:
        as_published(publisher)._as_policy().verify(certificate)
    except Exception:
        return False
    return True
