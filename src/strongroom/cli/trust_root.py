"""``strongroom trust-root …``: the roots of trust for attestations, which nothing fetches by itself."""

import os
import sys
from hashlib import sha256
from pathlib import Path

import click

from strongroom.cli import database
from strongroom.kernel import config
from strongroom.kernel.actor import Actor


def check(file: Path | None) -> None:
    """Say whether attestations can be verified against a file, or what the configuration chooses."""
    chosen = _config()
    path = file or chosen.trust_root
    _require_usable(path)
    click.echo(f"{path or 'The trust root that comes with the program'} is usable.")


def update(file: Path) -> None:
    """Put a file in the data folder, once it is known to be usable; it takes its place whole or not at all."""
    chosen = _config()
    _require_usable(file)
    target = chosen.installed_trust_root
    try:
        _install_recorded(file.read_bytes(), target)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}.") from None
    click.echo(f"Installed as {target}; a running server uses it from the next attestation on.")
    if chosen.trust_root != target:
        click.echo(
            f"The setting trusted_publishing.trust_root names {chosen.trust_root}, which stays in use. Leave it empty to "
            "use the installed file.",
            err=True,
        )


def _install_recorded(content: bytes, target: Path) -> None:
    """The event is written together with the file: neither is there without the other."""
    database.prepare()
    database.bring_up()
    from django.db import transaction

    from strongroom.audit import trail
    from strongroom.audit.events import TrustRootUpdated

    before = sha256(target.read_bytes()).hexdigest() if target.is_file() else ""
    with transaction.atomic():
        event = TrustRootUpdated(sha256=sha256(content).hexdigest(), before=before)
        trail.record(event, by=Actor.console())
        _install(content, target)


def _config() -> config.Config:
    try:
        return config.load()
    except config.InvalidConfig as error:
        for mistake in error.mistakes:
            click.echo(f"Configuration: {mistake}", err=True)
        sys.exit(2)


def _require_usable(path: Path | None) -> None:
    from strongroom.attestations.configuration import check_trust_root
    from strongroom.attestations.trust_root_unusable import TrustRootUnusable

    try:
        check_trust_root(path)
    except TrustRootUnusable as error:
        raise click.ClickException(str(error)) from None


def _install(content: bytes, target: Path) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
