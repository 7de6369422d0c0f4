"""The API tokens of programs that somebody has approved in a browser."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.publish import credentials
from strongroom.tokens.events import TokenMade
from strongroom.tokens.mint import NewToken
from strongroom.tokens.models import MAX_NAME
from strongroom.tokens.restrictions import Restrictions


def require_makeable(user: User, *, name: str, projects: Sequence[str], days: int | None, by: Actor) -> None:
    """Whether such a token could be made now, for whoever approves it; the program comes for it some seconds later.

    It is made and taken back, so that nothing is asked differently then; a refusal stays recorded. Raises ``Refused`` as ``make``.
    """
    about = TokenMade(subject_id=user.pk, name=name[:MAX_NAME])
    with trail.refusals_of(about, by=by), transaction.atomic():
        make(user, name=name, projects=projects, days=days, by=by)
        transaction.set_rollback(True)


def make(user: User, *, name: str, projects: Sequence[str], days: int | None, by: Actor) -> NewToken:
    """Make the token, for ``projects`` (names; none: all of the account's), for so many days (``None``: without an end).

    Raises ``Refused`` as ``credentials.make_token``.
    """
    return credentials.make_token(user, name=name, projects=projects, restrictions=_restrictions(days), by=by)


def _restrictions(days: int | None) -> Restrictions:
    return Restrictions(expires=clock.now() + timedelta(days=days) if days is not None else None)
