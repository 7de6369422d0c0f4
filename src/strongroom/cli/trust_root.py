"""``strongroom trust-root …``: the roots of trust for attestations, which nothing fetches by itself."""

import os
import sys
from pathlib import Path

import click

from strongroom.kernel import config


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
        chosen.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _install(file.read_bytes(), target)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}.") from None
    click.echo(f"Installed as {target}; a running server uses it from the next attestation on.")
    if chosen.trust_root != target:
        click.echo(
            f"The setting trusted_publishing.trust_root names {chosen.trust_root}, which stays in use. Leave it empty to "
            "use the installed file.",
            err=True,
        )


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
