"""What every page shows around its own content."""

from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from strongroom.accounts import emails
from strongroom.accounts.models import EmailAddress, User
from strongroom.kernel.config import SiteKind


class Site:
    """The instance, and who looks at it. Rows are read only where a template asks for them."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.name: str = settings.CONFIG.site.name
        self.base_url: str = settings.CONFIG.base_url
        self.is_test = settings.CONFIG.site.kind is SiteKind.TEST
        self.is_open = settings.CONFIG.accounts.registration == "open"

    @cached_property
    def unverified(self) -> EmailAddress | None:
        """The primary address of whoever is signed in, while it is not verified."""
        primary = emails.primary(self.user) if self.user else None
        return primary if primary is not None and primary.verified is None else None


def site(request: HttpRequest) -> dict[str, Site]:
    """The context processor: ``site`` in every template."""
    signed_in = getattr(request, "signed_in", None)
    return {"site": Site(signed_in.user if signed_in else None)}
