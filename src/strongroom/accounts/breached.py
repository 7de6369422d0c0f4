"""Whether a password stands in a list of stolen ones, asked without telling the password (k-anonymity)."""

import hashlib
import logging

from django.conf import settings

_log = logging.getLogger(__name__)
_TIMEOUT = 2.0  # seconds; a service that does not answer blocks nobody
_MAX_ANSWER = 1024**2
_PREFIX = 5  # hex digits that the service learns


def is_known(password: str) -> bool:
    """Whether the configured service knows ``password``; ``False`` where there is none or it cannot be reached."""
    url = settings.CONFIG.accounts.breached_passwords_url
    if not url:
        return False
    import httpx  # only here: it takes a while to load, and most instances never need it

    sha1 = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        return sha1[_PREFIX:] in _suffixes(f"{url.rstrip('/')}/{sha1[:_PREFIX]}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _log.warning(
            "breached-password service not reachable; going on without it",
            extra={"error": type(error).__name__},
        )
        return False


def _suffixes(url: str) -> set[str]:
    """The suffixes in the answer's ``SUFFIX:COUNT`` lines, where the count is not the padding's 0."""
    import httpx

    body = b""
    with httpx.stream(
        "GET", url, timeout=_TIMEOUT, follow_redirects=False, headers={"Add-Padding": "true"}
    ) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > _MAX_ANSWER:
                break
    lines = (line.strip().partition(":") for line in body.decode("ascii", "replace").splitlines())
    return {suffix.upper() for suffix, _, count in lines if count != "0"}
