"""``twine`` and ``uv``, with what the tests of publishing ask of both."""

import itertools
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.artifacts.building import build_wheel
from tests.support.clients import said, twine_upload, uv_publish
from tests.support.console import Console
from tests.support.publishing import upload
from tests.support.server import Server

Client = Callable[..., "subprocess.CompletedProcess[str]"]
"""Takes the address of the site, files, and a token."""

_LETTERS = "abcdefghjkmnpqrstvwxyz"
_numbers = itertools.count(1)


def by_twine(base_url: str, *files: Path, token: str) -> "subprocess.CompletedProcess[str]":
    """``twine`` prints why it was refused where it is asked to; else the status alone."""
    return twine_upload(base_url, *files, password=token, options=["--verbose"])


CLIENTS: Mapping[str, Client] = {"twine": by_twine, "uv": uv_publish}


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of a project and version."""

    path: Path
    name: str
    version: str


def fresh_name(beginning: str = "widget") -> str:
    """A project's name that no test has used, nor one that looks like it."""
    number, some = next(_numbers), len(_LETTERS)
    letters = "".join(_LETTERS[number // some**place % some] for place in range(3))
    return f"{beginning}-{letters * 3}"


def wheel(folder: Path, name: str, *, version: str = "1.0") -> Wheel:
    """A wheel in ``folder``."""
    return Wheel(build_wheel(folder, name=name, version=version), name, version)


@dataclass(frozen=True, slots=True)
class Desk:
    """One client, at one server, with its console."""

    client: Client
    server: Server
    console: Console

    def publishes(self, file: Wheel, *, token: str) -> None:
        """The client publishes, and says nothing of a refusal."""
        done = self.client(self.server.base_url, file.path, token=token)
        assert done.returncode == 0, said(done)
        assert self.console("file", filename=file.path.name)["authenticated"] == "token"

    def is_refused(self, file: Wheel, *, token: str, code: str) -> str:
        """The client prints the sentence of just this refusal, which it returns; nothing is left of the upload."""
        before = self.console.counts()
        answer = upload(self.server, file.path, token=token, name=file.name, version=file.version)
        assert (answer.status_code // 100, answer.headers["strongroom-refusal"]) == (4, code), answer.text
        sentence = " ".join(answer.text.split())
        done = self.client(self.server.base_url, file.path, token=token)
        assert done.returncode != 0
        assert str(answer.status_code) in said(done)
        assert sentence in said(done)
        assert self.console.counts() == before
        return sentence
