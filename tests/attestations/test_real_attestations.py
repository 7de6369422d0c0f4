"""Distributions that were published with attestations are verified, and their provenance is what PEP 740 describes."""

import json

import pypi_attestations
import pytest

from tests.attestations.refusing import verified
from tests.attestations.samples import ALL, GITHUB, GITLAB, GOOGLE, Sample, statement_of

by_kind = pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.publisher["kind"])


@by_kind
def test_the_provenance_has_the_attestations_as_they_were_sent(sample: Sample) -> None:
    document = json.loads(verified(sample).document)
    [bundle] = document.pop("attestation_bundles")
    assert document == {"version": 1}
    assert bundle["attestations"] == sample.objects()


@by_kind
def test_the_predicates_are_named_in_their_order(sample: Sample) -> None:
    expected = tuple(statement_of(each)["predicateType"] for each in sample.objects())
    assert verified(sample).predicates == expected
    assert len(expected) == len(sample.attestations)


def test_a_file_may_have_one_attestation_of_each_type() -> None:
    kinds = pypi_attestations.AttestationType
    assert verified(GITHUB).predicates == (kinds.PYPI_PUBLISH_V1.value, kinds.SLSA_PROVENANCE_V1.value)


@pytest.mark.parametrize(
    ("sample", "publisher"),
    [
        (
            GITHUB,
            {
                "kind": "GitHub",
                "repository": "trailofbits/pypi-attestations",
                "workflow": "release.yml",
                "environment": None,
            },
        ),
        (
            GITLAB,
            {
                "kind": "GitLab",
                "repository": "facutuesca/gitlab-oidc-project",
                "workflow_filepath": ".gitlab-ci.yml",
                "environment": None,
            },
        ),
        (
            GOOGLE,
            {"kind": "Google", "email": "919436158236-compute@developer.gserviceaccount.com"},
        ),
    ],
    ids=lambda value: value.publisher["kind"] if isinstance(value, Sample) else "",
)
def test_the_publisher_is_spelled_as_the_public_index_spells_it(
    sample: Sample, publisher: dict[str, str]
) -> None:
    [bundle] = json.loads(verified(sample).document)["attestation_bundles"]
    assert bundle["publisher"] == publisher


def test_the_environment_is_named_when_the_publisher_has_one() -> None:
    for sample in (GITHUB, GITLAB):
        answer = verified(sample, publisher={**sample.publisher, "environment": "release"})
        [bundle] = json.loads(answer.document)["attestation_bundles"]
        assert bundle["publisher"]["environment"] == "release"


@by_kind
def test_a_reader_of_the_provenance_comes_to_the_same_answer(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # the reader keeps a trust root there
    answer = verified(sample)
    provenance = pypi_attestations.Provenance.model_validate_json(answer.document)
    [bundle] = provenance.attestation_bundles
    distribution = pypi_attestations.Distribution.from_file(sample.path)
    read = [each.verify(bundle.publisher, distribution, offline=True)[0] for each in bundle.attestations]
    assert tuple(read) == answer.predicates


def test_what_the_format_does_not_know_is_not_passed_on() -> None:
    [attestation] = GITLAB.objects()
    plain = verified(GITLAB).document
    attestation["note"] = "trust me"
    attestation["envelope"]["note"] = "trust me"
    attestation["verification_material"]["note"] = "trust me"
    assert verified(GITLAB, json.dumps([attestation])).document == plain
