"""Pending publishers: identities that may make a project by publishing it first."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails, standing
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.names import NormalizedName
from strongroom.kernel.refused import Refused
from strongroom.projects import access, create
from strongroom.projects.names import lookalike_key
from strongroom.trust import tell
from strongroom.trust.adding import choose, fill, spend_on_adding, taken
from strongroom.trust.events import PendingPublisherAdded, PendingPublisherRemoved, PublisherAdded
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.kinds.rules import AMBIGUOUS, UNKNOWN, Claims
from strongroom.trust.matching import matches
from strongroom.trust.models import PendingPublisher, Publisher
from strongroom.trust.notices import (
    PendingPublisherIsVoid,
    PendingPublisherWasAdded,
    PendingPublisherWasUsed,
)
from strongroom.trust.refusals import refusal_for

MAX_PENDING = 3  # of one person
LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPending:
    """A pending publisher for its owner's eyes; ``issuer_name`` is the provider's name, or its URL if it is gone."""

    id: int
    project_name: str
    normalized: str
    issuer: str
    issuer_name: str
    kind: str
    name: str
    wanted: Mapping[str, str]
    created: datetime
    expires: datetime


def of(user_id: int) -> list[ListedPending]:
    """The pending publishers of a person, oldest first."""
    rows = PendingPublisher.objects.filter(user_id=user_id, expires__gt=clock.now())
    return [
        ListedPending(
            id=row.pk,
            project_name=row.project_name,
            normalized=row.normalized,
            issuer=row.issuer,
            issuer_name=tell.name_of(row.issuer),
            kind=row.kind,
            name=row.name,
            wanted=row.wanted,
            created=row.created,
            expires=row.expires,
        )
        for row in rows.order_by("pk")
    ]


def add(user: User, *, name: str, issuer: str, values: Mapping[str, str], by: Actor) -> PendingPublisher:
    """Let an identity of ``issuer`` (a URL) make the project ``name``, which ``user`` will own; for 30 days.

    Raises ``Refused``: what ``publishers.add`` raises for issuer, fields and account, the codes of
    ``projects.access.free_name``, ``publisher_taken``, ``pending_publishers_too_many``, ``too_many_attempts``.
    """
    chosen = choose(issuer)
    normalized = access.free_name(name)
    wanted = chosen.reading.check(values)
    spend_on_adding(by)
    row = PendingPublisher(
        user=user, project_name=name, normalized=normalized, expires=clock.now() + LIFETIME
    )
    fill(row, wanted, chosen)
    event = PendingPublisherAdded(subject_id=user.pk, name=normalized, publisher=row.name, issuer=row.issuer)
    with trail.refusals_of(event, by=by), _once(), transaction.atomic():
        _require_fit(user)
        _require_room(user)
        row.save(force_insert=True)
        trail.record(event, by=by)
        notice = PendingPublisherWasAdded(
            name=name,
            publisher=row.name,
            issuer=chosen.name,
            expires=row.expires,
            when=row.created,
            address=by.origin.address,
        )
        tell.person(user, notice, is_act=True)
    return row


def remove(user_id: int, pending_id: int, *, by: Actor) -> None:
    """Take a person's pending publisher away; raises ``Refused`` (``publisher_missing``)."""
    with trail.refusals_of(PendingPublisherRemoved(subject_id=user_id), by=by), transaction.atomic():
        row = PendingPublisher.objects.filter(user_id=user_id, pk=pending_id).first()
        if row is None or not drop(row, why="removed", by=by):
            raise Refused("publisher_missing", _("You have no such pending publisher."))


def drop(row: PendingPublisher, *, why: str, by: Actor) -> bool:
    """Delete a row, in the caller's transaction; one delete decides whose it was. Returns whether there was any."""
    pending_id, user_id = row.pk, row.user_id
    if not PendingPublisher.objects.filter(pk=pending_id).delete()[0]:
        return False
    event = PendingPublisherRemoved(
        subject_id=user_id, name=row.normalized, publisher=row.name, issuer=row.issuer, why=why
    )
    trail.record(event, by=by)
    return True


def void_taken(rows: Iterable[PendingPublisher], *, by: Actor) -> int:
    """Drop those whose names are not free any more, and tell; a transaction for each. Returns how many (TP-20)."""
    return sum(_void(row, by=by) for row in rows if not access.is_free(NormalizedName(row.normalized)))


