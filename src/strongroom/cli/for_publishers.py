"""The commands of people who publish; they need nothing of a server but its address."""

from typing import Any

import click

from strongroom.cli.options import moment


@click.command()
@click.argument("url")
@click.option("--name", default="", help="What this machine calls itself (default: its host name).")
@click.option("--browser", is_flag=True, help="Open the page in this machine's browser.")
@click.option("--print", "printing", is_flag=True, help="Print the token, and keep it nowhere.")
def login(url: str, **options: Any) -> None:
    """Get an API token of the index at URL, approved in a browser, and keep it for publishing tools.

    It goes into the keyring where there is one, else into ~/.pypirc.
    """
    from strongroom.cli import login as device

    device.login(url, **options)


@click.group()
def token() -> None:
    """Narrow, show or revoke an API token, given in STRONGROOM_TOKEN or on standard input."""


@token.command()
@click.option("--project", "projects", multiple=True, help="Good for this project that there is. Repeatable.")
@click.option(
    "--pattern", "patterns", multiple=True, help="Good for names such as acme-*, new ones too. Repeatable."
)
@click.option(
    "--action",
    "actions",
    multiple=True,
    help="Good to upload, yank, read (packages) or audit (read the audit trail). Repeatable.",
)
@click.option(
    "--expires",
    metavar="WHEN",
    callback=moment,
    help="Good until then: 30d, 12h, 15m, or a date and time (UTC).",
)
@click.option("--not-before", metavar="WHEN", callback=moment, help="Good from then on.")
@click.option("--network", "networks", multiple=True, help="Good from these addresses (CIDR). Repeatable.")
@click.option("--uses", type=int, help="Good for so many files, published or yanked.")
@click.option("--label", default="", help="Copies with another label count their uses for themselves.")
@click.option("--version", default="", help="Good for this version.")
@click.option("--sha256", multiple=True, help="Good for files with this digest. Repeatable.")
def narrow(**options: Any) -> None:
    """Print a copy of the token that is good for less. Nothing is sent anywhere."""
    from strongroom.cli import held

    held.narrow(**options)


@token.command()
@click.argument("url")
def revoke(url: str) -> None:
    """Revoke the token at the index at URL, at once and for all."""
    from strongroom.cli import held

    held.revoke(url)


@token.command()
@click.argument("url")
def show(url: str) -> None:
    """Show what the token may do at the index at URL."""
    from strongroom.cli import held

    held.show(url)
