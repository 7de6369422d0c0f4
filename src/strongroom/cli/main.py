"""The commands: those of a server, and those of other modules."""

from typing import Any

import click

from strongroom import __version__
from strongroom.cli.audit import audit
from strongroom.cli.for_operators import issuer, trust_root
from strongroom.cli.for_publishers import login, token
from strongroom.cli.options import common
from strongroom.kernel import config


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="strongroom")
def main() -> None:
    """Strongroom, a Python package index."""


@main.command()
@common
@click.option("--host", help="The address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on (default: 8000).")
@click.option("--workers", type=click.IntRange(1), help="How many worker processes (default: 1).")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Start the index; makes what is missing in the data folder."""
    from strongroom.cli import server

    config.choose(host=host, port=port, workers=workers)
    server.serve()


@main.command()
@common
def check() -> None:
    """Check the configuration and list every mistake."""
    from strongroom.cli import checking

    checking.check()


@main.command()
@common
def migrate() -> None:
    """Bring the database to this version (the embedded SQLite one is brought there by `serve`)."""
    from strongroom.cli import database

    database.prepare()
    database.migrate()
    click.echo("The database is at this version.")


@main.command()
@common
@click.option(
    "--deep", is_flag=True, help="Read every byte and compare its digest; else only presence and size."
)
def fsck(*, deep: bool) -> None:
    """Check that every listed file has its bytes."""
    from strongroom.cli import fsck as checking

    checking.check(deep=deep)


@main.group()
def user() -> None:
    """Add, list, disable people; begin the recovery of an account."""


@user.command()
@common
@click.argument("username")
@click.option("--email", required=True, help="The primary email address.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; else it is asked for."
)
@click.option("--verified", is_flag=True, help="Take the address as verified, on your word.")
@click.option("--operator", is_flag=True, help="Give the operator's rights.")
def add(username: str, **options: Any) -> None:
    """Add a person."""
    from strongroom.cli import people

    people.add(username, **options)


@user.command(name="list")
@common
def list_() -> None:
    """List everybody: username, primary address, second factors, state."""
    from strongroom.cli import people

    people.list_all()


@user.command()
@common
@click.argument("username")
def disable(username: str) -> None:
    """Stop an account from signing in and publishing."""
    from strongroom.cli import people

    people.disable(username)


@user.command()
@common
@click.argument("username")
def enable(username: str) -> None:
    """Let a disabled account in again."""
    from strongroom.cli import people

    people.enable(username)


@user.command(short_help="Undo the freeze of an account whose owner cannot.")
@common
@click.argument("username")
@click.option("--yes", is_flag=True, help="Do not ask.")
def thaw(username: str, *, yes: bool) -> None:
    """Undo the freeze of somebody who has no second factor of before it; they are told by mail."""
    from strongroom.cli import people

    people.thaw(username, asked=yes)


@user.command(short_help="Write everything that the site knows about an account as JSON.")
@common
@click.argument("username")
@click.option(
    "--output", type=click.Path(dir_okay=False), default="-", help="A file (default: the terminal)."
)
def export(username: str, *, output: str) -> None:
    """Write everything that the site knows about an account as one JSON document, without secrets."""
    from strongroom.cli import people_data

    people_data.export(username, output=output)


@user.command(short_help="Delete an account for good.")
@common
@click.argument("username")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(username: str, *, yes: bool) -> None:
    """Delete an account for good, and the person from the audit trail; all its verified addresses are told."""
    from strongroom.cli import people_data

    people_data.delete(username, asked=yes)


@user.command(short_help="Begin or approve a recovery: all second factors are lost.")
@common
@click.argument("username")
@click.option(
    "--reason", required=True, help="Why you are sure that it is them; they and the audit trail get it."
)
@click.option("--address", default="", help="Where the last link goes (default: their primary address).")
def recover(username: str, *, reason: str, address: str) -> None:
    """Begin, or approve, the recovery of somebody who has lost every second factor."""
    from strongroom.cli import people

    people.recover(username, reason=reason, address=address)


main.add_command(login)
main.add_command(token)
main.add_command(audit)
main.add_command(issuer)
main.add_command(trust_root)
