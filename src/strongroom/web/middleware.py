"""What happens to every request before and after its view."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from strongroom.kernel.actor import Actor, Origin
from strongroom.kernel.client_address import client_address
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import random_bytes
from strongroom.kernel.sections import SiteKind
from strongroom.signin import session as sessions
from strongroom.web import cookies, errors
from strongroom.web.asking import Request

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_MAX_CLIENT = 1000  # characters of a User-Agent that are looked at


class ExpectedHost:
    """Answers only under the configured name: no link is ever built from what a client says (design, D8)."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse a ``Host`` that is not ours, before anything else looks at the request."""
        try:
            request.get_host()
        except DisallowedHost:
            sentence = _("This address is not served here. Use %(url)s") % {"url": settings.CONFIG.base_url}
            return HttpResponse(f"{sentence}\n", status=400, content_type="text/plain; charset=utf-8")
        return self._get_response(request)


class WhoIsAsking:
    """Turns the session cookie into ``request.signed_in`` and ``request.actor``, and nothing else does (design, D4).

    ``Authorization`` headers mean nothing to the pages for people (SS-13).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look before the view; say after it how the page may be kept."""
        asking = cast("Request", request)
        origin = _origin(request)
        secret = cookies.session(asking)
        asking.signed_in = sessions.find(secret) if secret else None
        asking.actor = (
            sessions.actor_of(asking.signed_in, origin) if asking.signed_in else Actor.anonymous(origin)
        )
        response = self._get_response(request)
        _describe(asking, response)
        return response


class Refusals:
    """Turns a refusal that no form has shown into a page that says what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing to do unless the view raises."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Called by Django for what the view raised."""
        return errors.refused(request, exception) if isinstance(exception, Refused) else None


def _origin(request: HttpRequest) -> Origin:
    return Origin(
        address=client_address(
            request.META.get("REMOTE_ADDR", ""),
            request.headers.get("X-Forwarded-For", ""),
            proxies=settings.CONFIG.server.trusted_proxies,
        ),
        client=request.headers.get("User-Agent", "")[:_MAX_CLIENT],
        request_id=random_bytes(8).hex(),
        browser=cookies.browser(request),
    )


def _describe(request: Request, response: HttpResponseBase) -> None:
    response.headers["X-Request-Id"] = request.actor.origin.request_id
    response.headers.setdefault(
        "Permissions-Policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self)",
    )
    if (
        settings.CONFIG.is_https
    ):  # also where a proxy in front of us ends TLS, which Django's own check cannot see
        response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    patch_vary_headers(response, ["Cookie"])
    is_private = settings.CONFIG.site.access == "private"
    if is_private or request.signed_in is not None or request.method not in {"GET", "HEAD"}:
        response.headers["Cache-Control"] = "no-store"  # SS-16: nothing to see after logging out
    if _shows_link(request):
        response.headers["Cache-Control"] = "no-store"
        # EM-17: the secret leaves the page in no Referer. "no-referrer" would also make browsers send
        # "Origin: null" with the page's own form (Fetch, "append a request Origin header"), which is refused.
        response.headers["Referrer-Policy"] = "strict-origin"
    if is_private or settings.CONFIG.site.kind is SiteKind.TEST:
        response.headers["X-Robots-Tag"] = "noindex"


def _shows_link(request: Request) -> bool:
    """Whether the address of this page holds the secret of a mailed link, of its own or of the page to come next."""
    query = request.META.get("QUERY_STRING", "")
    return "token=" in query or "token%3D" in query
