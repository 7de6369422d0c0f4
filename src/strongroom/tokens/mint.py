"""Making API tokens."""

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.tokens import caveats, macaroon
from strongroom.tokens.events import TokenMade
from strongroom.tokens.keys import key_of
from strongroom.tokens.models import MAX_NAME, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose token it is to be: the row id and the public id of an account."""

    id: int
    public_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The one project that a token is for: its row id, its public id, its normalized name."""

    id: int
    public_id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its text, which is shown once and kept nowhere."""

    secret: Secret
    token: Token


def mint(owner: Owner, name: str, *, scope: Scope | None, by: Actor) -> NewToken:
    """Make a token for one project, or for the whole account, in the caller's transaction.

    Raises ``Refused`` (``token_name_invalid``, ``token_name_taken``).
    """
    token = _insert(owner, _checked(name), scope)
    event = TokenMade(
        subject_id=owner.id, project=scope.name if scope else "", name=token.name, token=token.short_id
    )
    trail.record(event, by=by)
    restrictions = [caveats.for_user(owner.public_id)]
    if scope is not None:
        restrictions.append(caveats.for_project(scope.public_id))
    key = key_of(token.identifier, token.nonce)
    minted = macaroon.mint(str(token.identifier).encode(), key=key, caveats=restrictions)
    return NewToken(macaroon.dump(minted), token)


def _checked(name: str) -> str:
    stripped = name.strip()
    if not stripped or len(stripped) > MAX_NAME or not stripped.isprintable():
        raise Refused(
            "token_name_invalid",
            _("Give the token a name of at most %(count)d characters.") % {"count": MAX_NAME},
            field="name",
        )
    return stripped


def _insert(owner: Owner, name: str, scope: Scope | None) -> Token:
    """The constraint decides between two that ask for one name at once (TK-18)."""
    try:
        with transaction.atomic():
            return Token.objects.create(
                user_id=owner.id, name=name, project_id=scope.id if scope else None, created=clock.now()
            )
    except IntegrityError:
        raise Refused(
            "token_name_taken", _("You have a token of this name. Choose another."), field="name"
        ) from None
