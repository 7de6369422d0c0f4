"""The commands of operators about whom and what their site believes."""

from pathlib import Path
from typing import Any

import click

from strongroom.cli.options import common

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def issuer() -> None:
    """List, add and remove the OpenID providers whose identity tokens are believed."""


@issuer.command(name="list")
@common
def list_() -> None:
    """List them: name, address, kind, how many publishers rely on each, and its keys."""
    from strongroom.cli import issuers

    issuers.list_all()


@issuer.command()
@common
@click.argument("url")
@click.option("--name", required=True, help="What pages call it.")
@click.option(
    "--kind", default="generic", show_default=True, help="How its tokens are read: github, gitlab or generic."
)
@click.option(
    "--field", "fields", multiple=True, help="A claim for which each publisher gives a value. Repeatable."
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    help="CLAIM=VALUE that every token must meet; VALUE may end in *. Repeatable.",
)
@click.option(
    "--pin", "pins", multiple=True, help="A claim that stays as a publisher's first token has it. Repeatable."
)
@click.option("--keys", type=_FILE, help="A file with its keys (JWK Set), if the site cannot reach it.")
def add(url: str, **options: Any) -> None:
    """Believe the provider at URL, spelled as its tokens spell it, from now on."""
    from strongroom.cli import issuers

    issuers.add(url, **options)


@issuer.command()
@common
@click.argument("url")
def remove(url: str) -> None:
    """Believe the provider at URL no more; tokens that it brought die."""
    from strongroom.cli import issuers

    issuers.remove(url)


@click.group(name="trust-root")
def trust_root() -> None:
    """Check and update the roots of trust for attestations; nothing is fetched."""


@trust_root.command()
@common
@click.argument("file", type=_FILE, required=False)
def check(file: Path | None) -> None:
    """Check a trusted_root.json of Sigstore, or the one in use."""
    from strongroom.cli import trust_root as roots

    roots.check(file)


@trust_root.command()
@common
@click.argument("file", type=_FILE)
def update(file: Path) -> None:
    """Check a trusted_root.json of Sigstore and use it from now on."""
    from strongroom.cli import trust_root as roots

    roots.update(file)
