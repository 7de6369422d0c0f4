"""The trusted publishers of a project: adding, listing, confirming and removing them. Owners alone do that."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails, standing
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.projects import access
from strongroom.projects.access import KnownProject
from strongroom.projects.models import Project, Role
from strongroom.tokens.revoke import revoke_minted
from strongroom.trust import issuers, renaming, tell
from strongroom.trust.adding import choose, describe, fill, spend_on_adding, taken
from strongroom.trust.events import PublisherAdded, PublisherConfirmed, PublisherConstrained, PublisherRemoved
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.matching import is_suspended
from strongroom.trust.models import Minted, Publisher
from strongroom.trust.notices import (
    PublisherWasAdded,
    PublisherWasConfirmed,
    PublisherWasConstrained,
    PublisherWasRemoved,
)
from strongroom.trust.renaming import NewName

MAX_PUBLISHERS = 50  # of one project


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPublisher:
    """A publisher for the owners' eyes.

    ``issuer_name`` is empty where the provider is not believed any more, so that the publisher does nothing. ``pinned``: ids
    were kept from its first token. ``added_by_has_role``: whoever added it still has a role in the project (TP-23).
    ``suspended``: that account is frozen or disabled, so that the publisher does nothing until another owner confirms it.
    ``noticed`` is ``""``, ``renamed`` or ``resurrected`` (see ``models.Publisher``), ``new_name`` what it would be under
    its new name, ``last_environment`` the one of its last use. ``state`` is what ``confirm`` wants back.
    """

    id: int
    issuer: str
    issuer_name: str
    kind: str
    name: str
    wanted: Mapping[str, str]
    pinned: bool
    created: datetime
    added_by: str
    added_by_has_role: bool
    suspended: bool
    last_used: datetime | None
    noticed: str
    new_name: NewName | None
    last_environment: str
    state: str


def of(project_id: int) -> list[ListedPublisher]:
    """The publishers of a project, oldest first."""
    known = {issuer.url: issuer for issuer in issuers.known()}
    people = set(Role.objects.filter(project_id=project_id).values_list("user_id", flat=True))
    return [
        ListedPublisher(
            id=row.pk,
            issuer=row.issuer,
            issuer_name=known[row.issuer].name if row.issuer in known else "",
            kind=row.kind,
            name=row.name,
            wanted=row.wanted,
            pinned=bool(row.pins),
            created=row.created,
            added_by=row.added_by_name,
            added_by_has_role=row.added_by_id in people,
            suspended=is_suspended(row),
            last_used=row.last_used,
            noticed=row.noticed,
            new_name=renaming.new_name(row, known.get(row.issuer)),
            last_environment=row.last_environment,
            state=renaming.state_of(row),
        )
        for row in Publisher.objects.filter(project_id=project_id).select_related("added_by").order_by("pk")
    ]


def add(project: KnownProject, *, issuer: str, values: Mapping[str, str], by: Actor) -> Publisher:
    """Let an identity of ``issuer`` (a URL) publish the project, which ``by`` owns; ``values`` by the fields of its kind.

    Raises ``Refused``: ``trusted_publishing_off``, ``issuer_unknown``, ``publisher_field_missing``,
    ``publisher_field_invalid``, ``publisher_taken``, ``publishers_too_many``, ``project_not_owned``,
    ``project_not_yours``, ``email_unverified``, ``account_disabled``, ``account_frozen``, ``too_many_attempts``.
    """
    chosen = choose(issuer)
    wanted = chosen.reading.check(values)
    spend_on_adding(by)
    row = Publisher(project_id=project.id, added_by_id=by.user_id, added_by_name=by.username)
    fill(row, wanted, chosen)
    event = PublisherAdded(project=project.normalized, publisher=row.name, issuer=row.issuer)
    with trail.refusals_of(event, by=by), _once_in_project(), transaction.atomic():
        _require_fit_owner(project, by)
        _require_room(project)
        row.save(force_insert=True)
        trail.record(event, by=by)
        notice = PublisherWasAdded(
            project=project.normalized,
            publisher=row.name,
            issuer=chosen.name,
            who=by.username,
            when=row.created,
            address=by.origin.address,
        )
        tell.owners(project.id, notice, by=by)
    return row


def remove(project: KnownProject, publisher_id: int, *, by: Actor) -> None:
    """Take an identity's right to publish the project, which ``by`` owns; its live tokens die with it (TP-23).

    Raises ``Refused``: ``publisher_missing``, ``project_not_owned``, ``project_not_yours``.
    """
    with trail.refusals_of(PublisherRemoved(project=project.normalized), by=by), transaction.atomic():
        _require_owner(project, by)
        drop(_locked(project, publisher_id), by=by)


def confirm(project: KnownProject, publisher_id: int, *, state: str, by: Actor) -> None:
    """Vouch for a publisher as if ``by`` had added it, in the ``state`` in which it was listed.

    One that was renamed takes its new name, and the ids that came with it: to forget them would let whoever takes the old
    name publish (TP-15). Where its names came with other ids, those of the next token are kept. Raises ``Refused``:
    ``publisher_changed``, ``publisher_taken``, ``publisher_missing``, ``project_not_owned``, ``project_not_yours``, and
    what adding raises for the account.
    """
    about = PublisherConfirmed(project=project.normalized)
    with trail.refusals_of(about, by=by), _once_in_project(), transaction.atomic():
        _require_fit_owner(project, by)
        row = _locked(project, publisher_id)
        if renaming.state_of(row) != state:
            raise _changed()
        before, why = row.name, _clear(row)
        row.added_by_id, row.added_by_name, row.created = by.user_id, by.username, clock.now()
        row.save()
        event = PublisherConfirmed(
            project=project.normalized, publisher=row.name, issuer=row.issuer, why=why, before=before
        )
        trail.record(event, by=by)
        notice = PublisherWasConfirmed(
            project=project.normalized,
            publisher=row.name,
            issuer=tell.name_of(row.issuer),
            why=why,
            before=before,
            who=by.username,
            when=row.created,
            address=by.origin.address,
        )
        tell.owners(project.id, notice, by=by)


def constrain(project: KnownProject, publisher_id: int, *, environment: str, by: Actor) -> None:
    """Let a publisher that takes any environment publish from this one alone.

    Raises ``Refused``: ``publisher_changed`` where it names one already or cannot, ``publisher_field_missing``,
    ``publisher_field_invalid``, ``publisher_taken``, ``publisher_missing``, ``issuer_unknown``, and what adding raises for
    the account.
    """
    about = PublisherConstrained(project=project.normalized)
    with trail.refusals_of(about, by=by), _once_in_project(), transaction.atomic():
        _require_fit_owner(project, by)
        row = _locked(project, publisher_id)
        chosen = choose(row.issuer)
        if row.wanted.get("environment") or not chosen.reading.has_environment:
            raise _changed()
        before = row.name
        describe(row, _with_environment(row, environment, chosen), chosen)
        row.save()
        event = PublisherConstrained(
            project=project.normalized,
            publisher=row.name,
            issuer=row.issuer,
            environment=row.wanted["environment"],
            before=before,
        )
        trail.record(event, by=by)
        notice = PublisherWasConstrained(
            project=project.normalized,
            publisher=row.name,
            issuer=chosen.name,
            environment=row.wanted["environment"],
            who=by.username,
            when=clock.now(),
            address=by.origin.address,
        )
        tell.owners(project.id, notice, by=by)


def drop(row: Publisher, *, by: Actor) -> None:
    """Remove a publisher whose row is held, in the caller's transaction, and tell the owners of its project."""
    project = row.project
    tokens = revoke_tokens(row, by=by)
    row.delete()
    event = PublisherRemoved(project=project.normalized, publisher=row.name, issuer=row.issuer, tokens=tokens)
    trail.record(event, by=by)
    notice = PublisherWasRemoved(
        project=project.normalized,
        publisher=row.name,
        issuer=tell.name_of(row.issuer),
        who=by.username,
        when=clock.now(),
        address=by.origin.address,
    )
    tell.owners(project.pk, notice, by=by)


