"""One permission for each route and method, declared where the route is (design, D5)."""

from collections.abc import Callable
from enum import Enum
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused
from strongroom.signin import stepup
from strongroom.web import cookies, redirects
from strongroom.web.asking import Request

View = Callable[..., HttpResponseBase]


class Permission(Enum):
    """Who may ask."""

    ANYONE = "anyone"
    PENDING = "has given the right password and owes a second factor"
    SIGNED_IN = "is signed in"
    FRESH = "is signed in and has proved it within the last 10 minutes"
    OPERATOR = "is signed in as an operator"
    FRESH_OPERATOR = "is signed in as an operator and has proved it within the last 10 minutes"


ANYONE, PENDING = Permission.ANYONE, Permission.PENDING
SIGNED_IN, FRESH = Permission.SIGNED_IN, Permission.FRESH
OPERATOR, FRESH_OPERATOR = Permission.OPERATOR, Permission.FRESH_OPERATOR


class Page:
    """A view and who may ask it, by method. HEAD is answered as GET; other methods with 405."""

    def __init__(self, view: View, *, permissions: dict[str, Permission], form_at: str) -> None:
        self.view = view
        self.permissions = permissions
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
        if permission is ANYONE:
            return None
        if permission is PENDING:
            waiting = cookies.ticket(request) is not None
            return None if waiting else redirects.see_other(reverse("login"))
        if request.signed_in is None:
            return redirects.with_next("login", self._back_to(request))
        if permission in {OPERATOR, FRESH_OPERATOR} and not request.signed_in.user.is_operator:
            raise Refused("not_operator", _("Only the operators of this site may open this page."))
        if permission in {FRESH, FRESH_OPERATOR} and not stepup.is_fresh(request.signed_in):
            return redirects.with_next("reauthenticate", self._back_to(request))
        return None

    def _back_to(self, request: Request) -> str:
        """The page to see next: the one asked for, or the one with the form, which is shown again, never replayed."""
        if request.method in {"GET", "HEAD"} or "GET" in self.permissions:
            return request.get_full_path()
        return reverse(self._form_at)


def page(
    view: View, *, get: Permission | None = None, post: Permission | None = None, form_at: str = "account"
) -> Page:
    """A view with its permissions; ``form_at`` names the page whose form is sent to a route that takes only POST."""
    permissions = {"GET": get, "POST": post}
    return Page(
        view,
        permissions={method: who for method, who in permissions.items() if who is not None},
        form_at=form_at,
    )
