"""Making API tokens."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.tokens import caveats, macaroon
from strongroom.tokens.events import TokenMade, TokenMinted
from strongroom.tokens.keys import key_of
from strongroom.tokens.models import MAX_NAME, Token
from strongroom.tokens.restrictions import NamedProject, Restrictions, require_sound

MINTED_FOR: Final = timedelta(minutes=15)
"""How long the token of a trusted publisher lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose token it is to be: the row id and the public id of an account."""

    id: int
    public_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its text, which is shown once and kept nowhere."""

    secret: Secret
    token: Token


def mint(owner: Owner, name: str, restrictions: Restrictions, *, by: Actor) -> NewToken:
    """Make a token for somebody, in the caller's transaction.

    Raises ``Refused``: ``token_name_invalid``, ``token_name_taken``, and the codes of ``restrictions.require_sound``.
    """
    require_sound(restrictions)
    held = [caveats.for_user(owner.public_id), *restrictions.caveats()]
    token = _insert(
        Token(
            user_id=owner.id,
            name=_checked(name),
            restrictions=held,
            created=clock.now(),
            expires=restrictions.expires,
        ),
        restrictions.projects,
    )
    for project in restrictions.projects or (None,):
        event = TokenMade(
            subject_id=owner.id,
            project=project.name if project else "",
            name=token.name,
            token=token.short_id,
            restrictions=held,
        )
        trail.record(event, by=by)
    return NewToken(_text(token), token)


def mint_for_publisher(
    publisher: Mapping[str, Any], *, projects: Sequence[NamedProject], single_use: bool, by: Actor
) -> NewToken:
    """Make a token for a trusted publisher, in the caller's transaction: for 15 minutes, to upload to these projects alone.

    ``publisher`` says who that is (see ``Token.publisher``). Without projects the token is good for none.
    """
    now = clock.now()
    expires = now + MINTED_FOR
    others = Restrictions(actions=(caveats.UPLOAD,), expires=expires, uses=1 if single_use else None)
    held = [caveats.for_projects([project.public_id for project in projects]), *others.caveats()]
    token = Token(publisher=dict(publisher), restrictions=held, created=now, expires=expires)
    _insert(token, projects)
    for project in projects:
        event = TokenMinted(project=project.name, token=token.short_id, publisher=str(publisher["name"]))
        trail.record(event, by=by)
    return NewToken(_text(token), token)


def _checked(name: str) -> str:
    stripped = name.strip()
    if not stripped or len(stripped) > MAX_NAME or not stripped.isprintable():
        raise Refused(
            "token_name_invalid",
            _("Give the token a name of at most %(count)d characters.") % {"count": MAX_NAME},
            field="name",
        )
    return stripped


def _insert(token: Token, projects: Sequence[NamedProject]) -> Token:
    """The constraint decides between two that ask for one name at once (TK-18)."""
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            "token_name_taken", _("You have a token of this name. Choose another."), field="name"
        ) from None
    token.projects.add(*(project.id for project in projects))
    return token


def _text(token: Token) -> Secret:
    held = [caveats.dump(caveat) for caveat in token.restrictions]
    key = key_of(token.identifier, token.nonce)
    return macaroon.dump(macaroon.mint(str(token.identifier).encode(), key=key, caveats=held))
