"""Any other OpenID provider, by the claims that an operator has chosen."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from strongroom.trust.kinds.kind import Field, Kind, Wanted
from strongroom.trust.kinds.rules import CLAIM, UNKNOWN, Claims, Rule, exact, one_of, said

_BETWEEN = "|"


class Generic(Kind):
    """``fields`` are claims for which each publisher gives a value, ``required`` what every token must say.

    A required value may be several, divided by ``|``, each of which may end with ``*`` for any rest.
    """

    name = "generic"
    title = _("OpenID Connect")
    single_use = "digest"  # most of these providers set no ``jti``

    def __init__(
        self, url: str, *, fields: Sequence[str], required: Mapping[str, str], pins: Sequence[str]
    ) -> None:
        super().__init__(url)
        self.fields = tuple(
            Field(
                name=claim,
                label=claim,
                hint=_("Exactly what the identity token says in this claim."),
                pattern=r"[^\r\n]+",
                is_name=True,
            )
            for claim in fields
        )
        self.pins = tuple(pins)
        self.shown = tuple(dict.fromkeys([*fields, *required, *pins]))
        self._required = {claim: alternatives(value) for claim, value in required.items()}

    def names_in(self, claims: Claims) -> tuple[str, ...]:
        """The claims that are fields."""
        return tuple(said(claims, field.name) for field in self.fields)

    def renamed(self, wanted: Wanted, names: Sequence[str]) -> dict[str, str]:
        """Nothing: which claims are names, and which say what else must be so, only the operator knows."""
        return {}

    def rules(self, wanted: Wanted) -> tuple[Rule, ...]:
        """Every field exactly, then what the operator requires."""
        named = [exact(field.name, wanted.get(field.name, ""), code=UNKNOWN) for field in self.fields]
        return (*named, *(one_of(claim, values, code=CLAIM) for claim, values in self._required.items()))

    def describe(self, wanted: Wanted) -> str:
        """The values in the order of the fields, or the issuer where there are no fields."""
        values = [wanted.get(field.name, "") for field in self.fields]
        return (", ".join(values) or self.url)[:200]

    def details(self, claims: Claims, wanted: Wanted) -> dict[str, str]:
        """What the publisher gave; there is no page to link to."""
        return {"url": ""}


def alternatives(required: str) -> tuple[str, ...]:
    """The values that a claim may have, as the operator wrote them."""
    return tuple(part.strip() for part in required.split(_BETWEEN) if part.strip())
