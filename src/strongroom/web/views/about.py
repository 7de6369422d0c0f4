"""Pages about the site itself: help, security policy, and the files that programs look for."""

from datetime import date, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from strongroom.factors import keys, policy
from strongroom.kernel import clock
from strongroom.kernel.sections import SiteKind
from strongroom.web import publisher_forms, snippets
from strongroom.web.asking import Request
from strongroom.web.links import contact_link
from strongroom.web.pages import show

_PLAIN = "text/plain; charset=utf-8"
_VALID = timedelta(days=180)  # RFC 9116 §2.5.5 recommends less than a year


def help_page(request: Request) -> HttpResponse:
    """How to do things here; each answer has an anchor that other pages link to."""
    return show(
        request,
        "help.html",
        install=snippets.install("NAME"),
        is_private=settings.CONFIG.site.access == "private",
        uv_install=snippets.uv_install("NAME"),
        pip_config=snippets.pip_config(),
        twine_upload=snippets.twine_upload(),
        uv_upload=snippets.uv_upload(),
        login=snippets.login(),
        narrow=snippets.narrow(),
        revoke_held=snippets.revoke_held(),
        trusted_upload=snippets.trusted_upload(),
        takes_publishers=publisher_forms.is_on(),
        offers_keys=keys.are_offered(),
        policy=settings.CONFIG.sign_in.two_factor,
        policy_day=_policy_day(),
        recovery_hours=settings.CONFIG.recovery.wait_hours,
    )


def security(request: Request) -> HttpResponse:
    """Where to report a hole, and where a bug."""
    site = settings.CONFIG.site
    return show(
        request,
        "security.html",
        security_contact=contact_link(site.security_contact),
        security_name=site.security_contact,
        bug_contact=contact_link(site.bug_contact),
        bug_name=site.bug_contact,
    )


def security_txt(request: Request) -> HttpResponse:
    """The security contact for programs (RFC 9116). Without a configured contact, the policy page is the contact."""
    base = settings.CONFIG.base_url
    policy = f"{base}{reverse('security')}"
    expires = (clock.now() + _VALID).replace(microsecond=0, second=0, minute=0, hour=0)
    lines = [
        f"Contact: {contact_link(settings.CONFIG.site.security_contact) or policy}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {base}{reverse('security-txt')}",
        f"Policy: {policy}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type=_PLAIN)


def robots_txt(request: Request) -> HttpResponse:
    """What crawlers may read (RFC 9309): public pages, not accounts; nothing of a test site or a private one."""
    site = settings.CONFIG.site
    is_closed = site.kind is SiteKind.TEST or site.access == "private"
    closed = ["/"] if is_closed else ["/account/", "/manage/", "/operate/", "/search/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return HttpResponse("\n".join(lines) + "\n", content_type=_PLAIN)


def _policy_day() -> date | None:
    """The day from which two-factor sign-in will be asked for; nothing where it is up to people, or asked for already."""
    asked = policy.asked_of(owns=True)
    return asked.since if asked is not None and not asked.holds else None
