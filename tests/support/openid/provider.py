"""A real OpenID provider for the tests: started, stopped, its keys rotated, its tokens fetched as clients fetch them."""

import json
import os
import re
import secrets
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.patience import SECONDS
from tests.support.postgresql import free_port

_REDIRECT = "http://localhost/done"  # nobody listens there: the code is read from the address


class Provider:
    """One provider: ``issuer`` is its URL, the same over all its starts."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._talking = Lock()
        for name in ("keys", "claims"):
            (folder / name).mkdir(parents=True)
        self._write_key()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.openid.serve", str(self.port)],
                cwd=Path(__file__).parents[3],
                env=_environment(self._folder, self.issuer),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._expect("ready")

    def stop(self) -> None:
        """End it: connections to it are refused from now on."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.communicate(timeout=SECONDS)
        self._process = None

    def rotate(self, *, keep_old: bool) -> None:
        """Sign with a new key from now on; the old ones stay published, or are withdrawn with all before them."""
        active = self._folder / "keys" / "active.pem"
        if keep_old:
            active.rename(active.with_name(f"old-{secrets.token_hex(4)}.pem"))
        self._write_key()
        if not keep_old:
            self.withdraw_old()
        else:
            self._restart()

    def withdraw_old(self) -> None:
        """Publish the key that signs, and no other."""
        for path in (self._folder / "keys").glob("old-*.pem"):
            path.unlink()
        self._restart()

    def token(self, *, audience: str, **claims: object) -> str:
        """An ID token for ``audience``, by way of an authorization code and PKCE, as a browser and a client get it.

        ``claims`` are added to those of the provider (``iss``, ``sub``, ``aud``, ``iat``, ``exp``, ``jti``), or take
        their place; ``None`` leaves one out.
        """
        username, password = f"user-{secrets.token_hex(8)}", secrets.token_hex(16)
        (self._folder / "claims" / f"{username}.json").write_text(json.dumps(claims), "utf-8")
        self._add(username=username, password=password, audience=audience, redirect_uri=_REDIRECT)
        with httpx.Client(base_url=self.issuer, trust_env=False, timeout=SECONDS) as browser:
            _log_in(browser, username, password)
            return _id_token(browser, audience)

    def keys(self) -> str:
        """Its public keys, as it publishes them (a JWK Set)."""
        with httpx.Client(base_url=self.issuer, trust_env=False, timeout=SECONDS) as client:
            configuration = client.get("/.well-known/openid-configuration").json()
            return client.get(configuration["jwks_uri"]).text

    @contextmanager
    def in_actions(self, **claims: object) -> Iterator[dict[str, str]]:
        """The environment of a job of GitHub Actions that may ask for identity tokens with ``claims``.

        The address behind it answers as GitHub's does: the token in the Authorization header, ``audience`` in the
        query, and ``{"value": …}`` as the answer.
        """
        token = secrets.token_urlsafe()

        class Handler(_Actions):
            provider, secret, said = self, token, claims

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            try:
                yield {
                    "GITHUB_ACTIONS": "true",
                    "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{server.server_address[1]}/token?api-version=2.0",
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token,
                }
            finally:
                server.shutdown()

    def _restart(self) -> None:
        if self._process is not None:
            self.stop()
            self.start()

    def _write_key(self) -> None:
        pem = rsa.generate_private_key(65537, 2048).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        (self._folder / "keys" / "active.pem").write_bytes(pem)

    def _add(self, **person: str) -> None:
        assert self._process is not None, "the provider is not running"
        assert self._process.stdin is not None
        with self._talking:
            self._process.stdin.write(f"{json.dumps(person)}\n")
            self._process.stdin.flush()
            self._expect("added")

    def _expect(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        assert said == word, f"{said}\n{(self._folder / 'log').read_text()}"


@contextmanager
def running_provider(folder: Path) -> Iterator[Provider]:
    """A provider with its files in ``folder`` / ``openid``, until the block ends."""
    provider = Provider(folder / "openid")
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


class _Actions(BaseHTTPRequestHandler):
    provider: Provider
    secret: str
    said: dict[str, object]

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if self.headers.get("Authorization", "").partition(" ")[2] != self.secret or "audience" not in query:
            self.send_error(401)
            return
        body = json.dumps({"value": self.provider.token(audience=query["audience"][0], **self.said)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def _environment(folder: Path, issuer: str) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("STRONGROOM_", "DJANGO_"))
    }
    ours = {
        "DJANGO_SETTINGS_MODULE": "tests.support.openid.settings",
        "OPENID_FOLDER": str(folder),
        "OPENID_ISSUER": issuer,
    }
    return inherited | ours | {"OAUTHLIB_INSECURE_TRANSPORT": "1"}  # http, as it stays on this machine


def _log_in(browser: httpx.Client, username: str, password: str) -> None:
    page = browser.get("/accounts/login/").raise_for_status()
    form = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert form
    filled = {"csrfmiddlewaretoken": form[1], "username": username, "password": password}
    assert browser.post("/accounts/login/", data=filled).status_code == 302


def _id_token(browser: httpx.Client, audience: str) -> str:
    """RFC 6749 §4.1 with RFC 7636, scope ``openid``."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe()
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": audience, "redirect_uri": _REDIRECT, "scope": "openid", "state": state,
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    sent_back = browser.get("/authorize/", params=asked)
    assert sent_back.status_code == 302, sent_back.text
    answer = parse_qs(urlsplit(sent_back.headers["Location"]).query)
    assert answer["state"] == [state]
    granted = browser.post("/token/", data={
        "grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": _REDIRECT,
        "client_id": audience, "code_verifier": verifier,
    })  # fmt: skip
    assert granted.status_code == 200, granted.text
    return str(granted.json()["id_token"])
