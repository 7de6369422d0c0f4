"""Publishing to a running server without a client's help: an account, a token, an upload, a download."""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.support.patience import PROGRAM_SECONDS, SECONDS
from tests.support.people import PASSWORD
from tests.support.server import Server

_MINT = """
import django; django.setup()
from strongroom.accounts import find
from strongroom.kernel.actor import Actor
from strongroom.publish.credentials import make_token
import sys
for name in sys.argv[2:]:
    print(make_token(find.by_username(sys.argv[1]), name=name, by=Actor.console()).secret)
"""


def add_person(server: Server, username: str = "alice", *options: str) -> None:
    """An account with a verified address and the password ``PASSWORD``."""
    added = server.run(
        "user", "add", username, "--email", f"{username}@example.org", "--password-stdin", "--verified", *options,
        stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr


def make_token(server: Server, username: str = "alice", *, name: str = "tests") -> str:
    """An API token for the whole account, made by the verb that the page calls."""
    (token,) = make_tokens(server, username, names=[name])
    return token


def make_tokens(server: Server, username: str = "alice", *, names: Sequence[str]) -> list[str]:
    """Several of them."""
    environment = server.environment | {
        "DJANGO_SETTINGS_MODULE": "strongroom.settings",
        "STRONGROOM_DATA": str(server.data),
        "STRONGROOM_SERVER__PORT": str(server.port),
    }
    made = subprocess.run(
        [sys.executable, "-c", _MINT, username, *names],
        env=environment, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return made.stdout.split()


def fields_of(path: Path, *, name: str, version: str) -> dict[str, str]:
    """The form fields that every client sends with a wheel or an sdist of this ``name`` and ``version``."""
    is_wheel = path.suffix == ".whl"
    return {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": name,
        "version": version,
        "filetype": "bdist_wheel" if is_wheel else "sdist",
        "pyversion": "py3" if is_wheel else "source",
        "sha256_digest": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def upload(server: Server, path: Path, *, token: str, name: str, version: str = "1.0") -> httpx.Response:
    """Publish one file; raises ``httpx.TransportError`` where the server dies."""
    with path.open("rb") as file:
        return httpx.post(
            f"{server.base_url}/legacy/",
            data=fields_of(path, name=name, version=version),
            files={"content": (path.name, file, "application/octet-stream")},
            auth=("__token__", token),
            timeout=SECONDS,
            trust_env=False,
            verify=server.verify,
        )


def listed(server: Server, name: str) -> dict[str, str]:
    """Filename → SHA-256 of the files of a project, as the index lists them; empty where it lists no such project."""
    answer = httpx.get(
        f"{server.base_url}/simple/{name}/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
        timeout=SECONDS,
        trust_env=False,
        verify=server.verify,
    )
    if answer.status_code == 404:
        return {}
    answer.raise_for_status()
    return {file["filename"]: file["hashes"]["sha256"] for file in answer.json()["files"]}


def download(server: Server, name: str, filename: str) -> httpx.Response:
    """Fetch a listed file."""
    page = f"{server.base_url}/simple/{name}/"
    answer = httpx.get(
        page,
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
        timeout=SECONDS,
        trust_env=False,
        verify=server.verify,
    )
    (url,) = (file["url"] for file in answer.json()["files"] if file["filename"] == filename)
    return httpx.get(str(httpx.URL(page).join(url)), timeout=SECONDS, trust_env=False, verify=server.verify)
