"""``strongroom user …``: what an operator does for people at the command line."""

import sys
from typing import TYPE_CHECKING

import click

from strongroom.cli import database
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused

if TYPE_CHECKING:
    from strongroom.accounts.models import User


def add(username: str, *, email: str, password_stdin: bool, verified: bool, operator: bool) -> None:
    """Make an account."""
    _start()
    from django.db import transaction

    from strongroom.accounts import register

    password = (
        sys.stdin.readline().rstrip("\n") if password_stdin else click.prompt("Password", hide_input=True)
    )
    try:
        with transaction.atomic():
            make = register.add_verified if verified else register.register
            user = make(username, email, password, by=Actor.console())
            if operator:
                register.make_operator(user, by=Actor.console())
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"Added {user.username}.")


def list_all() -> None:
    """Print everybody as a table."""
    _start()
    from rich.console import Console
    from rich.table import Table

    from strongroom.accounts import emails
    from strongroom.accounts.models import User
    from strongroom.factors import methods

    table = Table("Username", "Email address", "Two-factor", "State")
    for user in User.objects.order_by("username_key").iterator():
        primary = emails.primary(user)
        address = f"{primary.address}{'' if primary.verified else ' (not verified)'}" if primary else ""
        table.add_row(user.username, address, "on" if methods.has_any(user.pk) else "off", _state(user))
    Console().print(table)


def disable(username: str) -> None:
    """Disable an account."""
    user = found(username)
    from strongroom.trust import freezing

    freezing.disable(user, by=Actor.console())
    click.echo(f"Disabled {user.username}.")


def enable(username: str) -> None:
    """Enable an account."""
    user = found(username)
    from strongroom.accounts import standing

    standing.enable(user, by=Actor.console())
    click.echo(f"Enabled {user.username}.")


def thaw(username: str, *, asked: bool) -> None:
    """Undo the freeze of an account."""
    user = found(username)
    from strongroom.accounts import standing

    if not asked:
        click.confirm(
            f"Let {user.username} publish again? Are you sure that it is them who asks?",
            abort=True,
        )
    try:
        standing.thaw(user, by=Actor.console())
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{user.username} is no longer frozen, with all sessions ended; they are told by mail.")


def recover(username: str, *, reason: str, address: str) -> None:
    """Approve the recovery of an account, begun hereby where none is going on."""
    user = found(username)
    from strongroom.recovery import begin

    try:
        recovery = begin.begin_for(user, reason=reason, address=address, by=Actor.console())
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None
    if recovery.ready is None:
        click.echo(f"The recovery of {user.username} has your approval. It needs one more proof:")
        click.echo("their answer to our mail (/account/recover/), or the word of a co-maintainer.")
    else:
        click.echo(
            f"The recovery of {user.username} has its two proofs and waits until {recovery.ready:%Y-%m-%d %H:%M} UTC."
        )


def _state(user: "User") -> str:
    states = {"operator": user.is_operator, "disabled": user.disabled, "frozen": user.frozen is not None}
    return " ".join(word for word, holds in states.items() if holds)


def _start() -> None:
    database.prepare()
    database.bring_up()


def found(username: str) -> "User":
    """The account; raises ``ClickException`` where there is none."""
    _start()
    from strongroom.accounts import find

    user = find.by_username(username)
    if user is None:
        raise click.ClickException(f"There is no user {username!r}. See `strongroom user list`.")
    return user
