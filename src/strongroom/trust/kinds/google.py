"""Google: the service accounts of Google Cloud (OpenID Connect Core 1.0 §5.1 for ``email_verified``)."""

from django.utils.translation import gettext_lazy as _

from strongroom.trust.kinds.kind import Field, Kind, Wanted
from strongroom.trust.kinds.rules import CLAIM, Claims, Rule, exact, said

_OF_SERVICES = ".gserviceaccount.com"  # any other address is a person's


class Google(Kind):
    """An account by its address; ``sub`` is its number, which is kept from its first token if it was not given."""

    name = "google"
    title = _("Google Cloud")
    pins = ("sub",)
    single_use = "digest"  # Google sets no ``jti``
    fields = (
        Field(
            name="email",
            label=_("Email address"),
            hint=_("The address of the service account, such as publisher@acme.iam.gserviceaccount.com."),
            pattern=r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+",
            is_name=True,
        ),
        Field(
            name="sub",
            label=_("Subject"),
            hint=_("The number of the account (its unique id), if you know it."),
            pattern=r"[0-9]{1,40}",
            required=False,
        ),
    )
    shown = ("email", "email_verified", "sub")

    def names_in(self, claims: Claims) -> tuple[str, ...]:
        """The address."""
        return (said(claims, "email"),)

    def rules(self, wanted: Wanted) -> tuple[Rule, ...]:
        """The address, that Google has verified it, and the number if it was given."""
        rules = [
            exact("email", wanted.get("email", "")),
            Rule(
                claim="email_verified",
                wanted="True",
                holds=lambda claims: claims.get("email_verified") is True,
                code=CLAIM,
            ),
        ]
        if sub := wanted.get("sub"):
            rules.append(exact("sub", sub, code=CLAIM))
        return tuple(rules)

    def visible(self, claims: Claims) -> dict[str, str]:
        """Not the address of a person, whose token somebody may have tried (TP-31)."""
        found = super().visible(claims)
        return found if found.get("email", "").endswith(_OF_SERVICES) else {}

    def describe(self, wanted: Wanted) -> str:
        """The address."""
        return wanted.get("email", "")

    def details(self, claims: Claims, wanted: Wanted) -> dict[str, str]:
        """The address that the publisher names."""
        return {"email": wanted.get("email", ""), "url": ""}
