"""The exchange: an identity token in, a token for 15 minutes out, or a refusal that leaves only its audit event."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.names import NormalizedName
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.prepared.insert import insert
from strongroom.prepared.update import update
from strongroom.throttle.limits import Limit, address_block, spend
from strongroom.tokens.mint import NewToken, mint_for_publisher
from strongroom.tokens.restrictions import NamedProject
from strongroom.trust import identity, issuers, noticing, pending
from strongroom.trust.events import IdentityExchanged
from strongroom.trust.identity import Presented
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.jwt import Claims
from strongroom.trust.kinds.kind import digest
from strongroom.trust.kinds.rules import RENAMED, RESURRECTED, UNKNOWN
from strongroom.trust.matching import findings, is_named, matches, pinned_in, pins_in, reason
from strongroom.trust.models import Minted, Publisher, UsedIdentity
from strongroom.trust.refusals import refusal_for

MAX_PROJECTS = 80  # of one token: each takes its place in a text that has an end

_PER_ADDRESS = Limit("identity-exchanges", count=600, seconds=3600)  # build services share their addresses
_TO_SPARE = timedelta(hours=1)  # clocks that are set back bring no used token back (CR-13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """An API token, when it ends, and the normalized names of the projects that it is for."""

    secret: Secret
    expires: datetime
    projects: tuple[str, ...]


def exchange(text: str, *, origin: Origin, single_use: bool = False) -> Exchanged:
    """Exchange an identity token for an API token of its publishers' projects; ``single_use``: good for one file.

    Call it outside of any transaction: the issuer may be visited for its keys, for up to 5 seconds. Raises ``Refused``:
    ``trusted_publishing_off``, ``too_many_attempts``, the codes of ``identity.read`` and ``identity.verify``,
    ``identity_reused``, ``publisher_*``, and for a pending publisher those of the account and the name that it is for.
    """
    identity.require_on()
    spend(address_block(origin.address), _PER_ADDRESS)
    presented = _presented(text, by=Actor.anonymous(origin))
    claims = _verified(presented, by=Actor.anonymous(origin))
    pending.void_taken(pending.named_in(claims, presented.issuer), by=Actor.system())
    try:
        return _recorded(claims, presented.issuer, origin=origin, single_use=single_use)
    except Refused as refused:
        if refused.code in {RENAMED, RESURRECTED}:
            noticing.note(claims, presented.issuer, by=Actor.system())
        raise


def _presented(text: str, *, by: Actor) -> Presented:
    with trail.refusals_of(IdentityExchanged(), by=by):
        return identity.read(text)


def _verified(presented: Presented, *, by: Actor) -> Claims:
    with trail.refusals_of(IdentityExchanged(issuer=presented.issuer.url), by=by):
        return identity.verify(presented)


def _recorded(claims: Claims, issuer: KnownIssuer, *, origin: Origin, single_use: bool) -> Exchanged:
    about = IdentityExchanged(issuer=issuer.url, claims=issuer.reading.visible(claims))
    with trail.refusals_of(about, by=Actor.anonymous(origin)), transaction.atomic():
        return _exchanged(claims, issuer, origin=origin, single_use=single_use)


def _exchanged(claims: Claims, issuer: KnownIssuer, *, origin: Origin, single_use: bool) -> Exchanged:
    """Everything or nothing (TP-13, TP-22)."""
    issuers.require_still_believed(issuer)
    _use_up(claims, issuer)
    _hold_people(claims, issuer)
    by = _publisher(claims, issuer, origin)
    refusals = pending.make_projects(claims, issuer, by=by)
    publishers = _fitting(claims, issuer)
    if not publishers:
        raise _why_not(claims, issuer, refusals)
    minted = _mint(publishers, claims, issuer, single_use=single_use, by=by)
    assert minted.token.expires is not None  # noqa: S101  (a constraint says so)
    names = dict.fromkeys(publisher.project.normalized for publisher in publishers)
    return Exchanged(secret=minted.secret, expires=minted.token.expires, projects=tuple(names))


def _use_up(claims: Claims, issuer: KnownIssuer) -> None:
    """One insert decides, whatever the concurrency, and it is undone only together with what it was used for (TP-10)."""
    taken = insert(
        UsedIdentity,
        unless_taken=True,
        issuer=issuer.url,
        digest=digest(claims.identifier),
        expires=datetime.fromtimestamp(claims.expires, UTC) + _TO_SPARE,
    )
    if taken is None:
        raise Refused(
            "identity_reused",
            _("This identity token was exchanged already. Ask the identity provider for a new one."),
        )


def _hold_people(claims: Claims, issuer: KnownIssuer) -> None:
    """Nobody whose publishers these are is frozen or disabled before the end: else a token would outlive that.

    All in one order, before anything else is held, so that no two exchanges wait for each other.
    """
    people = {row.added_by_id for row in _named(claims, issuer) if row.added_by_id is not None}
    people |= {row.user_id for row in pending.named_in(claims, issuer)}
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))


def _publisher(claims: Claims, issuer: KnownIssuer, origin: Origin) -> Actor:
    """The author of what is done from here on."""
    name = "/".join(issuer.reading.names_in(claims)) or issuer.name
    return Actor(kind=ActorKind.TOKEN, origin=origin, username=name[:100], authenticated="trusted-publisher")


def _fitting(claims: Claims, issuer: KnownIssuer) -> list[Publisher]:
    """The publishers whose every rule holds, with the ids of the token kept where it is their first."""
    publishers = [row for row in _named(claims, issuer) if _takes(row, claims, issuer)]
    if len(publishers) <= MAX_PROJECTS:
        return publishers
    adders = {row.added_by_id for row in publishers}
    if len(adders) == 1:
        raise Refused(
            "publisher_projects_too_many",
            _(
                "This identity may publish more projects than one token can name. Use several workflows or environments."
            ),
        )
    return _shared_out(publishers)


def _shared_out(publishers: Sequence[Publisher]) -> list[Publisher]:
    """As many as a token can name: the first that each person has added, then the second of each, and so on.

    Anybody can add publishers of somebody else's repository to projects of their own, which must not keep that
    repository from publishing its own.
    """
    places: Counter[int | None] = Counter()
    in_turn = []
    for row in publishers:
        in_turn.append((places[row.added_by_id], row))
        places[row.added_by_id] += 1
    chosen = sorted(in_turn, key=lambda turn: (turn[0], turn[1].pk))[:MAX_PROJECTS]
    return sorted((row for _turn, row in chosen), key=lambda row: row.pk)


def _named(claims: Claims, issuer: KnownIssuer) -> list[Publisher]:
    rows = Publisher.objects.filter(issuer=issuer.url, subject=issuer.reading.subject_of(claims))
    return list(rows.select_related("project", "added_by").order_by("pk"))


def _takes(publisher: Publisher, claims: Claims, issuer: KnownIssuer) -> bool:
    """Whether it fits, marked as used by one update that asks whether it is still as it was read.

    Two first tokens at once keep one set of ids; a publisher that is removed meanwhile takes nothing, and one that has
    another name or an environment now is asked again.
    """
    if not matches(publisher, claims, issuer):
        return False
    changes = {
        "pins": pins_in(claims, issuer),
        "pinned": pinned_in(claims, issuer),
        "last_used": clock.now(),
        "noticed": "",
        "renamed": {},
        "last_environment": issuer.reading.environment_in(claims),
    }
    if update(
        Publisher, changes, id=publisher.pk, pinned=publisher.pinned, fingerprint=publisher.fingerprint
    ):
        return True
    again = Publisher.objects.select_related("project", "added_by").filter(pk=publisher.pk).first()
    return again is not None and _is_other(again, publisher) and _takes(again, claims, issuer)


def _is_other(again: Publisher, publisher: Publisher) -> bool:
    return (again.pinned, again.fingerprint) != (publisher.pinned, publisher.fingerprint)


def _mint(
    publishers: Sequence[Publisher], claims: Claims, issuer: KnownIssuer, *, single_use: bool, by: Actor
) -> NewToken:
    snapshot = issuer.reading.snapshot(claims, publishers[0].wanted)
    projects = [
        NamedProject(
            id=row.project.pk, public_id=row.project.public_id, name=NormalizedName(row.project.normalized)
        )
        for row in {row.project_id: row for row in publishers}.values()
    ]
    minted = mint_for_publisher(snapshot, projects=projects, single_use=single_use, by=by)
    Minted.objects.bulk_create(Minted(token=minted.token, publisher=row) for row in publishers)
    for row in publishers:  # each project learns of its own, not of others that believe the same repository
        about = IdentityExchanged(
            project=row.project.normalized,
            issuer=issuer.url,
            publisher=row.name,
            token=minted.token.short_id,
            claims=issuer.reading.visible(claims),
        )
        trail.record(about, by=by)
    return minted


def _why_not(claims: Claims, issuer: KnownIssuer, refusals: Sequence[Refused]) -> Refused:
    """The most telling reason: of a pending publisher, of ids, of another rule of the right name, or that there is none."""
    if refusals:
        return refusals[0]
    if seen := noticing.seen_in(claims, issuer):
        return refusal_for(seen[0][1])
    for row in [*_named(claims, issuer), *pending.named_in(claims, issuer)]:
        found = findings(row, claims, issuer)
        if is_named(found):
            return refusal_for(reason(found))
    return refusal_for(UNKNOWN)
