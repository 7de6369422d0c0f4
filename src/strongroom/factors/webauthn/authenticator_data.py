"""What the authenticator says: W3C WebAuthn §6.1, and the checks that §7.1 and §7.2 share."""

import hashlib
import struct
from dataclasses import dataclass

from django.utils.translation import gettext as _

from strongroom.factors.webauthn import cbor
from strongroom.factors.webauthn.relying_party import RelyingParty
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import equal

_FIXED = struct.Struct(">32sBI")  # hash of the relying party's id, flags, signature counter
_ATTESTED = struct.Struct(">16sH")  # AAGUID, length of the credential id
_UP, _UV, _BE, _BS, _AT, _ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


@dataclass(frozen=True, slots=True)
class Attested:
    """The new credential (§6.5.1). ``public_key`` is a COSE key, encoded."""

    aaguid: bytes
    credential_id: bytes
    public_key: bytes


@dataclass(frozen=True, slots=True)
class AuthenticatorData:
    """The authenticator data, read to its last byte and not yet checked."""

    rp_id_hash: bytes
    flags: int
    sign_count: int
    attested: Attested | None

    @property
    def user_verified(self) -> bool:
        """Whether the authenticator made sure who holds it (PIN, fingerprint)."""
        return bool(self.flags & _UV)

    @property
    def backup_eligible(self) -> bool:
        """Whether the credential may be synced to other devices."""
        return bool(self.flags & _BE)

    @property
    def backed_up(self) -> bool:
        """Whether it is synced now."""
        return bool(self.flags & _BS)


def read(raw: bytes) -> AuthenticatorData:
    """Cut ``raw`` into its parts; the flags say which there are. Raises ``Refused``."""
    if len(raw) < _FIXED.size:
        raise _malformed()
    rp_id_hash, flags, sign_count = _FIXED.unpack_from(raw)
    attested, end = _attested(raw, _FIXED.size) if flags & _AT else (None, _FIXED.size)
    _check_extensions(raw[end:], announced=bool(flags & _ED))
    return AuthenticatorData(rp_id_hash, flags, sign_count, attested)


def check(found: AuthenticatorData, *, rp: RelyingParty, user_verification_required: bool) -> None:
    """§7.1 steps 14 to 17, which are §7.2 steps 15 to 18. Raises ``Refused``."""
    if not equal(found.rp_id_hash, hashlib.sha256(rp.id.encode()).digest()):
        raise Refused(
            "webauthn_rp_id", _("The security key answered for another site. Try again on this one.")
        )
    if not found.flags & _UP:
        raise Refused("webauthn_user_absent", _("Touch the security key when it blinks. Try again."))
    if user_verification_required and not found.user_verified:
        raise Refused(
            "webauthn_user_not_verified",
            _("Unlock the security key with its PIN, your finger or your face. Try again."),
        )
    if found.backed_up and not found.backup_eligible:
        raise Refused(
            "webauthn_backup_flags", _("The security key contradicts itself about backups. Use another key.")
        )


def _attested(raw: bytes, start: int) -> tuple[Attested, int]:
    """The attested credential data at ``start``, and where it ends."""
    begin = start + _ATTESTED.size
    if len(raw) < begin:
        raise _malformed()
    aaguid, size = _ATTESTED.unpack_from(raw, start)
    key = begin + size
    try:
        end = cbor.end_of(raw, key)
    except ValueError:
        raise _malformed() from None
    return Attested(aaguid, raw[begin:key], raw[key:end]), end


def _check_extensions(rest: bytes, *, announced: bool) -> None:
    """A map of extension outputs if the flag says so, and nothing behind it; what they say is ignored."""
    if rest and not announced:
        raise Refused(
            "webauthn_leftover_bytes",
            _("The security key said more than it announced. Update it or use another."),
        )
    try:
        if announced:
            cbor.decode_map(rest)
    except ValueError:
        raise Refused(
            "webauthn_extensions",
            _("The security key's extensions cannot be read. Update it or use another."),
        ) from None


def _malformed() -> Refused:
    return Refused(
        "webauthn_authenticator_data",
        _("What the security key says cannot be read. Update it or use another."),
    )
