"""What every page shows around its own content."""

from datetime import date
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from strongroom.accounts import emails
from strongroom.accounts.models import EmailAddress, User
from strongroom.factors import methods
from strongroom.kernel.sections import Feature, SiteKind
from strongroom.publish import enrollment
from strongroom.recovery import stage
from strongroom.recovery.models import Recovery
from strongroom.web.links import contact_link


class Site:
    """The instance, and who looks at it. Rows are read only where a template asks for them."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.name: str = settings.CONFIG.site.name
        self.base_url: str = settings.CONFIG.base_url
        self.is_test = settings.CONFIG.site.kind is SiteKind.TEST
        self.is_private = settings.CONFIG.site.access == "private"
        self.is_open = settings.CONFIG.accounts.registration == "open"
        self.keys_are_beta = settings.CONFIG.features.webauthn is Feature.BETA
        self.feedback = contact_link(settings.CONFIG.features.feedback or settings.CONFIG.site.bug_contact)

    @cached_property
    def unverified(self) -> EmailAddress | None:
        """The primary address of whoever is signed in, while it is not verified."""
        primary = emails.primary(self.user) if self.user else None
        return primary if primary is not None and primary.verified is None else None

    @cached_property
    def recovery(self) -> Recovery | None:
        """The recovery of the account of whoever is signed in, while it is going on."""
        return stage.open_of(self.user.pk) if self.user else None

    @cached_property
    def announced(self) -> date | None:
        """The day from which whoever is signed in needs two-factor sign-in, which is not on yet."""
        return enrollment.announced(self.user.pk) if self.user else None

    @cached_property
    def has_no_codes(self) -> bool:
        """Whether whoever is signed in has used all recovery codes up: the next lost device locks them out."""
        has = methods.of(self.user.pk) if self.user else None
        return has is not None and has.is_on and not has.codes_left


def site(request: HttpRequest) -> dict[str, Site]:
    """The context processor: ``site`` in every template."""
    signed_in = getattr(request, "signed_in", None)
    return {"site": Site(signed_in.user if signed_in else None)}
