"""``strongroom token …``: what whoever holds a token does with it. Its text comes from outside of the command line."""

import json
import sys
from typing import Any

import click

from strongroom.cli import remote
from strongroom.kernel import config
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret

_PATH = "/_/token"


def narrow(**options: Any) -> None:
    """Print a copy of the token that is good for less."""
    from strongroom.tokens.narrow import Narrowing
    from strongroom.tokens.narrow import narrow as narrowed

    try:
        click.echo(narrowed(_token(), Narrowing(**options)))
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None


def revoke(url: str) -> None:
    """End the token, at once and for all."""
    remote.asked(remote.site(url), "DELETE", _PATH, token=_token())
    click.echo("The token is revoked. Its owner is told by mail.")


def show(url: str) -> None:
    """Say what the token may do."""
    told = remote.asked(remote.site(url), "GET", _PATH, token=_token()).document
    publisher = told.get("publisher")
    holder = publisher.get("name") if isinstance(publisher, dict) else told.get("owner")
    click.echo(
        f"Token: {remote.shown(told.get('name')) or 'without a name'} ({remote.shown(told.get('id'))}…)"
    )
    click.echo(f"{'Trusted publisher' if publisher else 'Owner'}: {remote.shown(holder)}")
    click.echo(f"Expires: {remote.shown(told.get('expires')) or 'never'}")
    if isinstance(left := told.get("uses_left"), int):
        click.echo(f"Uses left: {left}")
    click.echo("Restrictions, all of which must be met:")
    for caveat in told.get("caveats") or ["none"]:
        click.echo(f"  {remote.shown(json.dumps(caveat))}")


def _token() -> Secret:
    """From ``STRONGROOM_TOKEN``, or else from standard input; never from the command line, which others can see."""
    text = str(config.token())
    if not text:
        text = click.prompt("Token", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    token = Secret(text.strip())
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise click.ClickException("Give the token on standard input, or in STRONGROOM_TOKEN.")
    return token