def named_in(claims: Claims, issuer: KnownIssuer) -> list[PendingPublisher]:
    """Those that a token may mean, oldest first."""
    rows = PendingPublisher.objects.filter(
        issuer=issuer.url, subject=issuer.reading.subject_of(claims), expires__gt=clock.now()
    )
    return list(rows.select_related("user").order_by("pk"))


def make_projects(claims: Claims, issuer: KnownIssuer, *, by: Actor) -> list[Refused]:
    """Make the project of every pending publisher that fits the token, in the caller's transaction.

    Each becomes a publisher, and all others for its name are void. Returns why some of them could not be used; what those
    did is undone. Where several people have announced one name for this very identity, it is nobody's: whoever was first
    may have named somebody else's repository.
    """
    rows = [row for row in named_in(claims, issuer) if matches(row, claims, issuer)]
    people: dict[str, set[int]] = {}
    for row in rows:
        people.setdefault(_key_of(row), set()).add(row.user_id)
    # Names in one order, so that no two exchanges wait for each other; the exchange holds the people already.
    refusals = []
    for row in sorted(rows, key=lambda row: (_key_of(row), row.pk)):
        try:
            if len(people[_key_of(row)]) > 1:
                raise refusal_for(AMBIGUOUS)
            with transaction.atomic():
                _use(row, by=by)
        except Refused as refused:
            refusals.append(refused)
    return refusals


def _key_of(row: PendingPublisher) -> str:
    return lookalike_key(NormalizedName(row.normalized))


def _use(row: PendingPublisher, *, by: Actor) -> None:
    """Of two tokens that come at once the second waits for the account, and finds the publisher (TP-21)."""
    if not PendingPublisher.objects.filter(pk=row.pk).exists():
        return
    _require_fit(row.user)
    create.spend_on_new(row.user_id, by=by)
    normalized = NormalizedName(row.normalized)
    project_id, made = create.create(normalized, name=row.project_name, owner_id=row.user_id, by=by)
    if not made:
        raise Refused("pending_publisher_void", _("The name of the pending publisher's project is taken."))
    if not PendingPublisher.objects.filter(pk=row.pk).delete()[0]:
        raise refusal_for(UNKNOWN)  # removed just now, or ended
    others = list(
        PendingPublisher.objects.filter(normalized=normalized).select_related("user").order_by("pk")
    )
    for own in [row, *(other for other in others if other.user_id == row.user_id)]:
        _become_publisher(own, project_id, by=by)
    for other in others:
        if other.user_id != row.user_id:
            _void(other, by=by)
    notice = PendingPublisherWasUsed(
        name=row.project_name,
        normalized=normalized,
        publisher=row.name,
        issuer=tell.name_of(row.issuer),
        when=clock.now(),
    )
    tell.person(row.user, notice, is_act=False)


def _become_publisher(row: PendingPublisher, project_id: int, *, by: Actor) -> None:
    PendingPublisher.objects.filter(pk=row.pk).delete()
    Publisher.objects.create(
        project_id=project_id,
        issuer=row.issuer,
        kind=row.kind,
        wanted=row.wanted,
        subject=row.subject,
        fingerprint=row.fingerprint,
        name=row.name,
        created=row.created,
        added_by_id=row.user_id,
        added_by_name=row.user.username,
    )
    event = PublisherAdded(project=row.normalized, publisher=row.name, issuer=row.issuer, pending=True)
    trail.record(event, by=by)


def _void(row: PendingPublisher, *, by: Actor) -> bool:
    with transaction.atomic():
        if not drop(row, why="taken", by=by):
            return False
        notice = PendingPublisherIsVoid(
            name=row.project_name, publisher=row.name, issuer=tell.name_of(row.issuer)
        )
        tell.person(row.user, notice, is_act=False)
        return True


@contextmanager
def _once() -> Iterator[None]:
    """Around a transaction: an identity that is announced for this name already is refused."""
    try:
        yield
    except IntegrityError:
        raise taken() from None


def _require_fit(user: User) -> None:
    standing.require_still_active(user.pk)
    emails.require_verified_primary(user.pk)


def _require_room(user: User) -> None:
    """The account's row is held by now, so that two do not take the last place."""
    if PendingPublisher.objects.filter(user=user).count() >= MAX_PENDING:
        raise Refused(
            "pending_publishers_too_many",
            _("You have %(count)d pending publishers, as many as one can have. Use one first, or remove it.")
            % {"count": MAX_PENDING},
        )
