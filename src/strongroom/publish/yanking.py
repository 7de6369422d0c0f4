"""Yanking as people ask for it: with the credentials of an upload, or on the project's page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction

from strongroom.accounts import standing
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.projects import access, yank
from strongroom.projects.access import KnownProject
from strongroom.projects.claim import Claim, claim
from strongroom.projects.notices import ReleaseWasYanked
from strongroom.projects.yank import Order, Target
from strongroom.publish import ladder, owners
from strongroom.publish.identity import Identity, require_standing
from strongroom.publish.permission import within_scope
from strongroom.publish.writers import one_writer
from strongroom.throttle.limits import Limit, spend
from strongroom.tokens.caveats import YANK

_YANKS = Limit("yanks", count=100, seconds=3600)
"""Each writes to all owners of the project."""
_ANY_SIZE = 2**63 - 1


def yank_with(order: Order, *, by: Identity) -> int | None:
    """Carry out an order that came with credentials; returns the journal's serial, ``None`` where it was so already.

    Raises ``Refused``, and records that it did: ``yank_reason_invalid``, ``token_action``, ``project_not_yours``,
    ``token_scope``, ``token_version``, ``token_file``, ``tokens_refused``, ``passwords_refused``, ``release_unknown``,
    ``file_unknown``, ``too_many_attempts``, and the codes of ``identity.require_standing``.
    """
    with _refusals_of(order, by.actor):
        yank.require_sound(order)
        project, user_id = _permitted(order, by)
        _require_token(order, by, yank.target_of(project.id, order))
        spend(str(user_id), _YANKS)
        with one_writer(), transaction.atomic():
            require_standing(by)
            held = _hold(project, user_id)
            ladder.require(by, project=held.normalized, level=held.may_publish)
            return _carry_out(order, held, by=by.actor)


def yank_as(user: User, order: Order, *, by: Actor) -> int | None:
    """Carry out an order that somebody gave on the project's page, with a fresh proof; returns as ``yank_with``.

    Raises ``Refused``, and records that it did: ``yank_reason_invalid``, ``project_not_yours``, ``account_disabled``,
    ``account_frozen``, ``release_unknown``, ``file_unknown``, ``too_many_attempts``.
    """
    with _refusals_of(order, by):
        yank.require_sound(order)
        project = access.project_of(user.pk, order.project)
        yank.target_of(project.id, order)
        spend(str(user.pk), _YANKS)
        with one_writer(), transaction.atomic():
            standing.require_still_active(user.pk)
            return _carry_out(order, _hold(project, user.pk), by=by)


def _permitted(order: Order, by: Identity) -> tuple[KnownProject, int]:
    """The project, and the person who has a role in it; trusted publishers only upload, whatever their tokens say."""
    if by.token is not None:
        by.token.require_action(YANK)
    if by.user_id is None:
        raise Refused("token_action", "Trusted publishers only upload. Make an API token to yank with.")
    with within_scope(order.project, by):
        project = access.project_of(by.user_id, order.project)
    if by.token is not None:
        by.token.require_project(project.normalized, public_id=project.public_id)
    ladder.require(by, project=project.normalized, level=project.may_publish)
    return project, by.user_id


def _require_token(order: Order, by: Identity, target: Target) -> None:
    """Whether the token is good for this release, and for each file that the order is for."""
    if by.token is None:
        return
    by.token.require_version(target.release.version)
    for file in target.files:
        by.token.require_file(file.sha256)


def _hold(project: KnownProject, user_id: int) -> Claim:
    """The project to the end of the transaction, if the person still has a role in it."""
    return claim(project.id, user_id=user_id, size=0, limit=_ANY_SIZE)


def _carry_out(order: Order, held: Claim, *, by: Actor) -> int | None:
    """Where all is as ordered already, the transaction is undone: no use of a token is counted for nothing."""
    target = yank.target_of(held.project_id, order)
    serial = yank.carry_out(order, target, held=held, by=by)
    if serial is None:
        transaction.set_rollback(True)
        return None
    told = _notice(order, project=held.normalized, version=target.release.version, who=by.username)
    owners.tell(held.project_id, told, by=by)
    return serial


def _notice(order: Order, *, project: str, version: str, who: str) -> Callable[[str], ReleaseWasYanked]:
    now = clock.now()
    return lambda address: ReleaseWasYanked(
        project=project,
        version=version,
        filename=order.filename,
        reason=order.reason,
        yanked=order.yanked,
        who=who,
        when=now,
        address=address,
    )


@contextmanager
def _refusals_of(order: Order, by: Actor) -> Iterator[None]:
    event = yank.event_of(order, project=order.project, version=order.version, user_id=by.user_id)
    with trail.refusals_of(event, by=by):
        yield
