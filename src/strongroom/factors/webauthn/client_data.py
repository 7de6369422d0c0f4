"""What the browser says about itself: W3C WebAuthn §7.1 steps 5 to 11, which are §7.2 steps 7 to 14."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from strongroom.factors.webauthn.relying_party import RelyingParty
from strongroom.kernel import base64url, strict_json
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import equal

MAX_BYTES = 4096
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # which §5.8.1's "UTF-8 decode" passes over
CREATE = "webauthn.create"
GET = "webauthn.get"


@dataclass(frozen=True, slots=True)
class ClientData:
    """The client data (§5.8.1): untrusted, read and not yet checked. ``raw`` is what gets signed."""

    raw: bytes
    challenge: bytes
    members: dict[str, object]


def read(raw: bytes) -> ClientData:
    """Read the bytes of ``clientDataJSON`` (steps 5 and 6). Raises ``Refused``."""
    try:
        text = raw.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError:
        raise Refused(
            "webauthn_client_data_encoding",
            _("What the browser says about itself is not in UTF-8. Update your browser and try again."),
        ) from None
    try:
        members = strict_json.parse_object(text)
    except ValueError:
        raise Refused(
            "webauthn_client_data_json",
            _("What the browser says about itself is not JSON. Update your browser and try again."),
        ) from None
    return ClientData(raw, _challenge(members), members)


def check(client_data: ClientData, *, ceremony: str, challenge: bytes, rp: RelyingParty) -> None:
    """Steps 7 to 11: ``ceremony`` is ``CREATE`` or ``GET``, ``challenge`` the one that was sent. Raises ``Refused``."""
    members = client_data.members
    if members.get("type") != ceremony:
        raise Refused(
            "webauthn_ceremony",
            _("The browser's answer is to another question: adding a key is not using it. Start again."),
        )
    if not challenge or not equal(client_data.challenge, challenge):
        raise _wrong_challenge()
    if members.get("origin") not in rp.origins:
        raise Refused(
            "webauthn_origin",
            _("The security key was used on another site. Check the address in your browser's address bar."),
        )
    _check_frames(members)


def _challenge(members: dict[str, object]) -> bytes:
    text = members.get("challenge")
    try:
        challenge = base64url.decode(text) if isinstance(text, str) else b""
    except ValueError:
        challenge = b""
    if not challenge:
        raise _wrong_challenge()
    return challenge


def _check_frames(members: dict[str, object]) -> None:
    """No page of ours is shown inside another site's (steps 10 and 11)."""
    if members.get("crossOrigin", False) is not False:
        raise Refused(
            "webauthn_cross_origin",
            _("The security key was used inside a page of another site. Open this site in its own tab."),
        )
    if "topOrigin" in members:
        raise Refused(
            "webauthn_top_origin",
            _("The security key was used in a frame of another site. Open this site in its own tab."),
        )


def _wrong_challenge() -> Refused:
    return Refused(
        "webauthn_challenge",
        _("The answer belongs to another or an older question. Start again from this page."),
    )
