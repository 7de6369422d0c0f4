"""Attestation objects: W3C WebAuthn §6.5, and §7.1 steps 12, 13, 21 and 22 under the policy "none".

No statement is trusted, so none is shown as verified. What needs no trust anchor is checked all the same, because a
broken statement means a broken or lying client; what only a vendor's root and today's date could judge is left unread.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from webauthn.helpers import encode_cbor

from strongroom.factors.webauthn import cbor
from strongroom.kernel.refused import Refused

NONE: Final = "none"
VERIFIED: Final = frozenset({NONE, "packed", "fido-u2f"})
UNREAD: Final = frozenset({"tpm", "android-key", "apple"})


@dataclass(frozen=True, slots=True)
class AttestationObject:
    """The parts of an attestation object; ``raw`` is the whole of it."""

    raw: bytes
    format: str
    statement: dict[object, object]
    authenticator_data: bytes


def read(raw: bytes) -> AttestationObject:
    """Take ``raw`` apart (steps 12 and 13). Raises ``Refused``."""
    try:
        members = cbor.decode_map(raw)
    except ValueError:
        raise Refused(
            "webauthn_cbor",
            _("What the security key sent cannot be read. Update your browser and try again."),
        ) from None
    form, statement, found = members.get("fmt"), members.get("attStmt"), members.get("authData")
    if not (isinstance(form, str) and isinstance(statement, dict) and isinstance(found, bytes)):
        raise Refused(
            "webauthn_attestation_object",
            _("What the security key sent lacks a part, or has one of the wrong kind. Use another key."),
        )
    return AttestationObject(raw, form, statement, found)


def check(found: AttestationObject) -> None:
    """Step 21, and of step 22 what py_webauthn does not look at. Raises ``Refused``."""
    if found.format not in VERIFIED | UNREAD:
        raise Refused(
            "webauthn_attestation_format",
            _("The security key describes itself in a way that is not known here. Use another key."),
        )
    sound = {NONE: _is_empty, "packed": _is_packed, "fido-u2f": _is_fido_u2f}.get(found.format)
    if sound and not sound(found.statement):
        raise unsound()


def to_verify(found: AttestationObject) -> bytes:
    """The object for py_webauthn: a statement that goes unread is taken out, as browsers do when asked for "none"."""
    if found.format in VERIFIED:
        return found.raw
    return encode_cbor({"fmt": NONE, "attStmt": {}, "authData": found.authenticator_data})


def unsound() -> Refused:
    """The refusal of a statement that does not hold."""
    return Refused(
        "webauthn_attestation",
        _("What the security key says about its maker does not hold. Use another key."),
    )


def _is_empty(statement: dict[object, object]) -> bool:
    return not statement


def _is_packed(statement: dict[object, object]) -> bool:
    """§8.2: with certificates, one at least, or by the credential's own key."""
    return (
        statement.keys() - {"x5c"} == {"alg", "sig"}
        and type(statement["alg"]) is int
        and isinstance(statement["sig"], bytes)
        and ("x5c" not in statement or _are_certificates(statement["x5c"]))
    )


def _is_fido_u2f(statement: dict[object, object]) -> bool:
    """§8.6. That there is one certificate and no AAGUID is seen to by py_webauthn."""
    return (
        statement.keys() == {"sig", "x5c"}
        and isinstance(statement["sig"], bytes)
        and _are_certificates(statement["x5c"])
    )


def _are_certificates(chain: object) -> bool:
    return isinstance(chain, list) and bool(chain) and all(isinstance(each, bytes) for each in chain)