def revoke_tokens(row: Publisher, *, by: Actor) -> int:
    """Revoke the live tokens of a publisher whose row is held; returns how many there were."""
    minted = Minted.objects.filter(publisher=row).values_list("token_id", flat=True)
    return revoke_minted(list(minted), by=by)


def _clear(row: Publisher) -> str:
    """Settle what was noticed, as far as an owner's word can; returns what that was."""
    issuer = issuers.find(row.issuer)
    if issuer is not None and (new := renaming.new_name(row, issuer)) is not None:
        renaming.take(row, new, issuer)
        return "renamed"
    if row.noticed == "resurrected":
        row.pins, row.pinned, row.noticed = {}, "", ""
        return "resurrected"
    return ""


def _with_environment(row: Publisher, environment: str, issuer: KnownIssuer) -> dict[str, str]:
    wanted = issuer.reading.check({**row.wanted, "environment": environment})
    if not wanted["environment"]:
        raise Refused("publisher_field_missing", _("Name the environment."), field="environment")
    return wanted


@contextmanager
def _once_in_project() -> Iterator[None]:
    """Around a transaction: an identity that the project has already is refused."""
    try:
        yield
    except IntegrityError:
        raise taken() from None


def _changed() -> Refused:
    return Refused("publisher_changed", _("The publisher has changed meanwhile. Look at it again."))


def _require_fit_owner(project: KnownProject, by: Actor) -> None:
    """In the transaction of the effect: the account stands, its address is verified, it owns the project now."""
    _require_owner(project, by)
    assert by.user_id is not None  # noqa: S101  (owners are people)
    standing.require_still_active(by.user_id)
    emails.require_verified_primary(by.user_id)


def _require_owner(project: KnownProject, by: Actor) -> None:
    if by.user_id is None:
        raise access.not_yours()
    access.owned_by(by.user_id, project.normalized)


def _require_room(project: KnownProject) -> None:
    """The project's row is held, so that two do not take the last place."""
    Project.objects.select_for_update().get(pk=project.id)
    if Publisher.objects.filter(project_id=project.id).count() >= MAX_PUBLISHERS:
        raise Refused(
            "publishers_too_many",
            _("A project has at most %(count)d publishers. Remove one first.") % {"count": MAX_PUBLISHERS},
        )


def _locked(project: KnownProject, publisher_id: int) -> Publisher:
    """By its project, as nobody else's can be named (design, D6); held, so that no token is minted for it meanwhile."""
    row = Publisher.objects.select_for_update().filter(project_id=project.id, pk=publisher_id).first()
    if row is None:
        raise Refused("publisher_missing", _("This project has no such publisher."))
    return row
