"""Distributions that were really published with attestations, and whose publishers are known. See real/README.md."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REAL = Path(__file__).with_name("real")

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"


@dataclass(frozen=True)
class Sample:
    """A distribution's name, its attestations and its trusted publisher, as the upload knows them."""

    filename: str
    attestations: tuple[str, ...]
    publisher: Mapping[str, str]

    @property
    def path(self) -> Path:
        """The distribution."""
        return REAL / self.filename

    def objects(self) -> list[dict[str, Any]]:
        """The attestation objects, each parsed anew."""
        return [json.loads((REAL / each).read_text()) for each in self.attestations]

    @property
    def text(self) -> str:
        """The form's field, as publishing tools fill it."""
        return json.dumps(self.objects())


GITHUB = Sample(
    "pypi_attestations-0.0.19.tar.gz",
    ("github.publish.json", "github.slsa.json"),
    {
        "kind": "github",
        "issuer": GITHUB_ISSUER,
        "name": "trailofbits/pypi-attestations, release.yml",
        "repository": "trailofbits/pypi-attestations",
        "workflow": "release.yml",
        "environment": "",
    },
)
GITLAB = Sample(
    "gitlab_oidc_project-0.0.3.tar.gz",
    ("gitlab.publish.json",),
    {
        "kind": "gitlab",
        "issuer": "https://gitlab.com",
        "name": "facutuesca/gitlab-oidc-project, .gitlab-ci.yml",
        "repository": "facutuesca/gitlab-oidc-project",
        "workflow": ".gitlab-ci.yml",
        "environment": "",
    },
)
GOOGLE = Sample(
    "gcb_attestation_test-0.0.0.tar.gz",
    ("google.publish.json",),
    {
        "kind": "google",
        "issuer": "https://accounts.google.com",
        "name": "919436158236-compute@developer.gserviceaccount.com",
        "email": "919436158236-compute@developer.gserviceaccount.com",
    },
)
STAGING = Sample(
    "rfc8785-0.1.2-py3-none-any.whl", ("staging.publish.json",), GITHUB.publisher
)  # signed by a person, in the public test instance

ALL = (GITHUB, GITLAB, GOOGLE)


def statement_of(attestation: Mapping[str, Any]) -> dict[str, Any]:
    """What an attestation object states."""
    return json.loads(base64.b64decode(attestation["envelope"]["statement"]))


def base64_of(content: bytes) -> str:
    """``content`` as attestation objects carry bytes."""
    return base64.b64encode(content).decode()
