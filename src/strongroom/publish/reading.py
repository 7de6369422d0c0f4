"""Who may read a private site with an API token.

A password is not taken: it would open the site without the second factor that its owner may have. Refusals are answered and
not recorded, since installers ask by the hundred; and a token's use is noted, as at an upload.
"""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import DatabaseError, close_old_connections

from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.names import NormalizedName
from strongroom.kernel.refused import Refused
from strongroom.projects import find
from strongroom.publish import token_use
from strongroom.publish.identity import TOKEN, TOKEN_USERNAME, require_fit, token_in
from strongroom.tokens import verify as tokens
from strongroom.tokens.caveats import READ, Caveat, ProjectID, ProjectName, Projects
from strongroom.tokens.verify import Owner, VerifiedToken

_HOW = (
    f"This site is private. Send an API token that may read, with the username '{TOKEN_USERNAME}': in the address "
    "of the index, in .netrc or in the keyring."
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TokenReader:
    """Whoever holds a token that may read. ``known`` are the projects that it names, as they are called now."""

    token: VerifiedToken
    owner: Owner
    known: Mapping[str, uuid.UUID]

    @property
    def reads_everything(self) -> bool:
        """Whether it is for all projects."""
        return not any(_names_projects(caveat) for caveat in self.token.caveats)

    def require(self, project: str) -> None:
        """Raises ``Refused`` (``token_scope``) where the token is not for this project, be there one of the name or not."""
        self.token.require_project(NormalizedName(project), public_id=self.known.get(project))

    def actor(self, origin: Origin) -> Actor:
        """Its owner, by this token."""
        return Actor(
            kind=ActorKind.TOKEN,
            origin=origin,
            user_id=self.owner.id,
            username=self.owner.username,
            authenticated=TOKEN,
            credential=self.token.short_id,
        )


class TokenGate:
    """Asked from any thread."""

    def reader(self, authorization: str, *, origin: Origin) -> TokenReader:
        """Who may read with the value of an Authorization header; raises ``Refused``.

        Codes: ``credentials_missing``, ``credentials_malformed``, ``passwords_read_nothing``, ``token_*`` (see
        ``tokens.verify``), ``token_action``, ``account_disabled``, ``account_frozen``, ``email_unverified``,
        ``two_factor_required``. Any other exception means that the database cannot be asked now.
        """
        close_old_connections()
        token = tokens.verify(_text_of(authorization), origin=origin)
        token.require_action(READ)
        return reader_of(token, origin=origin)


def reader_of(token: VerifiedToken, *, origin: Origin) -> TokenReader:
    """Who reads with a token that is good for that, as long as its owner may act; its use is noted. Raises ``Refused``.

    Codes: ``token_action`` (trusted publishers), ``account_disabled``, ``account_frozen``, ``email_unverified``,
    ``two_factor_required``.
    """
    if token.owner is None:
        raise Refused("token_action", "Trusted publishers only upload. Make an API token to read with.")
    require_fit(token.owner)
    reader = TokenReader(token, token.owner, _known(token.caveats))
    _note(reader, origin=origin)
    return reader


def _text_of(authorization: str) -> str:
    try:
        return token_in(authorization)
    except Refused as refused:
        if refused.code == "credentials_missing":
            raise Refused("credentials_missing", _HOW) from None
        if refused.code == "token_missing":
            raise Refused(
                "passwords_read_nothing",
                f"A username and password read nothing here, since no second factor goes with them. {_HOW}",
            ) from None
        raise


def _note(reader: TokenReader, *, origin: Origin) -> None:
    """Reads go on where nothing can be written (design, D15)."""
    try:
        token_use.note(reader.token, reader.owner, by=reader.actor(origin))
    except DatabaseError:
        _log.warning(
            "the use of a token was not noted", exc_info=True, extra={"token": reader.token.short_id}
        )


def _known(caveats: tuple[Caveat, ...]) -> dict[str, uuid.UUID]:
    """The projects that the caveats name, by one query, or none where they name none."""
    ids, names = set[str](), set[str]()
    for caveat in caveats:
        match caveat:
            case ProjectID(ids=found) | Projects(ids=found):
                ids |= found
            case ProjectName(names=named):
                names |= named
    return find.public_ids(ids, names) if ids or names else {}


def _names_projects(caveat: Caveat) -> bool:
    return isinstance(caveat, ProjectID | ProjectName | Projects)
