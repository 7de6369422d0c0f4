"""API tokens as their owner makes and revokes them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from strongroom.accounts import emails, standing
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.projects import access
from strongroom.throttle.limits import Limit, spend
from strongroom.tokens import find, mint, revoke, verify
from strongroom.tokens.events import TokenMade
from strongroom.tokens.mint import NewToken, Owner
from strongroom.tokens.models import MAX_NAME, Token
from strongroom.tokens.notices import TokensWereRevoked, TokenWasMade
from strongroom.tokens.restrictions import UNRESTRICTED, NamedProject, Restrictions

_MADE = Limit("tokens-made", count=60, seconds=3600)


def make_token(
    user: User,
    *,
    name: str,
    projects: Sequence[str] = (),
    restrictions: Restrictions = UNRESTRICTED,
    by: Actor,
) -> NewToken:
    """Make an API token, for ``projects`` (their names; the account must have a role in each) where any are given.

    ``restrictions`` say what else it is held to. Its text is shown this once. The caller has asked for a fresh proof
    (TK-15). Raises ``Refused``: ``account_disabled``, ``account_frozen``, ``email_unverified``, ``project_not_yours``,
    ``too_many_attempts``, and the codes of ``tokens.mint``.
    """
    with trail.refusals_of(TokenMade(subject_id=user.pk, name=name[:MAX_NAME]), by=by):
        standing.require_active(user)
        emails.require_verified_primary(user.pk)
        asked = replace(restrictions, projects=tuple(_named(user, project) for project in projects))
        spend(str(user.pk), _MADE)
        return _make(user, name, asked, by=by)


def _make(user: User, name: str, asked: Restrictions, *, by: Actor) -> NewToken:
    with transaction.atomic():
        standing.require_still_active(
            user.pk
        )  # or a token made just now would outlive the freeze that revokes all
        made = mint.mint(Owner(id=user.pk, public_id=user.public_id), name, asked, by=by)
        notice = TokenWasMade(
            name=made.token.name,
            scope=(*(project.name for project in asked.projects), *asked.patterns),
            actions=asked.actions,
            limited=bool(asked.networks or asked.uses or asked.version or asked.sha256 or asked.not_before),
            last=made.token.expires - timedelta(seconds=1) if made.token.expires else None,
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


def revoke_held(text: str, *, by: Actor) -> None:
    """Revoke the token with this text: whoever holds it may, also where it may do nothing more.

    Its owner is told. Raises ``Refused`` (``token_invalid``).
    """
    row = verify.row_of(text)
    with transaction.atomic():
        token = revoke.revoke_found(row, by=by, why="held")
        if token is not None and token.user_id is not None:
            _tell(User.objects.get(pk=token.user_id), [token], by=by)


def burn_minted(text: str, *, by: Actor) -> None:
    """Revoke the token with this text, if it is one of a trusted publisher; nothing else is touched, or told."""
    try:
        row = verify.row_of(text)
    except Refused:
        return
    with transaction.atomic():
        revoke.revoke_minted([row], by=by)


def tokens_of(user: User) -> list[find.ListedToken]:
    """The account's tokens, newest first."""
    return find.of(user.pk)


def _named(user: User, project: str) -> NamedProject:
    known = access.project_of(user.pk, project)
    return NamedProject(id=known.id, public_id=known.public_id, name=known.normalized)


def _tell(user: User, revoked: list[Token], *, by: Actor) -> None:
    names = tuple(token.name for token in revoked)
    notice = TokensWereRevoked(names=names, when=clock.now(), address=by.origin.address)
    queue.send(notice, to=emails.recipient(user))
