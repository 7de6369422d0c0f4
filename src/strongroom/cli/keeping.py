"""Where a token is kept on a publisher's machine: the keyring of the system, or else ``~/.pypirc``."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from strongroom.cli import pypirc
from strongroom.cli.remote import Site
from strongroom.kernel.secrets import Secret

USERNAME: Final = "__token__"
_WORTH_IT = (
    1  # the priority from which keyring recommends a backend itself; below are plain files, and nothing
)


def keep(token: Secret, *, there: Site) -> None:
    """Keep the token where tools look for it, and say where that is and how to publish."""
    if _in_keyring(token, there):
        click.echo(
            f"The token is in your keyring, for {there.upload_url} and the user {USERNAME}. To publish:"
        )
        click.echo(f"  twine upload --repository-url {there.upload_url} --username {USERNAME} dist/*")
        click.echo(
            f"  uv publish --publish-url {there.upload_url} --username {USERNAME} --keyring-provider subprocess"
        )
        return
    name = section_of(there)
    path = Path("~/.pypirc").expanduser()
    pypirc.store(path, name=name, url=there.upload_url, token=token)
    click.echo(f"There is no keyring, so the token is in {path}, readable by you alone. To publish:")
    click.echo(f"  twine upload --repository {name} dist/*")
    click.echo(
        "uv does not read that file. For uv, install `keyring` and log in again, or use --print and UV_PUBLISH_TOKEN."
    )


def section_of(there: Site) -> str:
    """The name of a site in ``~/.pypirc``: its host, and its port where that is not the usual one."""
    parts = urlsplit(there.origin)
    return "-".join([parts.hostname or "", *([str(parts.port)] if parts.port else [])])


def _in_keyring(token: Secret, there: Site) -> bool:
    """Whether a real keyring has taken it."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return False
    try:
        if keyring.get_keyring().priority < _WORTH_IT:
            return False
        keyring.set_password(there.upload_url, USERNAME, str(token))
        return keyring.get_password(there.upload_url, USERNAME) == token
    except (KeyringError, RuntimeError, OSError) as error:
        click.echo(f"The keyring does not take it ({type(error).__name__}).", err=True)
        return False
