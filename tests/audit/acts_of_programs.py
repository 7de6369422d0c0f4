"""What the endpoints for programs leave."""

import tempfile
from pathlib import Path
from typing import Any

from strongroom.signin import devices, session
from strongroom.signin.devices import Grant
from tests.api.asking import Endpoint, bearer
from tests.api.calling import Api
from tests.artifacts.building import build_wheel
from tests.audit.acts import Act, Left, Mailbox, leaves
from tests.support.people import BROWSER, person, signed_in
from tests.tokens.making import token_for
from tests.trust.trusting import GITHUB, github, project_of, provider, signed, trusted
from tests.web.content import publish

CODE, TOKEN, HELD, YANK = "/_/device/code", "/_/device/token", "/_/token", "/_/yank"
MINT, BURN, UPLOAD = "/_/oidc/mint-token", "/_/oidc/burn-token", "/legacy/"
PUBLISHER = "acme/widget"
MINTED = {"token": ..., "publisher": ...}
EXCHANGED = {"issuer": GITHUB, "publisher": ..., "token": ..., "claims": ...}
FILE = {"version": "1.0", "filename": ..., "sha256": ..., "size": ...}


def asked(method: str, path: str, **body: Any) -> Any:
    """One request to the API, answered with success."""
    api = Api()
    try:
        answer = api.ask(method, path, **body)
    finally:
        api.close()
    assert answer.is_success, answer.text
    return answer


@leaves(
    f"POST {UPLOAD}",
    Left("project.created", project="demo", details={"name": "demo"}),
    Left("release.created", project="demo", details={"version": "1.0"}),
    Left("file.uploaded", project="demo", details=FILE),
)
def upload(_mailbox: Mailbox) -> Act:
    token, folder = token_for(person()).secret, Path(tempfile.mkdtemp())
    wheel, endpoint = build_wheel(folder), Endpoint(folder)

    def act() -> None:
        heard = endpoint.upload(wheel, token=token)
        endpoint.close()
        assert heard.status == 200, heard.text

    return act


@leaves(
    f"POST {YANK}",
    Left(
        "release.yanked", project="strong-box", details={"version": "1.0", "filename": "", "reason": "broken"}
    ),
)
def yank(_mailbox: Mailbox) -> Act:
    alice = person()
    publish(alice)
    order = {"project": "strong-box", "version": "1.0", "reason": "broken", "yanked": True}
    headers = bearer(str(token_for(alice).secret))
    return lambda: asked("POST", YANK, headers=headers, json=order)


@leaves(f"DELETE {HELD}", Left("token.revoked", actor="", details={"name": ..., "token": ..., "why": "held"}))
def revoke(_mailbox: Mailbox) -> Act:
    headers = bearer(str(token_for(person()).secret))
    return lambda: asked("DELETE", HELD, headers=headers)


@leaves(
    f"POST {MINT}",
    Left("token.minted", actor=PUBLISHER, subject="", project="widget", details=MINTED),
    Left("identity.exchanged", actor=PUBLISHER, subject="", project="widget", details=EXCHANGED),
)
def mint(_mailbox: Mailbox) -> Act:
    text = identity()
    return lambda: asked("POST", MINT, json={"token": text})


@leaves(
    f"POST {BURN}",
    Left(
        "token.revoked",
        actor="",
        subject="",
        project="widget",
        details={"name": ..., "token": ..., "why": "minted"},
    ),
)
def burn(_mailbox: Mailbox) -> Act:
    minted = asked("POST", MINT, json={"token": identity()}).json()["token"]
    return lambda: asked("POST", BURN, json={"token": minted})


@leaves(f"POST {TOKEN}", Left("token.made", details={"name": "laptop", "token": ..., "restrictions": ...}))
def fetch(_mailbox: Mailbox) -> Act:
    opened = signed_in(person())
    codes = devices.ask("strongroom login", host="laptop", origin=BROWSER)
    actor = session.actor_of(opened.session, BROWSER)
    grant = Grant(name="laptop", projects=[], days=365)
    devices.approve(opened.session, codes.user_code, grant=grant, by=actor)
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": str(codes.device_code),
        "client_id": "strongroom login",
    }
    return lambda: asked("POST", TOKEN, data=form)


def identity() -> str:
    """An identity token of a publisher that alice has added."""
    provider()
    alice = person()
    trusted(alice, project_of(alice))
    return signed(github())
