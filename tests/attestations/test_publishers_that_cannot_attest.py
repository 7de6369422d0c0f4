"""Attestations are taken from trusted publishers that they can be checked against, and from nobody else."""

import subprocess
import sys

import pytest

from tests.attestations.refusing import refusal_of
from tests.attestations.samples import GITHUB, GITLAB, Sample


def test_an_upload_with_a_password_or_a_persons_token_cannot_carry_attestations() -> None:
    # TP-32
    assert refusal_of(GITHUB, publisher=None).code == "attestation_unexpected"


@pytest.mark.parametrize(
    "publisher",
    [
        {"kind": "activestate", "issuer": "https://platform.activestate.com/api/v1/oauth/oidc", "name": "x"},
        {"kind": "generic", "issuer": "https://ci.example", "name": "x"},
        {"kind": "GitHub", "issuer": GITHUB.publisher["issuer"], "name": "x"},
    ],
    ids=lambda publisher: publisher["kind"],
)
def test_a_kind_of_publisher_that_attestations_do_not_know_is_refused(publisher: dict[str, str]) -> None:
    assert refusal_of(GITHUB, publisher=publisher).code == "attestation_unexpected"


@pytest.mark.parametrize("sample", [GITHUB, GITLAB], ids=["github", "gitlab"])
@pytest.mark.parametrize("issuer", ["https://git.example", "https://gitlab.com/", "", "http://gitlab.com"])
def test_a_companys_own_server_is_not_taken_for_the_public_one_of_its_kind(
    sample: Sample, issuer: str
) -> None:
    own = {**sample.publisher, "issuer": issuer}
    assert refusal_of(sample, publisher=own).code == "attestation_unexpected"


def test_uploads_without_usable_attestations_do_not_load_the_libraries() -> None:
    program = """
import sys
from pathlib import Path
from strongroom.attestations.verify import verify
from strongroom.kernel.refused import Refused
publisher = {"kind": "gitlab", "issuer": "https://gitlab.com", "repository": "a/b", "workflow": "c"}
for text, who in (("[]", None), ("[]", publisher), ("x" * 999999, publisher), ("{}", publisher)):
    try:
        verify(text, filename="a-1.tar.gz", path=Path("none"), publisher=who, trust_root=None)
    except Refused as refused:
        print(refused.code)
print([name for name in sys.modules if name.split(".")[0] in ("sigstore", "pypi_attestations", "pydantic")])
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == [
        "attestation_unexpected",
        "attestation_empty",
        "attestation_too_large",
        "attestation_malformed",
        "[]",
    ]
