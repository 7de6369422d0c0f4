"""The dry run: what an identity token would do for a project, rule by rule. Nothing is minted, nothing is used up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from strongroom.kernel.actor import Origin
from strongroom.kernel.refused import Refused
from strongroom.throttle.limits import Limit, address_block, spend
from strongroom.trust import identity
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.jwt import Claims
from strongroom.trust.kinds.kind import digest
from strongroom.trust.kinds.rules import Finding
from strongroom.trust.matching import findings
from strongroom.trust.models import Publisher, UsedIdentity
from strongroom.trust.refusals import refusal_for

_PER_ADDRESS = Limit("identity-looks", count=60, seconds=3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherFindings:
    """A publisher of the project, in words, and what each of its rules found; ``ok`` where all of them hold."""

    id: int
    name: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the token would be taken for this publisher."""
        return all(finding.ok for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found of a token. ``problem`` is why it would be refused whatever the publishers are, if it would.

    ``claims`` are those of a genuine token that may be shown; they and ``publishers`` (those of its issuer) are empty for
    any other. ``issuer`` is the name of its provider.
    """

    problem: Refused | None
    issuer: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)
    publishers: tuple[PublisherFindings, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether an exchange of this token would have minted one for the project."""
        return self.problem is None and any(publisher.ok for publisher in self.publishers)


def look(project_id: int, text: str, *, origin: Origin) -> Look:
    """Look at an identity token for somebody who may see the project's publishers; ``text`` as it was pasted.

    Its issuer may be visited for its keys, so call it outside of any transaction. Raises ``Refused``
    (``too_many_attempts``, ``trusted_publishing_off``, ``issuer_keys_pending``: ask again).
    """
    identity.require_on()
    spend(address_block(origin.address), _PER_ADDRESS)
    rows = Publisher.objects.select_related("added_by").filter(project_id=project_id).order_by("pk")
    issuer: KnownIssuer | None = None
    try:
        presented = identity.read(text.strip())
        issuer = presented.issuer
        if not rows.filter(issuer=issuer.url).exists():
            raise refusal_for("publisher_unknown")
        claims = identity.verify(presented)
    except Refused as problem:
        if problem.code == "issuer_keys_pending":
            raise
        return Look(problem=problem, issuer=issuer.name if issuer else "")
    return Look(
        problem=_used(claims, issuer),
        issuer=issuer.name,
        claims=issuer.reading.visible(claims),
        publishers=tuple(
            PublisherFindings(id=row.pk, name=row.name, findings=tuple(findings(row, claims, issuer)))
            for row in rows.filter(issuer=issuer.url)
        ),
    )


def _used(claims: Claims, issuer: KnownIssuer) -> Refused | None:
    used = UsedIdentity.objects.filter(issuer=issuer.url, digest=digest(claims.identifier))
    if not used.exists():
        return None
    return Refused(
        "identity_reused",
        _("This identity token was exchanged already. Ask the identity provider for a new one."),
    )
