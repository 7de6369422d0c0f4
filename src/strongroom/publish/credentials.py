"""API tokens as their owner makes and revokes them."""

from django.db import transaction

from strongroom.accounts import emails, standing
from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices import queue
from strongroom.projects import access
from strongroom.throttle.limits import Limit, spend
from strongroom.tokens import find, mint, revoke
from strongroom.tokens.mint import NewToken, Owner, Scope
from strongroom.tokens.models import Token
from strongroom.tokens.notices import TokensWereRevoked, TokenWasMade

_MADE = Limit("tokens-made", count=60, seconds=3600)


def make_token(user: User, *, name: str, project: str | None, by: Actor) -> NewToken:
    """Make an API token for the account, or for one project in which it has a role; its text is shown this once.

    The caller has asked for a fresh proof (TK-15). Raises ``Refused``: ``account_disabled``, ``account_frozen``,
    ``email_unverified``, ``project_not_yours``, ``too_many_attempts``, ``token_name_invalid``, ``token_name_taken``.
    """
    standing.require_active(user)
    emails.require_verified_primary(user.pk)
    scope = _scope(user, project) if project is not None else None
    spend(str(user.pk), _MADE)
    with transaction.atomic():
        standing.require_still_active(
            user.pk
        )  # or a token made just now would outlive the freeze that revokes all
        made = mint.mint(Owner(id=user.pk, public_id=user.public_id), name, scope=scope, by=by)
        notice = TokenWasMade(
            name=made.token.name,
            project=scope.name if scope else "",
            when=made.token.created,
            address=by.origin.address,
        )
        queue.send(notice, to=emails.recipient(user))
        return made


def revoke_token(user: User, token_id: int, *, by: Actor) -> None:
    """Revoke one of the account's tokens, at once and for all; raises ``Refused`` (``token_unknown``)."""
    with transaction.atomic():
        _tell(user, [revoke.revoke(user.pk, token_id, by=by)], by=by)


def revoke_all_tokens(user: User, *, by: Actor) -> int:
    """Revoke every token of the account; returns how many there were."""
    with transaction.atomic():
        revoked = revoke.revoke_all(user.pk, by=by)
        if revoked:
            _tell(user, revoked, by=by)
        return len(revoked)


def tokens_of(user: User) -> list[find.ListedToken]:
    """The account's tokens, newest first."""
    return find.of(user.pk)


def _scope(user: User, project: str) -> Scope:
    known = access.project_of(user.pk, project)
    return Scope(id=known.id, public_id=known.public_id, name=known.normalized)


def _tell(user: User, revoked: list[Token], *, by: Actor) -> None:
    names = tuple(token.name for token in revoked)
    notice = TokensWereRevoked(names=names, when=clock.now(), address=by.origin.address)
    queue.send(notice, to=emails.recipient(user))
