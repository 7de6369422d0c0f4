"""Whether an identity token is of a publisher: rule by rule, for the exchange and for whoever wants to see why."""

from django.utils.translation import gettext as _

from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.kinds.kind import digest
from strongroom.trust.kinds.rules import CLAIM, RESURRECTED, SUSPENDED, UNKNOWN, Claims, Finding, said
from strongroom.trust.models import Identity, Publisher


def findings(publisher: Identity, claims: Claims, issuer: KnownIssuer) -> list[Finding]:
    """What each rule of the publisher found in a verified token of its issuer: names, what else is wanted, pinned ids."""
    by_rule = [rule.finding(claims) for rule in issuer.reading.rules(publisher.wanted)]
    pinned = [_pin(claim, publisher, claims) for claim in issuer.reading.pins]
    return [*by_rule, *pinned, *([_suspended()] if is_suspended(publisher) else [])]


def matches(publisher: Identity, claims: Claims, issuer: KnownIssuer) -> bool:
    """Whether every rule holds."""
    return all(finding.ok for finding in findings(publisher, claims, issuer))


def is_suspended(publisher: Identity) -> bool:
    """Whether the account that added it is frozen or disabled: then it publishes nothing, as that account does not."""
    adder = publisher.added_by if isinstance(publisher, Publisher) else None
    return adder is not None and (adder.disabled or adder.frozen is not None)


def is_named(found: list[Finding]) -> bool:
    """Whether the token is of the name that the publisher gives, whatever else is wrong."""
    return all(finding.ok or finding.code != UNKNOWN for finding in found)


def reason(found: list[Finding]) -> str:
    """The code of what is wrong; that the names are of somebody else now comes before anything else."""
    codes = [finding.code for finding in found if not finding.ok]
    if UNKNOWN in codes or not codes:
        return UNKNOWN
    return RESURRECTED if RESURRECTED in codes else codes[0]


def pins_in(claims: Claims, issuer: KnownIssuer) -> dict[str, str]:
    """The ids to keep from a publisher's first token."""
    return {claim: said(claims, claim) for claim in issuer.reading.pins}


def pinned_in(claims: Claims, issuer: KnownIssuer) -> str:
    """The digest of the first of them, by which a publisher is found whose names have changed; empty where there is none."""
    first = next((said(claims, claim) for claim in issuer.reading.pins), "")
    return digest(first) if first else ""


def _suspended() -> Finding:
    return Finding(
        claim=_("account of whoever added it"),
        wanted=_("neither frozen nor disabled"),
        found=_("frozen or disabled"),
        ok=False,
        code=SUSPENDED,
    )


def _pin(claim: str, publisher: Identity, claims: Claims) -> Finding:
    """An id must be there from the first token on, and be the same ever after (TP-14)."""
    found, wanted = said(claims, claim), publisher.pins.get(claim, "")
    is_new = not (isinstance(publisher, Publisher) and publisher.pins)
    ok = found != "" and (is_new or found == wanted)
    code = "" if ok else RESURRECTED if found else CLAIM
    return Finding(claim=claim, wanted=wanted, found=found, ok=ok, code=code)
