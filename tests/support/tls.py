"""Certificates for servers on this machine, and the authority that vouches for them."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files: ``authority`` is for clients (``SSL_CERT_FILE``), ``chain`` and ``key`` are for the server."""

    authority: Path
    chain: Path
    key: Path


def certificate(folder: Path, *names: str) -> Certificate:
    """A certificate for ``names``, host names or IP addresses, from an authority that nobody knows yet."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    issued = authority.issue_cert(*names)
    made = Certificate(folder / "authority.pem", folder / "chain.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(str(made.authority))
    issued.private_key_pem.write_to_path(str(made.key))
    for place, link in enumerate(issued.cert_chain_pems):
        link.write_to_path(str(made.chain), append=place > 0)
    return made
