"""Trusted publishing in words: what a rule of a publisher found, and what else is wanted of one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.kinds import rules
from strongroom.trust.kinds.kind import Text
from strongroom.trust.kinds.rules import Finding

_WHY: Final[Mapping[str, Promise]] = {
    rules.UNKNOWN: gettext_lazy("Another name"),
    rules.EVENT: gettext_lazy("Others than the maintainers may start such a run"),
    rules.WORKFLOW: gettext_lazy("Another workflow file, or a ref that is not the run's"),
    rules.ENVIRONMENT: gettext_lazy("Another environment, or none"),
    rules.REF: gettext_lazy("Another branch or tag"),
    rules.CLAIM: gettext_lazy("Missing, or another thing"),
    rules.RESURRECTED: gettext_lazy("Another id: the names are somebody else's now, or made anew"),
    "publisher_suspended": gettext_lazy(
        "Whoever added it is frozen or disabled: another owner can confirm it"
    ),
}
_OTHERWISE: Final = gettext_lazy("It does not hold")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a publisher asks for: the label of a field, and its value."""

    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A finding, and why it does not hold (``""`` where it does)."""

    finding: Finding
    why: str


def wanted_of(issuer: KnownIssuer | None, wanted: Mapping[str, str]) -> list[Wanted]:
    """What a publisher asks for by the fields of its provider; by their names where that is not believed any more."""
    if issuer is None:
        return [Wanted(name, value) for name, value in wanted.items() if value]
    return [
        Wanted(field.label, wanted[field.name]) for field in issuer.reading.fields if wanted.get(field.name)
    ]


def checked(findings: tuple[Finding, ...]) -> list[Checked]:
    """Each finding with why it does not hold."""
    return [Checked(one, "" if one.ok else str(_WHY.get(one.code, _OTHERWISE))) for one in findings]


def hint_for(issuer: KnownIssuer, wanted: Mapping[str, str]) -> str:
    """What to say to somebody who has added a publisher without an environment; nothing where there is nothing to say."""
    if wanted.get("environment") or not issuer.reading.has_environment:
        return ""
    return _(
        "It names no environment, so that every run of the workflow publishes, whoever started it. Safer: an environment "
        "that waits for a reviewer, in a publisher that names it."
    )


def sentences_of(issuer: KnownIssuer, typed: Mapping[str, str]) -> Iterator[str]:
    """What somebody typed into the fields of a provider, a line for each that is not empty."""
    for field in issuer.reading.fields:
        if value := typed.get(field.name, "").strip():
            yield f"{field.label}: {value}"
