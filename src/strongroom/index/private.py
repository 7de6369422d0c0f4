"""A private site: in front of whatever installers read stands the gate, and nothing that it lets out is for others.

A public site is put together without it, so it costs nothing there.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from strongroom.index import downloading
from strongroom.index.answer import NO_STORE, Answer, Headers, text
from strongroom.index.kept import Unavailable
from strongroom.index.paths import HEALTH, ROOT
from strongroom.index.ports import Downloads, Message, Reader, Receive, Scope, Send
from strongroom.index.readers import READING, Readers, Visit, shows_authorization
from strongroom.kernel.refused import Refused

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
ProjectOf = Callable[[str], Awaitable[str | None]]
LoginFor = Callable[[str], str]

_VARY: Final = (b"vary", b"Authorization, Cookie")
_SAME_ORIGIN: Final = (b"cross-origin-resource-policy", b"same-origin")
_CHALLENGE: Final = (b"www-authenticate", b'Basic realm="Strongroom", charset="UTF-8"')
_UNAVAILABLE: Final = text(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Not available now. Try again.",
    NO_STORE,
    _VARY,
    (b"retry-after", b"5"),
)


class Private:
    """``app`` for those alone whom ``readers`` finds.

    ``project_of`` says which project a path is about (``None`` for all, or none): whoever may read some projects is asked
    for each path, and gets one and the same refusal for other projects and for what does not exist (IX-01).
    ``login_for`` is where people log in, and from there come to an address of this site. ``downloads`` is told of each
    download.
    """

    def __init__(
        self,
        app: Application,
        *,
        readers: Readers,
        project_of: ProjectOf,
        login_for: LoginFor,
        downloads: Downloads,
    ) -> None:
        self._app = app
        self._readers = readers
        self._project_of = project_of
        self._login_for = login_for
        self._downloads = downloads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; whether this process lives is told to everybody."""
        if scope["path"] in HEALTH:
            await self._app(scope, receive, send)
            return
        visit = await self._let_in(scope)
        if isinstance(visit, Answer):
            await visit.send(send, method=scope["method"], if_none_match=None)
        else:
            make_private = _for_installers if shows_authorization(scope) else _for_people
            answering = partial(_send_privately, send, make_private)
            told = downloading.told(answering, scope, visit=visit, downloads=self._downloads)
            await self._app(scope, receive, told)

    async def _let_in(self, scope: Scope) -> Visit | Answer:
        """Who asks, or the answer to whoever may not read this."""
        try:
            visit = await self._readers.find(scope)
            if not visit.reader.reads_everything:
                _require(visit.reader, await self._project_of(scope["path"]))
        except Refused as refused:
            if refused.code == "credentials_missing" and _is_from_a_browser(scope):
                return _to_login(self._login_for(_address(scope)), refused)
            return _refusal(refused)
        except Unavailable:
            return _UNAVAILABLE
        return visit


def _require(reader: Reader, project: str | None) -> None:
    try:
        if project is not None:
            reader.require(project)
            return
    except Refused:
        pass
    raise Refused(
        "token_scope",
        "This API token is for some projects alone, and this is none of theirs. Ask for /simple/NAME/ of one of them.",
    )


def _refusal(refused: Refused) -> Answer:
    """401 asks for credentials (RFC 9110 §11.6.1): pip and uv then look for some. Others would not help: 403."""
    headers: Headers = (NO_STORE, _VARY, (b"strongroom-refusal", refused.code.encode("ascii")))
    if refused.code == "credentials_missing":
        return text(HTTPStatus.UNAUTHORIZED, refused.message, *headers, _CHALLENGE)
    return text(HTTPStatus.FORBIDDEN, refused.message, *headers)


def _is_from_a_browser(scope: Scope) -> bool:
    """Whether a person follows a link, who is shown the page to log in, not the browser's own question for a password.

    Installers ask for pages of the index as HTML, too, and need the challenge there; for all else they ask for anything.
    """
    if (
        scope["path"].startswith(ROOT.rstrip("/"))
        or scope["method"] not in READING
        or shows_authorization(scope)
    ):
        return False
    return any(name == b"accept" and b"text/html" in value.lower() for name, value in scope["headers"])


def _to_login(location: str, refused: Refused) -> Answer:
    """The same for whatever there is and is not (IX-01)."""
    headers: Headers = (NO_STORE, _VARY, (b"strongroom-refusal", refused.code.encode("ascii")))
    return text(HTTPStatus.SEE_OTHER, "Log in.", *headers, (b"location", location.encode("ascii")))


def _address(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return quote(scope.get("root_path", "") + scope["path"], errors="replace") + (
        f"?{query}" if query else ""
    )


async def _send_privately(send: Send, make_private: Callable[[Headers], Headers], message: Message) -> None:
    """Nobody but who asked may keep it, nor read it from another site's page (IX-02)."""
    if message["type"] == "http.response.start":
        message = {**message, "headers": make_private(message["headers"])}
    await send(message)


def _for_installers(headers: Headers) -> Headers:
    """Their own caches keep it as they would keep it of a public site."""
    found = dict(headers)
    found.pop(b"access-control-allow-origin", None)
    found[b"cache-control"] = _kept_privately(found.get(b"cache-control", b""))
    found[b"vary"] = b", ".join(filter(None, (found.get(b"vary"), _VARY[1])))
    return (*found.items(), _SAME_ORIGIN)


def _for_people(headers: Headers) -> Headers:
    """Nothing is left to see in a browser after logging out (SS-16)."""
    return tuple((dict(_for_installers(headers)) | dict((NO_STORE,))).items())


def _kept_privately(cache_control: bytes) -> bytes:
    directives = [part.strip() for part in cache_control.split(b",")]
    if b"no-store" in directives:
        return cache_control
    return b", ".join([b"private", *(part for part in directives if part and part != b"public")])
