"""What somebody was about to do when their proof had run out: kept for ten minutes, shown in words, sent by them alone.

A form that meets an old proof goes nowhere. What it asked for is sealed into the address of a page that comes after the
proof, which says it in words and has a button that sends it (SU-06). Only the fields named here are kept; a password, a
code, a credential never is: their pages show an empty form again. The seal binds it to the session.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.conf import settings
from django.http import Http404
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from strongroom.accounts.models import EmailAddress, User
from strongroom.factors import keys, totp
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Unsealable
from strongroom.signin.models import Session
from strongroom.web.asking import Request, session_of

KEPT = timedelta(minutes=10)
_PURPOSE = "act"
_LONGEST = 1200  # characters of the address, which proxies and logs must hold

Sentence = Callable[[User, Mapping[str, Any], Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Act:
    """A form to be sent: where to, its fields, and what it does."""

    path: str
    fields: dict[str, str]
    sentence: str


def keep(request: Request) -> str | None:
    """The address of the page that shows what ``request`` was about to do; nothing where it cannot be kept."""
    match = request.resolver_match
    if match is None or match.url_name not in _KEPT:
        return None
    fields, _sentence = _KEPT[match.url_name]
    values = {name: request.POST[name] for name in fields if name in request.POST}
    until = int((clock.now() + KEPT).timestamp())
    sealed = settings.KEYRING.seal(
        _PURPOSE, orjson.dumps([request.path, values, until]), context=_holder(session_of(request))
    )
    address = f"{reverse('resume')}?act={base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"
    return address if len(address) <= _LONGEST else None


def find(session: Session, kept: str) -> Act:
    """What ``keep`` kept for this session; raises ``Refused`` (``act_expired``)."""
    try:
        sealed = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
        path, values, until = orjson.loads(
            settings.KEYRING.unseal(_PURPOSE, sealed, context=_holder(session))
        )
        match = resolve(path)
    except (binascii.Error, UnicodeEncodeError, ValueError, Unsealable, Resolver404):
        raise _expired() from None
    if clock.timestamp() > until:
        raise _expired()
    _fields, sentence = _KEPT[match.url_name or ""]
    return Act(path, values, sentence(session.user, match.kwargs, values))


def _holder(session: Session) -> str:
    return f"session {session.pk}"


def _expired() -> Refused:
    return Refused(
        "act_expired", _("This took too long. Go back to the page with the form and send it again.")
    )


def _address(user: User, address_id: int) -> str:
    row = EmailAddress.objects.filter(user=user, pk=address_id).first()
    if row is None:
        raise Http404
    return row.address


def _name(rows: list[Any], row_id: int) -> str:
    found = next((row for row in rows if row.pk == row_id), None)
    if found is None:
        raise Http404
    return str(found.name)


def _add_email(_user: User, _path: Mapping[str, Any], sent: Mapping[str, str]) -> str:
    return _("Add the address %(address)s to your account.") % {"address": sent.get("email", "")}


def _make_primary(user: User, path: Mapping[str, Any], _sent: Mapping[str, str]) -> str:
    return _("Make %(address)s your primary address.") % {"address": _address(user, path["address_id"])}


def _remove_email(user: User, path: Mapping[str, Any], _sent: Mapping[str, str]) -> str:
    return _("Remove the address %(address)s from your account.") % {
        "address": _address(user, path["address_id"])
    }


def _make_token(_user: User, _path: Mapping[str, Any], sent: Mapping[str, str]) -> str:
    if sent.get("scope"):
        return _("Make the API token “%(name)s” for the project %(project)s.") % {
            "name": sent.get("name", ""),
            "project": sent["scope"],
        }
    return _("Make the API token “%(name)s” for all of your projects.") % {"name": sent.get("name", "")}


def _switch_own_uploads(_user: User, _path: Mapping[str, Any], sent: Mapping[str, str]) -> str:
    if sent.get("allowed") == "yes":
        return _("Allow uploads with your username and password.")
    return _("Refuse uploads with your username and password.")


def _remove_app(user: User, path: Mapping[str, Any], _sent: Mapping[str, str]) -> str:
    return _("Remove the authenticator app “%(name)s”.") % {"name": _name(totp.of(user.pk), path["totp_id"])}


def _remove_key(user: User, path: Mapping[str, Any], _sent: Mapping[str, str]) -> str:
    return _("Remove the security key “%(name)s”.") % {"name": _name(keys.of(user.pk), path["key_id"])}


def _rename_key(user: User, path: Mapping[str, Any], sent: Mapping[str, str]) -> str:
    return _("Rename the security key “%(before)s” to “%(name)s”.") % {
        "before": _name(keys.of(user.pk), path["key_id"]),
        "name": sent.get("name", ""),
    }


def _switch_all_uploads(_user: User, _path: Mapping[str, Any], sent: Mapping[str, str]) -> str:
    if sent.get("allowed") == "yes":
        return _("Allow uploads with passwords for everybody on this site.")
    return _("Refuse uploads with passwords for everybody on this site.")


def _disable(_user: User, path: Mapping[str, Any], _sent: Mapping[str, str]) -> str:
    return _("Disable the account %(name)s.") % {"name": path["username"]}


def _enable(_user: User, path: Mapping[str, Any], _sent: Mapping[str, str]) -> str:
    return _("Enable the account %(name)s again.") % {"name": path["username"]}


def _thaw_own(_user: User, _path: Mapping[str, Any], _sent: Mapping[str, str]) -> str:
    return _("Undo the freeze of your account.")


def _thaw(_user: User, path: Mapping[str, Any], _sent: Mapping[str, str]) -> str:
    return _("Undo the freeze of the account %(name)s.") % {"name": path["username"]}


# By route: the fields that are kept, none of them a secret, and what sending them does.
_KEPT: dict[str, tuple[tuple[str, ...], Sentence]] = {
    "email-add": (("email",), _add_email),
    "email-primary": ((), _make_primary),
    "email-remove": ((), _remove_email),
    "token": (("name", "scope"), _make_token),
    "password-uploads": (("allowed",), _switch_own_uploads),
    "totp-remove": ((), _remove_app),
    "key-remove": ((), _remove_key),
    "key-rename": (("name",), _rename_key),
    "operate-password-uploads": (("allowed",), _switch_all_uploads),
    "operate-disable": ((), _disable),
    "operate-enable": ((), _enable),
    "operate-thaw": ((), _thaw),
    "thaw": ((), _thaw_own),
}
