"""Whose word counts: the certificate authorities and logs that signatures are checked against.

Nothing is fetched, ever: the trust root is the one that ships with sigstore, or a ``trusted_root.json`` that the operator
keeps up to date. sigstore's own ``Verifier.production(offline=True)`` is not used, because it reads (and first writes) a
cache under the home folder, whose contents would then decide.
"""

import json
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cryptography.exceptions import UnsupportedAlgorithm
from sigstore.errors import Error as SigstoreError
from sigstore.models import TrustedRoot
from sigstore.verify import Verifier

from strongroom.attestations.trust_root_unusable import TrustRootUnusable

_PUBLIC_INSTANCE: Final = (
    "https://tuf-repo-cdn.sigstore.dev"  # the folder in sigstore's store is named after it
)
_MAX_BYTES: Final = 1024 * 1024  # the public instance's has 7 kB


def verifier(path: Path | None) -> Verifier:
    """What checks signatures against the trust root at ``path``, or against the shipped one.

    It is built once for each file and kept until the file changes; threads may share it. Raises ``TrustRootUnusable``.
    """
    if path is None:
        return _of_the_public_instance()
    try:
        found = path.stat()
    except OSError as missing:
        raise TrustRootUnusable(path, missing) from missing
    return _of_file(path, (found.st_mtime_ns, found.st_size, found.st_ino))


@lru_cache(maxsize=1)
def _of_the_public_instance() -> Verifier:
    shipped = files("sigstore").joinpath("_store", quote(_PUBLIC_INSTANCE, safe=""), "trusted_root.json")
    with as_file(shipped) as path:
        return _read(path)


@lru_cache(maxsize=4)
def _of_file(path: Path, _state: tuple[int, int, int]) -> Verifier:
    return _read(path)


def _read(path: Path) -> Verifier:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("larger than 1 MiB")
        _check_logs(json.loads(path.read_bytes()))
        return Verifier(trusted_root=TrustedRoot.from_file(str(path)))
    except (OSError, ValueError, TypeError, RecursionError, UnsupportedAlgorithm, SigstoreError) as problem:
        raise TrustRootUnusable(path, problem) from problem


def _check_logs(root: object) -> None:
    """Logs of both kinds are there: without one no attestation could pass, which nobody would notice until an upload."""
    if not isinstance(root, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # one kind of error for whoever reads
    for each in ("tlogs", "ctlogs"):
        if not root.get(each):
            raise ValueError(f"no {each}")
