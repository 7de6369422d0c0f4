"""One permission for each route and method, declared where the route is (design, D5)."""

from collections.abc import Callable
from enum import Enum
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from strongroom.accounts import standing
from strongroom.accounts.models import User
from strongroom.kernel.refused import Refused
from strongroom.publish import enrollment
from strongroom.signin import stepup
from strongroom.signin.models import Session
from strongroom.web import acts, cookies, redirects
from strongroom.web.asking import Request

View = Callable[..., HttpResponseBase]
_SAFE = {"GET", "HEAD"}


class Permission(Enum):
    """Who may ask."""

    ANYONE = "anyone"
    READER = "may see projects: anyone, but on a private site whoever is signed in"
    PENDING = "has given the right password and owes a second factor"
    SIGNED_IN = "is signed in"
    RECOVERED = "is signed in and has proved it within the last 10 minutes, with a recovery code at least"
    FRESH = "is signed in and has proved it within the last 10 minutes"
    OPERATOR = "is signed in as an operator"
    FRESH_OPERATOR = "is signed in as an operator and has proved it within the last 10 minutes"


ANYONE, READER, PENDING = Permission.ANYONE, Permission.READER, Permission.PENDING
SIGNED_IN, RECOVERED, FRESH = Permission.SIGNED_IN, Permission.RECOVERED, Permission.FRESH
OPERATOR, FRESH_OPERATOR = Permission.OPERATOR, Permission.FRESH_OPERATOR


class Page:
    """A view and who may ask it, by method. HEAD is answered as GET; other methods with 405.

    Whoever must turn two-factor sign-in on first reaches of the pages for signed-in people those ``enrolling`` alone.
    """

    def __init__(
        self, view: View, *, permissions: dict[str, Permission], form_at: str, enrolling: bool
    ) -> None:
        self.view = view
        self.permissions = permissions
        self.enrolling = enrolling
        self._form_at = form_at

    def __call__(self, request: HttpRequest, **values: object) -> HttpResponseBase:
        """Answer whoever may ask; send others through the page that they must pass first."""
        permission = self.permissions.get("GET" if request.method == "HEAD" else request.method or "")
        if permission is None:
            return HttpResponseNotAllowed(self.permissions)
        asking = cast("Request", request)
        return self._way_to(permission, asking) or self.view(asking, **values)

    def _way_to(self, permission: Permission, request: Request) -> HttpResponse | None:
        """Nothing for whoever may ask; for others the page that they must go through first."""
        if permission is ANYONE or (permission is READER and settings.CONFIG.site.access == "public"):
            return None
        if permission is PENDING:
            waiting = cookies.ticket(request) is not None
            return None if waiting else redirects.see_other(reverse("login"))
        if request.signed_in is None:
            return redirects.with_next("login", self._back_to(request))
        user = request.signed_in.user
        if permission in {OPERATOR, FRESH_OPERATOR}:
            _require_operator(user)
        if not self.enrolling and enrollment.is_due(user.pk, must_enroll=user.must_enroll):
            return _to_enrollment(request)
        if not _is_proven(permission, request.signed_in):
            return redirects.with_next("reauthenticate", self._onward(request))
        return None

    def _onward(self, request: Request) -> str:
        """After the proof: what a form was about to do, to be confirmed; or the page to see (SU-06)."""
        kept = acts.keep(request) if request.method not in _SAFE else None
        return kept or self._back_to(request)

    def _back_to(self, request: Request) -> str:
        """The page to see next: the one asked for, or the one with the form, which is shown again, never replayed."""
        if request.method in _SAFE or "GET" in self.permissions:
            return request.get_full_path()
        return reverse(self._form_at)


def page(
    view: View,
    *,
    get: Permission | None = None,
    post: Permission | None = None,
    form_at: str = "account",
    enrolling: bool = False,
) -> Page:
    """A view with its permissions; ``form_at`` names the page whose form is sent to a route that takes only POST.

    ``enrolling`` pages are open to whoever must turn two-factor sign-in on first, too.
    """
    permissions = {"GET": get, "POST": post}
    return Page(
        view,
        permissions={method: who for method, who in permissions.items() if who is not None},
        form_at=form_at,
        enrolling=enrolling,
    )


def _is_proven(permission: Permission, session: Session) -> bool:
    if permission in {FRESH, FRESH_OPERATOR}:
        return stepup.is_fresh(session)
    return permission is not RECOVERED or stepup.is_recovered(session)


def _require_operator(user: User) -> None:
    """A frozen account may be in somebody else's hands, who would otherwise hold the whole site."""
    if not user.is_operator:
        raise Refused("not_operator", _("Only the operators of this site may open this page."))
    standing.require_active(user)


def _to_enrollment(request: Request) -> HttpResponse:
    messages.warning(request, _("Turn on two-factor sign-in first; this site asks for it."))
    return redirects.see_other(reverse("account") + "#two-factor")


def takes_recovery_codes(path: str) -> bool:
    """Whether a recovery code is proof enough for the page at ``path``, a local one."""
    try:
        found = resolve(urlsplit(path).path).func
    except Resolver404:
        return False
    return isinstance(found, Page) and RECOVERED in found.permissions.values()
