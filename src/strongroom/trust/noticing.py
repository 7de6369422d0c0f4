"""Identity tokens that seem to be a publisher's and are not: names that others have now, and ids under other names."""

from contextlib import suppress

from django.db import transaction

from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.prepared.update import update
from strongroom.throttle.limits import Limit, spend
from strongroom.trust import renaming, tell
from strongroom.trust.events import PublisherNoticed
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.kinds.rules import RENAMED, RESURRECTED, Claims
from strongroom.trust.matching import findings, is_named, pinned_in, reason
from strongroom.trust.models import Publisher
from strongroom.trust.notices import PublisherWasNoticed

_TOLD = Limit("publisher-noticed", count=1, seconds=24 * 3600)
_WORDS = {RENAMED: "renamed", RESURRECTED: "resurrected"}


def seen_in(claims: Claims, issuer: KnownIssuer) -> list[tuple[Publisher, str]]:
    """The publishers that a verified token seems to be of, each with the code for it."""
    rows = Publisher.objects.select_related("project", "added_by").filter(issuer=issuer.url)
    of_name = [
        (row, RESURRECTED)
        for row in rows.filter(subject=issuer.reading.subject_of(claims)).order_by("pk")
        if reason(findings(row, claims, issuer)) == RESURRECTED
    ]
    pinned = pinned_in(claims, issuer)
    of_id = rows.filter(pinned=pinned).order_by("pk") if pinned else rows.none()
    return of_name + [(row, RENAMED) for row in of_id if not is_named(findings(row, claims, issuer))]


def note(claims: Claims, issuer: KnownIssuer, *, by: Actor) -> None:
    """Mark what was seen, record it, and tell the owners of the projects: once a day at most, in a transaction of its own."""
    for publisher, code in seen_in(claims, issuer):
        _mark(publisher, code, claims, issuer)
        with suppress(Refused):
            spend(f"{publisher.pk} {code}", _TOLD)
            _tell(publisher, _WORDS[code], found=_names(claims, issuer), by=by)


def _mark(publisher: Publisher, code: str, claims: Claims, issuer: KnownIssuer) -> None:
    """A new name stays: the id under it was known before, and whoever has the old name now must not hide it."""
    renamed = publisher.renamed
    if code == RENAMED:
        renamed = renaming.told_by(publisher, claims, issuer) or renamed
    marks = {"noticed": _WORDS[RENAMED if renamed else code], "renamed": renamed}
    if marks != {"noticed": publisher.noticed, "renamed": publisher.renamed}:
        update(Publisher, marks, id=publisher.pk, fingerprint=publisher.fingerprint)


def _tell(publisher: Publisher, why: str, *, found: str, by: Actor) -> None:
    project = publisher.project
    with transaction.atomic():
        event = PublisherNoticed(
            project=project.normalized, publisher=publisher.name, issuer=publisher.issuer, why=why
        )
        trail.record(event, by=by)
        notice = PublisherWasNoticed(
            project=project.normalized,
            publisher=publisher.name,
            issuer=tell.name_of(publisher.issuer),
            why=why,
            found=found,
            when=clock.now(),
        )
        tell.owners(project.pk, notice, by=by)


def _names(claims: Claims, issuer: KnownIssuer) -> str:
    return "/".join(issuer.reading.names_in(claims))
