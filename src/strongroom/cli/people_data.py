"""``strongroom user export`` and ``strongroom user delete``: what people ask for by mail."""

import click

from strongroom.cli.people import found
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused


def export(username: str, *, output: str) -> None:
    """Write everything that the site knows about an account."""
    user = found(username)
    from strongroom.personal_data import export as copy

    try:
        pieces = copy.export(user, by=Actor.console())
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None
    with click.open_file(output, "wb") as file:
        for piece in pieces:
            file.write(piece)
    if output != "-":
        click.echo(f"Wrote all data of {user.username} to {output}.", err=True)


def delete(username: str, *, asked: bool) -> None:
    """Delete an account."""
    user = found(username)
    from strongroom.personal_data import erase

    obstacles = erase.why_not(user)
    if obstacles:
        raise click.ClickException("\n".join(refusal.message for refusal in obstacles))
    if not asked:
        click.echo(f"This deletes {user.username} for good: it cannot be undone.")
        typed = click.prompt("Type the username")
        if typed.strip() != user.username:
            raise click.ClickException("That is another name; nothing was deleted.")
    try:
        erase.erase(user, by=Actor.console())
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"Deleted {user.username}; all verified addresses are told by mail.")
