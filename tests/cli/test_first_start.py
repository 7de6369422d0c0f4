"""The first start, on nothing at all: everywhere else the tables are there already."""

from pathlib import Path

import httpx
import pytest

from strongroom.tokens.macaroon import PREFIX
from tests.support.patience import SECONDS
from tests.support.publishing import add_person, make_token
from tests.support.server import running_server

pytestmark = pytest.mark.slow


def test_an_empty_folder_and_an_empty_database_become_a_site(
    tmp_path: Path, empty_database_url: str | None
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with running_server(folder, database_url=empty_database_url) as server:
        assert server.log.count("There is no operator yet.") == 1
        add_person(server)
        assert make_token(server).startswith(PREFIX)
        answer = httpx.get(
            f"{server.base_url}/simple/", trust_env=False, timeout=SECONDS, verify=server.verify
        )
        assert answer.status_code == 200
        server.restart()
        assert server.run("audit", "verify").returncode == 0
