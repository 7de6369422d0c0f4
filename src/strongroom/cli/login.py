"""``strongroom login``: an API token for this machine, approved in a browser on any other (RFC 8628)."""

import re
import socket
import time
import webbrowser
from collections.abc import Mapping
from typing import Any

import click

from strongroom.cli import keeping, remote
from strongroom.cli.remote import NoAnswer, Site
from strongroom.kernel import clock
from strongroom.kernel.secrets import Secret

_PROGRAM = "strongroom login"
_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
_USER_CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")
_TOKEN = re.compile(r"strongroom-[A-Za-z0-9_-]+")
_SLOWER = 5  # seconds (RFC 8628 §3.5)
_LONGEST_INTERVAL = 60
_LONGEST = 3600


def login(url: str, *, name: str, browser: bool, printing: bool) -> None:
    """Ask for a token, wait until somebody approves, and keep it; or print it and keep nothing."""
    there = remote.site(url)
    fields = {"client_id": _PROGRAM, "host": remote.shown(name or socket.gethostname())[:60]}
    begun = remote.asked(there, "POST", "/_/device/code", form=fields).document
    _tell(there, begun, browser=browser)
    token = _wait(there, begun)
    if printing:
        click.echo(token)
        return
    keeping.keep(token, there=there)


def _tell(there: Site, begun: Mapping[str, Any], *, browser: bool) -> None:
    """Codes and links, once they are known to be of the site that was asked."""
    code, page, link = (
        begun.get(key) for key in ("user_code", "verification_uri", "verification_uri_complete")
    )
    for address in (page, link):
        if not isinstance(address, str) or not address.startswith(f"{there.origin}/"):
            raise click.ClickException(
                f"{there.origin} sends you to another address, {remote.shown(address)!r}: use that of the site itself."
            )
    if not isinstance(code, str) or not _USER_CODE.fullmatch(code):
        raise click.ClickException(f"{there.origin} gives no code that can be read.")
    click.echo(f"Open {remote.shown(page)} in a browser and type this code:\n\n  {code}\n", err=True)
    click.echo(f"Or open {remote.shown(link)} and compare the code.", err=True)
    if browser:
        webbrowser.open(str(link))
    click.echo("Waiting for your approval …", err=True)


def _wait(there: Site, begun: Mapping[str, Any]) -> Secret:
    """The token; raises ``click.ClickException`` where it was denied, or nobody came."""
    fields = {
        "grant_type": _GRANT_TYPE,
        "device_code": str(begun.get("device_code", "")),
        "client_id": _PROGRAM,
    }
    interval = _seconds(begun.get("interval"), otherwise=_SLOWER, longest=_LONGEST_INTERVAL)
    until = clock.monotonic() + _seconds(begun.get("expires_in"), otherwise=600, longest=_LONGEST)
    while clock.monotonic() < until:
        time.sleep(interval)
        try:
            answer = there.ask("POST", "/_/device/token", form=fields)
        except NoAnswer:
            interval = min(interval + _SLOWER, _LONGEST_INTERVAL)
            continue
        token = answer.document.get("access_token")
        if answer.status == 200 and isinstance(token, str) and _TOKEN.fullmatch(token):
            return Secret(token)
        match answer.document.get("error"):
            case "authorization_pending":
                continue
            case "slow_down":
                interval = min(interval + _SLOWER, _LONGEST_INTERVAL)
            case _ if answer.status < 500:
                raise click.ClickException(answer.message)
    raise click.ClickException("Nobody approved it in time. Run the command again.")


def _seconds(told: object, *, otherwise: int, longest: int) -> int:
    return min(max(told, 1), longest) if isinstance(told, int) and not isinstance(told, bool) else otherwise
