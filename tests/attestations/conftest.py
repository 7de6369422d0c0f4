"""A sigstore of our own, and a distribution to attest."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypi_attestations import AttestationType

from tests.attestations.refusing import refusal_of, verified
from tests.attestations.samples import Sample
from tests.attestations.signing import PUBLISHER, Sigstore

FILENAME = "widget-1.0-py3-none-any.whl"


class Own:
    """Attestations of one file that say what a test wants, signed so that all about them verifies."""

    def __init__(self, folder: Path) -> None:
        self.sigstore = Sigstore()
        self.trust_root = self.sigstore.trusted_root(folder)
        self.path = folder / FILENAME
        self.path.write_bytes(b"the bytes of a wheel")

    def statement(self, **changed: Any) -> dict[str, Any]:
        """What publishing tools state of the file; ``changed`` members are replaced, those that are ``...`` left out."""
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        statement: dict[str, Any] = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": FILENAME, "digest": {"sha256": digest}}],
            "predicateType": AttestationType.PYPI_PUBLISH_V1.value,
            "predicate": None,
        } | changed
        return {name: value for name, value in statement.items() if value is not ...}

    def attest(self, statement: dict[str, Any] | bytes | None = None, **how: Any) -> dict[str, object]:
        """The signed attestation object of ``statement``."""
        content = self.statement() if statement is None else statement
        return self.sigstore.attest(
            content if isinstance(content, bytes) else json.dumps(content).encode(), **how
        )

    def verified(self, *attestations: object, **otherwise: Any) -> Any:
        """The answer about an upload of the file with ``attestations``."""
        return self._ask(verified, json.dumps(attestations), otherwise)

    def refusal(self, *attestations: object, **otherwise: Any) -> str:
        """The code of the refusal of an upload of the file with ``attestations``."""
        code: str = self._ask(refusal_of, json.dumps(attestations), otherwise).code
        return code

    def _ask(self, question: Callable[..., Any], text: str, otherwise: dict[str, Any]) -> Any:
        upload = {"path": self.path, "trust_root": self.trust_root} | otherwise
        return question(Sample(FILENAME, (), PUBLISHER), text, **upload)


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return Own(tmp_path)
