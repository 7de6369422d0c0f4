"""Every route for people, with values for its path."""

from collections.abc import Iterator
from typing import cast
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from strongroom.web.routes import Page

_VALUES: dict[str, dict[str, object]] = {
    "project": {"name": "strong-box"},
    "release": {"name": "strong-box", "version": "1.0"},
    "user": {"username": "alice"},
    "operate-disable": {"username": "mallory"},
    "operate-enable": {"username": "mallory"},
    "operate-thaw": {"username": "mallory"},
    "totp-remove": {"totp_id": 4711},
    "key-rename": {"key_id": 4711},
    "key-remove": {"key_id": 4711},
    "browser-forget": {"browser_id": 4711},
    "email-verify": {"address_id": 4711},
    "email-primary": {"address_id": 4711},
    "email-remove": {"address_id": 4711},
    "token-revoke": {"token_id": 4711},
    "session-end": {"session_id": 4711},
    "project-releases": {"name": "strong-box"},
    "release-yank": {"name": "strong-box", "version": "1.0"},
    "release-unyank": {"name": "strong-box", "version": "1.0"},
    "project-settings": {"name": "strong-box"},
    "project-publishing": {"name": "strong-box"},
    "publishing-try": {"name": "strong-box"},
    "publisher-remove": {"name": "strong-box", "publisher_id": 4711},
    "publisher-confirm": {"name": "strong-box", "publisher_id": 4711},
    "publisher-constrain": {"name": "strong-box", "publisher_id": 4711},
    "pending-remove": {"pending_id": 4711},
    "operate-issuer-remove": {"issuer_id": 4711},
    "account-event-disown": {"serial": 4711},
    "account-event-receipt": {"serial": 4711},
    "project-history-download": {"name": "strong-box"},
    "project-history": {"name": "strong-box"},
    "project-event-receipt": {"name": "strong-box", "serial": 4711},
    "operate-event-receipt": {"serial": 4711},
    "recovery-vouch": {"recovery_id": 4711},
    "recovery-stop": {"recovery_id": 4711},
    "operate-recovery-approve": {"recovery_id": 4711},
    "operate-recovery-stop": {"recovery_id": 4711},
    "project-webhooks": {"name": "strong-box"},
    "project-webhook-add": {"name": "strong-box"},
}
_PAGES_OF_A_WEBHOOK = ("", "-change", "-test", "-resume", "-replay", "-secret", "-remove")
for _page in _PAGES_OF_A_WEBHOOK:
    _NOBODYS: dict[str, object] = {"webhook": UUID(int=4711)}
    _VALUES[f"account-webhook{_page}"] = _VALUES[f"operate-webhook{_page}"] = _NOBODYS
    _VALUES[f"project-webhook{_page}"] = {"name": "strong-box", **_NOBODYS}


def every_route() -> dict[str, Page]:
    """Name -> page, in the order of the table."""
    return {cast("str", found.name): cast("Page", found.callback) for found in _patterns(get_resolver())}


def path_of(name: str) -> str:
    """A path of the route; the ids in it are nobody's."""
    return reverse(name, kwargs=_VALUES.get(name))


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
        else:
            yield pattern
