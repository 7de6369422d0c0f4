"""A site as its publishers' commands talk to it: over HTTPS, within bounds, and believed as far as its word must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from strongroom.kernel.secrets import Secret

if TYPE_CHECKING:
    import httpx

UPLOAD: Final = "/legacy/"
SECONDS: Final = 20.0
_MAX_BODY = 256 * 1024
_LONGEST_LINE = 300


class NoAnswer(Exception):
    """The site could not be reached; the message says why in a few words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON object of an answer; an empty object where it was none."""

    status: int
    document: Mapping[str, Any]

    @property
    def message(self) -> str:
        """What it says of itself."""
        told = self.document.get("message") or self.document.get("error_description")
        return shown(told) or f"The site answered with status {self.status}."


@dataclass(frozen=True, slots=True)
class Site:
    """A site by its origin, such as ``https://index.example``."""

    origin: str

    @property
    def upload_url(self) -> str:
        """Where tools publish, and by what they look for its credentials."""
        return self.origin + UPLOAD

    def ask(
        self, method: str, path: str, *, form: Mapping[str, str] | None = None, token: Secret | None = None
    ) -> Answer:
        """One request; follows no redirects. Raises ``NoAnswer``."""
        import httpx  # only here: it takes a while to load

        headers = {"Accept": "application/json", "User-Agent": "strongroom"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with (
                httpx.Client(timeout=SECONDS, trust_env=not _is_local(self.origin)) as client,
                client.stream(method, self.origin + path, data=form, headers=headers) as response,
            ):
                return Answer(response.status_code, _document(response))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise NoAnswer(f"{self.origin} cannot be reached ({type(error).__name__}).") from error


def site(url: str) -> Site:
    """The site at ``url``: its address, or that of its uploads. Raises ``click.ClickException``.

    Plain HTTP is for this machine alone: everything here sends tokens.
    """
    given = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(given)
        _ = parts.port
    except ValueError:
        raise click.ClickException(f"{url!r} is no address of a site.") from None
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in {"https", "http"} or not parts.hostname or not is_plain or not given.isascii():
        raise click.ClickException(f"{url!r} is no address of a site. Write one like https://index.example")
    if parts.path not in {"", "/", UPLOAD, UPLOAD.rstrip("/")}:
        raise click.ClickException(f"{url!r} is more than the address of a site. Leave out {parts.path!r}.")
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    if parts.scheme == "http" and not _is_local(origin):
        raise click.ClickException(f"{origin} is not HTTPS: everybody on the way could read the token.")
    return Site(origin)


def asked(
    there: Site, method: str, path: str, *, form: Mapping[str, str] | None = None, token: Secret | None = None
) -> Answer:
    """The answer to one request that must succeed; raises ``click.ClickException``."""
    try:
        answer = there.ask(method, path, form=form, token=token)
    except NoAnswer as error:
        raise click.ClickException(str(error)) from None
    if not 200 <= answer.status < 300:
        raise click.ClickException(answer.message)
    return answer


def shown(text: object) -> str:
    """Somebody else's text for a terminal: one line, without what moves the cursor; ``""`` for what is none."""
    if not isinstance(text, str):
        return ""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )[:_LONGEST_LINE]


def _document(response: "httpx.Response") -> Mapping[str, Any]:
    from strongroom.kernel import strict_json

    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _MAX_BODY:
            return {}
    try:
        return strict_json.parse_object(body.decode("utf-8"), max_containers=4096)
    except ValueError:
        return {}


def _is_local(origin: str) -> bool:
    from strongroom.trust.fetch import is_loopback

    return is_loopback(urlsplit(origin).hostname or "")
