"""Which trusted publishers can attest."""

from collections.abc import Mapping
from typing import Final

from strongroom.kernel.refused import Refused

ISSUERS: Final[Mapping[str, str]] = {
    "github": "https://token.actions.githubusercontent.com",
    "gitlab": "https://gitlab.com",
    "google": "https://accounts.google.com",
}
"""Kind of publisher -> the one issuer that a provenance object means by it (PEP 740 has no place for an issuer)."""


def check_supported(publisher: Mapping[str, str] | None) -> Mapping[str, str]:
    """``publisher``, if attestations can be checked against it; otherwise ``Refused`` with ``attestation_unexpected``.

    A publisher of a company's own GitLab, say, is not supported: its ``acme/widget`` is not the one that the certificate
    authority and the readers of the provenance know by that name.
    """
    if publisher is None:
        raise Refused(
            "attestation_unexpected",
            "Upload without attestations, or through a trusted publisher; attestations are checked against one.",
        )
    if ISSUERS.get(publisher["kind"]) != publisher["issuer"]:
        raise Refused(
            "attestation_unexpected",
            "Upload without attestations; they cannot be checked for this kind of trusted publisher.",
        )
    return publisher
