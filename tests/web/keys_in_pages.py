"""A browser with a security key for the pages: fetches the options as the script does, and puts the answer into the form."""

from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client

from tests.support.authenticator import Authenticator

PROVISION = "/manage/account/webauthn-provision/"
TWO_FACTOR = "/account/two-factor/"
REAUTHENTICATE = "/account/reauthenticate/"


def options_of(client: Client, page: str, **sent: str) -> dict[str, Any]:
    """What the server asks a key on ``page``."""
    answer = client.post(f"{page}options/", sent)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def add_key(client: Client, authenticator: Authenticator, *, name: str = "Key ring") -> HttpResponseBase:
    """Name a key and press it."""
    credential = authenticator.register(options_of(client, PROVISION))
    return client.post(PROVISION, {"name": name, "credential": credential})


def press(client: Client, page: str, authenticator: Authenticator, **sent: str) -> HttpResponseBase:
    """Answer with a key on ``page``."""
    credential = authenticator.sign_in(options_of(client, page))
    return client.post(page, {"credential": credential, "with": "key", **sent})


def log_in_by_passkey(client: Client, authenticator: Authenticator, **sent: str) -> HttpResponseBase:
    """Press the button of the page to log in."""
    options = client.post("/account/login/passkey-options/").json()
    return client.post("/account/login/passkey/", {"credential": authenticator.sign_in(options), **sent})
