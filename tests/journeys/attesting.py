"""Attestations of wheels, signed by a sigstore of our own as a workflow of GitHub's would sign them."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pypi_attestations import AttestationType

from tests.attestations.signing import DIGEST, ISSUER, REF, REPOSITORY, WORKFLOW, Sigstore
from tests.journeys.publishing_clients import Wheel
from tests.support.runs import Run, in_github

GITHUB = "https://token.actions.githubusercontent.com"
PUBLISH, SLSA = AttestationType.PYPI_PUBLISH_V1.value, AttestationType.SLSA_PROVENANCE_V1.value


def at_github(repository: str) -> Run:
    """The run of ``in_github``, at GitHub itself."""
    run = in_github(repository)
    return Run(run.kind, {**run.claims, "iss": GITHUB}, run.wanted)


def attest(
    sigstore: Sigstore, file: Wheel, *, repository: str = "", predicate: str = PUBLISH, **stated: Any
) -> dict[str, object]:
    """The attestation of a file of acme/NAME, or of another ``repository``; ``stated``: ``name`` or ``sha256`` of its subject."""
    subject = {
        "name": stated.get("name", file.path.name),
        "digest": {"sha256": stated.get("sha256", hashlib.sha256(file.path.read_bytes()).hexdigest())},
    }
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [subject],
        "predicateType": predicate,
        "predicate": None,
    }
    home = f"https://github.com/acme/{repository or file.name}"
    signer = {
        ISSUER: GITHUB,
        REPOSITORY: home,
        DIGEST: "9" * 40,
        REF: "refs/tags/v1.0",
        WORKFLOW: f"{home}/.github/workflows/release.yml@refs/tags/v1.0",
    }
    return sigstore.attest(json.dumps(statement).encode(), claims=signer)


def beside(file: Path, attestation: object, *, kind: str = "publish") -> Path:
    """Write an attestation where publishing tools look for it."""
    path = file.with_name(f"{file.name}.{kind}.attestation")
    path.write_text(json.dumps(attestation))
    return path


def widened_trust_root(sigstore: Sigstore, folder: Path) -> Path:
    """A trust root with the authorities of the public instance, as they come with sigstore, and with our own."""
    own = json.loads(sigstore.trusted_root(folder).read_text())
    shipped = files("sigstore").joinpath("_store", quote("https://tuf-repo-cdn.sigstore.dev", safe=""))
    root = json.loads(shipped.joinpath("trusted_root.json").read_text())
    for part in ("tlogs", "certificateAuthorities", "ctlogs"):
        root[part] += own[part]
    path = folder / "widened.json"
    path.write_text(json.dumps(root))
    return path
