"""The door to pypi_attestations and sigstore for what an upload brings. Imported late: the two take a second and 50 MiB."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pypi_attestations import (
    Attestation,
    AttestationBundle,
    AttestationError,
    AttestationType,
    Provenance,
)
from sigstore import dsse
from sigstore.errors import Error as SigstoreError
from sigstore.models import Bundle
from sigstore.verify import Verifier

from strongroom.attestations import trust_roots
from strongroom.attestations.identities import SignedBy, as_published
from strongroom.kernel.refused import Refused

PREDICATES: Final = frozenset(each.value for each in AttestationType)
"""The predicate types that the public index takes: its own for publishing, and SLSA provenance v1."""

_ENVELOPE: Final = "application/vnd.in-toto+json"
_EXPECTED: Final = (AttestationError, SigstoreError, ValueError)

_log = logging.getLogger(__name__)


def parse(parts: Iterable[object]) -> list[Attestation]:
    """The attestation objects (PEP 740), their shape checked and nothing else; ``Refused``: ``attestation_malformed``."""
    try:
        attestations = [Attestation.model_validate(each) for each in parts]
    except ValueError as malformed:
        raise _malformed() from malformed
    if any(len(each.verification_material.transparency_entries) != 1 for each in attestations):
        raise _malformed()  # only the first is ever verified; what is not verified is not passed on
    return attestations


def provenance(
    attestations: Iterable[Attestation], *, publisher: Mapping[str, str], trust_root: Path | None
) -> str:
    """The provenance object (PEP 740, JSON) of ``attestations`` once each is proven to be signed by ``publisher``.

    It is built anew from what was verified, so that members which PEP 740 does not know are left out. Raises ``Refused``
    with ``attestation_invalid`` or ``attestation_identity``, and ``TrustRootUnusable``.
    """
    verifier = trust_roots.verifier(trust_root)
    verified = [_verified(each, publisher=publisher, verifier=verifier) for each in attestations]
    bundle = AttestationBundle(publisher=as_published(publisher), attestations=verified)
    return Provenance(attestation_bundles=[bundle]).model_dump_json()


def _verified(attestation: Attestation, *, publisher: Mapping[str, str], verifier: Verifier) -> Attestation:
    try:
        bundle = attestation.to_bundle()
        _check_signature(bundle, attestation=attestation, publisher=publisher, verifier=verifier)
        return Attestation.from_bundle(bundle)
    except Refused:
        raise
    except _EXPECTED as broken:
        raise _invalid() from broken
    except Exception as broken:
        # Parsers of certificates and log entries have more ways to fail than their documentation says; each is a no.
        _log.warning("attestation refused after an unexpected error", extra={"error": type(broken).__name__})
        raise _invalid() from broken


def _check_signature(
    bundle: Bundle, *, attestation: Attestation, publisher: Mapping[str, str], verifier: Verifier
) -> None:
    """Chain, time, SCT, identity, log entry, signature: steps 0 to 8 of sigstore's ``verify_dsse``; raises whatever it raises."""
    kind, payload = verifier.verify_dsse(bundle, SignedBy(publisher, attestation=attestation))
    if kind != _ENVELOPE or payload != attestation.envelope.statement:
        raise ValueError("not the statement that was read")
    dsse.Statement(payload)  # in-toto's shape, as those who verify the provenance later read it


def _malformed() -> Refused:
    return Refused(
        "attestation_malformed",
        "Send attestation objects as PEP 740 has them, each with one transparency log entry.",
    )


def _invalid() -> Refused:
    return Refused(
        "attestation_invalid",
        "The attestation's signature, certificate or log entry cannot be verified; attest the file anew.",
    )
