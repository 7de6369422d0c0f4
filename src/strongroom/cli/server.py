"""``strongroom serve``."""

from pathlib import Path

import click

from strongroom.cli import database


def serve() -> None:
    """Make what is missing, say where to go, and answer requests until told to stop."""
    database.prepare()
    _require_certificate()
    database.bring_up()
    _record()
    _greet()
    _run()


def _require_certificate() -> None:
    from django.conf import settings

    from strongroom.cli import tls

    for mistake in tls.mistakes(settings.CONFIG.server):
        raise click.ClickException(mistake)


def _record() -> None:
    from strongroom.audit import starting
    from strongroom.kernel.actor import Actor

    starting.record(by=Actor.system())


def _greet() -> None:
    from django.conf import settings

    from strongroom.accounts.register import setup_link
    from strongroom.kernel.actor import Actor

    chosen = settings.CONFIG
    click.echo(f"{chosen.site.name} answers at {chosen.base_url}/")
    if link := setup_link(by=Actor.system()):
        click.echo(
            f"\nThere is no operator yet. This link, good for once and 24 hours, makes the first one:\n  {link}\n"
        )


def _run() -> None:
    """One process that supervises, and the workers that answer.

    Workers inherit what is loaded here, so they start at once and share its memory; they must not inherit an open
    database connection.
    """
    from django.conf import settings
    from django.db import connections
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
    from granian.log import LogLevels

    import strongroom.api.upload
    import strongroom.index.app
    import strongroom.web.wsgi  # noqa: F401

    connections.close_all()
    chosen = settings.CONFIG.server
    Granian(
        "strongroom.asgi:app",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,  # answers a third more requests than asyncio's own
        http=HTTPModes.http1,
        workers=chosen.workers,
        websockets=False,
        ssl_cert=Path(chosen.tls_certificate) if chosen.tls_certificate else None,
        ssl_key=Path(chosen.tls_key) if chosen.tls_key else None,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()
