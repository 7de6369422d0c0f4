"""The links by which a recovery is stopped and finished: signed, no rows, dead with their recovery.

Links to stop go out every day to many people, so they are made anew from the row each time.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.conf import settings
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import equal, mac
from strongroom.recovery.models import Recovery

_STOP, _FINISH = "recovery-stop", "recovery-finish"
_PATHS = {_STOP: "/account/recover/stop/", _FINISH: "/account/recover/finish/"}
_IDS = struct.Struct(">QQ")  # the recovery's id, the reader's
_LENGTH = 64  # characters: 16 bytes of ids, 32 of HMAC-SHA256, in base64


def to_stop(recovery: Recovery, reader_id: int) -> str:
    """The link by which ``reader_id``, who was told of it, stops the recovery."""
    return _make(_STOP, recovery, reader_id)


def to_finish(recovery: Recovery) -> str:
    """The link that finishes the recovery; mailed only after the wait, and looked at only then."""
    return _make(_FINISH, recovery, recovery.user_id)


def stopped_by(token: str) -> tuple[Recovery, User]:
    """The recovery, at whatever stage, and whose link to stop it ``token`` is; raises ``Refused`` (``link_invalid``)."""
    recovery, reader_id = _read(_STOP, token)
    reader = User.objects.filter(pk=reader_id, disabled=False).first()
    if reader is None:
        raise _invalid()
    return recovery, reader


def finished_by(token: str) -> Recovery:
    """The recovery, at whatever stage, that ``token`` finishes; raises ``Refused`` (``link_invalid``)."""
    return _read(_FINISH, token)[0]


def _make(purpose: str, recovery: Recovery, reader_id: int) -> str:
    ids = _IDS.pack(recovery.pk, reader_id)
    token = urlsafe_b64encode(ids + _signature(purpose, ids, recovery)).decode()
    return f"{settings.CONFIG.base_url}{_PATHS[purpose]}?token={token}"


def _read(purpose: str, token: str) -> tuple[Recovery, int]:
    """The row that the token names is believed only once the signature is."""
    if len(token) != _LENGTH or not token.isascii():
        raise _invalid()
    try:
        raw = urlsafe_b64decode(token)
        recovery_id, reader_id = _IDS.unpack(raw[: _IDS.size])
    except (ValueError, struct.error):
        raise _invalid() from None
    recovery = Recovery.objects.select_related("user").filter(pk=recovery_id).first()
    if recovery is None or not equal(raw[_IDS.size :], _signature(purpose, raw[: _IDS.size], recovery)):
        raise _invalid()
    return recovery, reader_id


def _signature(purpose: str, ids: bytes, recovery: Recovery) -> bytes:
    """With the time at which it began: ids come again after a database is restored from a backup."""
    return mac(settings.KEYRING.derive(purpose), ids + recovery.begun.isoformat().encode())


def _invalid() -> Refused:
    return Refused("link_invalid", _("This link is not whole, or not one of ours. Open it from the mail."))
