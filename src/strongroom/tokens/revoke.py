"""Revoking API tokens."""

from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.tokens.events import TokenRevoked
from strongroom.tokens.models import Token


def revoke(user_id: int, token_id: int, *, by: Actor) -> Token:
    """Revoke one token of an account, at once and for all, in the caller's transaction; returns the row as it was.

    It is looked up by its owner: nobody else's can be named (design, D6). Raises ``Refused`` (``token_unknown``).
    """
    token = Token.objects.select_related("project").filter(user_id=user_id, pk=token_id).first()
    if token is None or not Token.objects.filter(pk=token.pk).delete()[0]:
        raise Refused("token_unknown", _("Your account has no such token."))
    _record(token, by=by)
    return token


def revoke_all(user_id: int, *, by: Actor) -> list[Token]:
    """Revoke every token of an account, in the caller's transaction; returns the rows as they were."""
    tokens = list(Token.objects.select_related("project").filter(user_id=user_id).order_by("pk"))
    for token in tokens:
        Token.objects.filter(pk=token.pk).delete()
        _record(token, by=by)
    return tokens


def _record(token: Token, *, by: Actor) -> None:
    project = token.project.normalized if token.project else ""
    trail.record(
        TokenRevoked(subject_id=token.user_id, project=project, name=token.name, token=token.short_id), by=by
    )
