"""The link in every security mail by which its reader says "this was not me".

It is a signed statement of whose account the mail was about and when it was written. There is no row to steal, none to
run out of, and none that a change of address, password or epoch could take away from the reader.
"""

import base64
import binascii
import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import equal, mac

LIFETIME = timedelta(days=30)
_PURPOSE = "panic"
_PATH = "/account/panic/"
_STATEMENT = struct.Struct(">16sQ")  # the account's public id; microseconds since 1970
_MAC_BYTES = 32
_CHARACTERS = 75  # of base64 without its padding
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A genuine link: whose account its mail was about, and when that was written."""

    user: User
    written: datetime


def make(user: User) -> str:
    """A link as an absolute URL under the configured base URL; good for 30 days, and until a freeze is undone."""
    microseconds = (clock.now() - _EPOCH) // timedelta(microseconds=1)
    statement = _STATEMENT.pack(user.public_id.bytes, microseconds)
    signed = statement + mac(_key(), statement)
    return f"{settings.CONFIG.base_url}{_PATH}?token={base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def find(token: str) -> Alarm:
    """What a link says; following it uses nothing up. Raises ``Refused`` (``link_invalid``).

    A link that was written before a freeze was undone is dead: whoever undid it has looked at what it was about.
    """
    signed = _decoded(token)
    statement = signed[:-_MAC_BYTES]
    if not equal(signed[-_MAC_BYTES:], mac(_key(), statement)):
        raise _invalid()
    public_id, microseconds = _STATEMENT.unpack(statement)
    written = _EPOCH + timedelta(microseconds=microseconds)
    user = User.objects.filter(public_id=uuid.UUID(bytes=public_id)).first()
    if user is None or clock.now() - written > LIFETIME or (user.thawed and written < user.thawed):
        raise _invalid()
    return Alarm(user, written)


def _decoded(token: str) -> bytes:
    """The bytes of a token in its one spelling; raises ``Refused``."""
    if len(token) != _CHARACTERS or not token.isascii():
        raise _invalid()
    try:
        signed = base64.b64decode(f"{token}=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _invalid() from None
    if base64.urlsafe_b64encode(signed).decode() != f"{token}=":
        raise _invalid()
    return signed


def _key() -> bytes:
    return settings.KEYRING.derive(_PURPOSE)


def _invalid() -> Refused:
    return Refused(
        "link_invalid",
        _(
            "This link is not good any more. Take that of a newer mail, or write to the operators of this site."
        ),
    )
