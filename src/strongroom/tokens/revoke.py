"""Revoking API tokens."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.tokens.events import TokenExpired, TokenRevoked
from strongroom.tokens.models import Token


def revoke(user_id: int, token_id: int, *, by: Actor) -> Token:
    """Revoke one token of an account, at once and for all, in the caller's transaction; returns the row as it was.

    It is looked up by its owner: nobody else's can be named (design, D6). Raises ``Refused`` (``token_unknown``).
    """
    token = Token.objects.filter(user_id=user_id, pk=token_id).first()
    if token is None or not _delete(token, by=by):
        raise Refused("token_unknown", _("Your account has no such token."))
    return token


def revoke_all(user_id: int, *, by: Actor) -> list[Token]:
    """Revoke every token of an account, in the caller's transaction; returns the rows as they were."""
    tokens = list(Token.objects.filter(user_id=user_id).order_by("pk"))
    return [token for token in tokens if _delete(token, by=by)]


def revoke_minted(token_ids: Iterable[int], *, by: Actor) -> int:
    """Revoke tokens that were minted for trusted publishers, in the caller's transaction; returns how many there were."""
    tokens = Token.objects.filter(pk__in=list(token_ids), user=None).order_by("pk")
    return sum(_delete(token, by=by, why="minted") for token in tokens)


def expire(token: Token, *, by: Actor) -> bool:
    """Delete a token of a trusted publisher whose time is over; returns whether it was there."""
    with transaction.atomic():
        projects = _projects_of(token)
        if not Token.objects.filter(pk=token.pk).delete()[0]:
            return False
        name = str((token.publisher or {}).get("name", ""))
        for project in projects:
            trail.record(TokenExpired(project=project, token=token.short_id, publisher=name), by=by)
        return True


def revoke_found(token_id: int, *, by: Actor, why: str = "") -> Token | None:
    """Revoke the token of whoever holds its text, in the caller's transaction; returns the row as it was.

    ``why`` is recorded: ``held`` where its bearer asked for it, ``leaked`` where somebody found it.
    """
    token = Token.objects.filter(pk=token_id).first()
    return token if token is not None and _delete(token, by=by, why=why) else None


def _delete(token: Token, *, by: Actor, why: str = "") -> bool:
    """One delete decides which of several at once it was. What it was for is recorded with each project.

    On PostgreSQL the row is held first: no use can be counted that would keep it from being deleted.
    """
    Token.objects.select_for_update().filter(pk=token.pk).first()
    projects = _projects_of(token)
    token_id = token.pk
    if not Token.objects.filter(pk=token_id).delete()[0]:
        return False
    for project in projects:
        event = TokenRevoked(
            subject_id=token.user_id, project=project, name=token.name, token=token.short_id, why=why
        )
        trail.record(event, by=by)
    return True


def _projects_of(token: Token) -> list[str]:
    """The names of the projects that it is for; one empty name where it names none."""
    return list(token.projects.values_list("normalized", flat=True)) or [""]
