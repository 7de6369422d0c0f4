"""Which identity must have signed: the trusted publisher's, as the certificate of a signature spells it.

The certificate says who signed (Fulcio's extensions 1.3.6.1.4.1.57264.1.8 and on): the issuer of the signer's identity
token, the repository, and the workflow with the ref or commit that it ran at. It says nothing of environments.
"""

from collections.abc import Mapping
from typing import Final

from cryptography.x509 import Certificate
from pypi_attestations import Attestation, GitHubPublisher, GitLabPublisher, GooglePublisher, Publisher
from sigstore.errors import VerificationError
from sigstore.verify import policy

from strongroom.attestations.supported import ISSUERS
from strongroom.kernel.refused import Refused

_PINNED: Final = (policy.OIDCSourceRepositoryDigest.oid, policy.OIDCSourceRepositoryRef.oid)


def as_published(publisher: Mapping[str, str]) -> Publisher:
    """The ``publisher`` of a provenance object, as PEP 740 and the public index's integrity API spell it."""
    environment = publisher.get("environment") or None
    match publisher["kind"]:
        case "github":
            return GitHubPublisher(
                repository=publisher["repository"], workflow=publisher["workflow"], environment=environment
            )
        case "gitlab":
            return GitLabPublisher(
                repository=publisher["repository"],
                workflow_filepath=publisher["workflow"],
                environment=environment,
            )
        case _:
            return GooglePublisher(email=publisher["email"])


class SignedBy:
    """A policy of sigstore: the certificate of ``attestation`` is one of ``publisher``, or ``Refused``."""

    def __init__(self, publisher: Mapping[str, str], *, attestation: Attestation) -> None:
        self._rules = _rules(publisher, attestation.certificate_claims)

    def verify(self, cert: Certificate) -> None:
        """Raises ``Refused`` with ``attestation_identity``; the chain of ``cert`` was checked before."""
        try:
            self._rules.verify(cert)
        except VerificationError as other:
            raise Refused(
                "attestation_identity",
                "The attestation was signed by another identity than the trusted publisher that sends the file;"
                " sign in the workflow that uploads.",
            ) from other


def _rules(publisher: Mapping[str, str], claims: Mapping[str, str]) -> policy.VerificationPolicy:
    """``claims`` are those of the same certificate, by OID: a publisher is not bound to a ref, but the workflow is named with one."""
    issuer = ISSUERS[publisher["kind"]]
    match publisher["kind"]:
        case "github":
            repository = f"https://github.com/{publisher['repository']}"
            workflow = f"{repository}/.github/workflows/{publisher['workflow']}"
        case "gitlab":
            repository = f"https://gitlab.com/{publisher['repository']}"
            workflow = f"{repository}//{publisher['workflow']}"
        case _:
            return policy.Identity(identity=publisher["email"], issuer=issuer)
    refs = [ref for oid in _PINNED if (ref := claims.get(oid.dotted_string))]
    return policy.AllOf(
        [
            policy.OIDCIssuerV2(issuer),
            policy.OIDCSourceRepositoryURI(repository),
            policy.AnyOf([policy.OIDCBuildConfigURI(f"{workflow}@{ref}") for ref in refs]),
        ]
    )
