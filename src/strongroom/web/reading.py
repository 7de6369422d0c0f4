"""Who may read a private site: whoever holds an API token, or is signed in and may see its pages.

Implements ``index.ports.Gate`` without knowing the index; joins the gate of tokens with the sessions, which do not know
each other.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import close_old_connections
from django.http import parse_cookie

from strongroom.kernel.actor import Actor, Origin
from strongroom.publish import enrollment
from strongroom.publish.reading import TokenGate, TokenReader
from strongroom.signin import session as sessions
from strongroom.signin.models import Session


@dataclass(frozen=True, slots=True)
class SignedInReader:
    """Somebody who is signed in, and so sees every project."""

    session: Session
    reads_everything: bool = True

    def require(self, project: str) -> None:
        """Nothing to refuse: what may be seen is not asked by project."""

    def actor(self, origin: Origin) -> Actor:
        """Whose session it is."""
        return sessions.actor_of(self.session, origin)


class Gate:
    """Asked from any thread."""

    def __init__(self) -> None:
        self._tokens = TokenGate()

    def session_in(self, cookies: str) -> str:
        """The value of the session's cookie in a Cookie header, read as the pages read it; ``""`` where there is none."""
        return parse_cookie(cookies).get(settings.SESSION_COOKIE, "")

    def reader(self, authorization: str, *, session: str, origin: Origin) -> TokenReader | SignedInReader:
        """Who may read with an Authorization header, or where there is none with a session's cookie; raises ``Refused``.

        A session opens what it opens of the pages (``web.routes.Permission.READER``): it must be live, and its account owe
        the site no second factor (``two_factor_required``). One that is over is none (``credentials_missing``). The other
        codes are those of ``TokenGate``. Any other exception means that the database cannot be asked now.
        """
        close_old_connections()
        found = sessions.find(session) if session and not authorization else None
        if found is None:
            return self._tokens.reader(authorization, origin=origin)
        enrollment.require(found.user_id, must_enroll=found.user.must_enroll)
        return SignedInReader(found)
