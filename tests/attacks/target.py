"""The server that is attacked, and what is on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.artifacts.building import build_wheel
from tests.support.publishing import add_person, listed, make_token, upload
from tests.support.server import Server, running_server


@dataclass(frozen=True, slots=True)
class Target:
    """A server on which alice has published ``wheel`` as the project ``demo``, with the API token ``token``."""

    server: Server
    token: str
    wheel: Path
    file_path: str


@contextmanager
def running_target(folder: Path) -> Iterator[Target]:
    """The target, with its data in ``folder``, until the block ends."""
    with running_server(folder / "data") as server:
        add_person(server)
        token = make_token(server)
        wheel = build_wheel(folder, name="demo", version="1.0", files={"demo/keys.txt": "0123456789" * 1000})
        assert upload(server, wheel, token=token, name="demo").status_code == 200
        sha256 = listed(server, "demo")[wheel.name]
        path = f"/files/{sha256[:2]}/{sha256[2:4]}/{sha256[4:]}/{wheel.name}"
        yield Target(server, token, wheel, path)
