"""What the check of the configuration asks."""

from pathlib import Path


def check_trust_root(path: Path | None) -> None:
    """Attestations could be verified against ``path`` (None: the trust root that ships with sigstore).

    Raises ``strongroom.attestations.trust_root_unusable.TrustRootUnusable``, whose text is for the operator. Loads the
    libraries (a second, 50 MiB), so it is worth asking only when the configuration names a file.
    """
    from strongroom.attestations import trust_roots

    trust_roots.verifier(path)
