"""Publishers whose repository is known by its id and has another name now: the new name, and taking it over (TP-15)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from strongroom.kernel.refused import Refused
from strongroom.trust.adding import describe
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.kinds.kind import digest
from strongroom.trust.kinds.rules import Claims
from strongroom.trust.matching import pins_in
from strongroom.trust.models import Publisher


@dataclass(frozen=True, slots=True)
class NewName:
    """What a publisher would be under its new name: what it wants, the ids behind it, and it in words.

    ``is_moved``: not only the names are others but also an id, such as the owner's.
    """

    wanted: dict[str, str]
    pins: dict[str, str]
    name: str
    is_moved: bool


def told_by(row: Publisher, claims: Claims, issuer: KnownIssuer) -> dict[str, object]:
    """What to keep of a verified token of the publisher's id: names and ids, if all else is as the publisher wants it.

    Empty where it is not: a run that would be refused under the new name as well, such as one of strangers, proposes none.
    """
    names, pins = issuer.reading.names_in(claims), pins_in(claims, issuer)
    wanted = _wanted(row, names, issuer)
    rules = issuer.reading.rules(wanted) if wanted else ()
    fits = rules and all(pins.values()) and all(rule.holds(claims) for rule in rules)
    return {"names": list(names), "pins": pins} if fits else {}


def new_name(row: Publisher, issuer: KnownIssuer | None) -> NewName | None:
    """The name that waits for an owner to confirm it; none where there is none, or its issuer is not believed any more."""
    wanted = _wanted(row, row.renamed["names"], issuer) if row.renamed and issuer else {}
    if not wanted or issuer is None:
        return None
    pins = row.renamed["pins"]
    return NewName(wanted, pins, issuer.reading.describe(wanted), is_moved=pins != row.pins)


def take(row: Publisher, new: NewName, issuer: KnownIssuer) -> None:
    """Let a row be of its new name. The id by which it was found stays; those around it are the ones that were shown."""
    describe(row, new.wanted, issuer)
    row.pins, row.renamed, row.noticed = new.pins, {}, ""


def state_of(row: Publisher) -> str:
    """The digest of what somebody vouches for who confirms the publisher: who it is, and what was noticed of it."""
    ids = sorted(row.renamed.get("pins", {}).items())
    return digest([row.fingerprint, row.noticed, row.renamed.get("names", []), ids])


def _wanted(row: Publisher, names: Sequence[str], issuer: KnownIssuer) -> dict[str, str]:
    with suppress(Refused):
        return issuer.reading.renamed(row.wanted, names)
    return {}
