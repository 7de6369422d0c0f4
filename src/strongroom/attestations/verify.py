"""Attestations of an upload, verified as a whole: all are good, or the upload is refused (PEP 740)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from strongroom.attestations import statement
from strongroom.attestations.supported import check_supported
from strongroom.kernel import strict_json
from strongroom.kernel.refused import Refused

MAX_BYTES: Final = 256 * 1024
"""Of the form's field; a real attestation has 5 to 10 kB."""

_MAX_CONTAINERS: Final = 256  # objects and arrays; two real attestations have about 40
_MAX_ATTESTATIONS: Final = 4  # there are two predicate types, and each may come once


@dataclass(frozen=True, slots=True)
class Verified:
    """``document``: the provenance object of PEP 740, JSON; ``predicates``: the predicate types in it, URIs, in its order."""

    document: str
    predicates: tuple[str, ...]


def verify(
    text: str, *, filename: str, path: Path, publisher: Mapping[str, str] | None, trust_root: Path | None
) -> Verified:
    """The provenance of the file at ``path``, once every attestation in ``text`` is proven to be about it and by ``publisher``.

    ``text`` is the upload form's ``attestations``: a JSON list of attestation objects (PEP 740). ``filename`` is the
    name that the file is published by. ``publisher`` is the snapshot of the trusted publisher that sends it
    (``kind``, ``issuer``, ``repository``, ``workflow``, ``environment``; or ``email``), None if it is none.
    ``trust_root`` is a ``trusted_root.json``; None means the one that ships with sigstore. Nothing is ever fetched.

    Raises ``Refused`` (``attestation_unexpected``, ``attestation_too_large``, ``attestation_malformed``,
    ``attestation_empty``, ``attestation_predicate``, ``attestation_repeated``, ``attestation_subject``,
    ``attestation_identity``, ``attestation_invalid``), whatever the text is; ``TrustRootUnusable`` if ``trust_root``
    cannot be used, and ``OSError`` if ``path`` cannot be read.
    """
    publisher = check_supported(publisher)
    parts = _parts(text)
    from strongroom.attestations import signatures  # a second and 50 MiB, for those who need it

    attestations = signatures.parse(parts)
    statements = [statement.read(each.envelope.statement) for each in attestations]
    statement.check_predicates(statements, allowed=signatures.PREDICATES)
    sha256 = _sha256(path)
    for each in statements:
        statement.check_subject(each, filename=filename, sha256=sha256)
    document = signatures.provenance(attestations, publisher=publisher, trust_root=trust_root)
    return Verified(document, tuple(each.predicate for each in statements))


def _parts(text: str) -> list[object]:
    """The members of the list that ``text`` is, unread; all that can be refused without the libraries is refused here."""
    if len(text) > MAX_BYTES or len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise Refused(
            "attestation_too_large", f"Send at most {MAX_BYTES // 1024} KiB of attestations with a file."
        )
    try:
        parts = strict_json.parse(text, max_containers=_MAX_CONTAINERS)
        # Half a surrogate pair is JSON, but no text (RFC 8259 §8.2), and could not be written down later.
        json.dumps(parts, ensure_ascii=False).encode()
    except ValueError as malformed:
        raise _not_a_list() from malformed
    if not isinstance(parts, list):
        raise _not_a_list()
    if not parts:
        raise Refused("attestation_empty", "Send at least one attestation, or leave the field out.")
    if len(parts) > _MAX_ATTESTATIONS:
        raise Refused("attestation_too_large", f"Send at most {_MAX_ATTESTATIONS} attestations with a file.")
    return parts


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_a_list() -> Refused:
    return Refused(
        "attestation_malformed", "Send attestations as a JSON list of attestation objects (PEP 740)."
    )
