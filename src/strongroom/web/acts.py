"""What somebody was about to do when their proof had run out: kept for ten minutes, shown in words, sent by them alone.

A form that meets an old proof goes nowhere. What it asked for is sealed into the address of a page that comes after the
proof, which says it in words and has a button that sends it (SU-06). Only the fields named in ``acts_in_words`` are kept; a
password, a code, a credential never is: their pages show an empty form again. The seal binds it to the session.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.conf import settings
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Unsealable
from strongroom.signin.models import Session
from strongroom.web import acts_in_words, redirects
from strongroom.web.asking import Request, session_of
from strongroom.web.kept_acts import Sent

KEPT = timedelta(minutes=10)
_MOST = 8000  # bytes of what is kept, before they are packed
_PURPOSE = "act"


@dataclass(frozen=True, slots=True)
class Act:
    """A form to be sent: where to, its fields with all their values, and what it does."""

    path: str
    fields: dict[str, list[str]]
    sentence: str
    details: tuple[str, ...]


def keep(request: Request) -> str | None:
    """The address of the page that shows what ``request`` was about to do; nothing where it cannot be kept."""
    match = request.resolver_match
    act = acts_in_words.ACTS.get(match.url_name or "") if match else None
    if act is None:
        return None
    values = {name: request.POST.getlist(name) for name in request.POST if act.keeps(name)}
    until = int((clock.now() + KEPT).timestamp())
    kept = orjson.dumps([request.path, values, until])
    sealed = settings.KEYRING.seal(_PURPOSE, zlib.compress(kept), context=_holder(session_of(request)))
    address = f"{reverse('resume')}?act={base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"
    return address if len(kept) <= _MOST and len(address) <= redirects.LONGEST else None


def find(session: Session, kept: str) -> Act:
    """What ``keep`` kept for this session; raises ``Refused`` (``act_expired``)."""
    try:
        sealed = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
        packed = settings.KEYRING.unseal(_PURPOSE, sealed, context=_holder(session))
        path, values, until = orjson.loads(zlib.decompress(packed))
        match = resolve(path)
    except (binascii.Error, UnicodeEncodeError, ValueError, zlib.error, Unsealable, Resolver404):
        raise _expired() from None
    act = acts_in_words.ACTS.get(match.url_name or "")
    if act is None or clock.timestamp() > until:
        raise _expired()
    sent = Sent(session.user, match.kwargs, values)
    return Act(path, values, act.sentence(sent), act.details(sent))


def _holder(session: Session) -> str:
    return f"session {session.pk}"


def _expired() -> Refused:
    return Refused(
        "act_expired", _("This took too long. Go back to the page with the form and send it again.")
    )
