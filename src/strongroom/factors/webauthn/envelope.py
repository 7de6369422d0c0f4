"""What registrations and assertions have in common: the JSON of ``PublicKeyCredential.toJSON()`` around the bytes."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from strongroom.kernel import base64url, strict_json
from strongroom.kernel.refused import Refused

MAX_TEXT = 64 * 1024  # characters
MAX_CREDENTIAL_ID = 1023  # bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """The parts of a credential's JSON. ``members`` and ``response`` hold untrusted values of any JSON type."""

    credential_id: bytes
    members: dict[str, object]
    response: dict[str, object]

    def text(self, name: str) -> str:
        """A member of the credential if it is text, or else ``""``."""
        value = self.members.get(name)
        return value if isinstance(value, str) else ""

    def raw(self, name: str, *, limit: int) -> bytes:
        """A member of the response, decoded. Raises ``Refused``."""
        return raw(self.response.get(name), limit=limit)


def unpack(text: str) -> Envelope:
    """The parts of ``text``, which is all that the browser sent. Raises ``Refused``."""
    if len(text) > MAX_TEXT:
        raise _too_large()
    try:
        members = strict_json.parse_object(text)
    except ValueError:
        raise Refused(
            "webauthn_json", _("The browser's answer is not JSON. Reload the page and try again.")
        ) from None
    response = members.get("response")
    if not isinstance(response, dict):
        raise malformed()
    _check_type(members)
    return Envelope(_credential_id(members), members, response)


def raw(value: object, *, limit: int) -> bytes:
    """The bytes, at most ``limit``, that a JSON value spells in base64url. Raises ``Refused``."""
    if not isinstance(value, str):
        raise malformed()
    if len(value) > limit * 4 / 3 + 1:
        raise _too_large()
    try:
        return base64url.decode(value)
    except ValueError:
        raise Refused(
            "webauthn_encoding",
            _("The browser's answer is not in base64url without padding. Update your browser and try again."),
        ) from None


def malformed() -> Refused:
    """The refusal of a member that is missing or not of its type."""
    return Refused(
        "webauthn_malformed",
        _("The browser's answer lacks a part, or has one of the wrong kind. Reload the page and try again."),
    )


def id_mismatch() -> Refused:
    """The refusal of a credential that goes by two ids."""
    return Refused(
        "webauthn_id_mismatch",
        _("The answer names two different security keys. Reload the page and try again."),
    )


def check_id_length(credential_id: bytes) -> None:
    """W3C WebAuthn §7.1 step 25: 1 to 1023 bytes. Raises ``Refused``."""
    if not 0 < len(credential_id) <= MAX_CREDENTIAL_ID:
        raise Refused(
            "webauthn_credential_id_length",
            _("The security key chose an id of a length that is not allowed. Use another key."),
        )


def _check_type(members: dict[str, object]) -> None:
    if members.get("type") != "public-key":
        raise Refused(
            "webauthn_type", _("The browser answered with something else than a security key. Try again.")
        )


def _credential_id(members: dict[str, object]) -> bytes:
    if not (isinstance(members.get("id"), str) and isinstance(members.get("rawId"), str)):
        raise malformed()
    if members["id"] != members["rawId"]:
        raise id_mismatch()
    credential_id = raw(members["rawId"], limit=MAX_TEXT)
    check_id_length(credential_id)
    return credential_id


def _too_large() -> Refused:
    return Refused(
        "webauthn_too_large", _("The browser's answer is too long. Reload the page and try again.")
    )
