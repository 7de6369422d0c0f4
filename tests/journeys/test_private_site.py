"""A private site with the clients that people have: pip, uv, twine."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from strongroom.index.readers import SECONDS as READERS_SECONDS
from tests.artifacts.building import build_wheel
from tests.support.clients import run, said, twine_upload
from tests.support.console import Console, console_of
from tests.support.patience import SECONDS
from tests.support.people import PASSWORD
from tests.support.publishing import add_person
from tests.support.server import Server, running_server

pytestmark = pytest.mark.journey

_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Vault:
    """A private server with two projects of alice's: demo (1.0 and 1.1) and other (1.0)."""

    server: Server
    console: Console

    def index_for(self, token: str, username: str = "__token__") -> str:
        """The address of the index with credentials in it."""
        return self.server.base_url.replace("://", f"://{username}:{token}@", 1) + "/simple/"

    def get(self, path: str, token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.get(self.server.base_url + path, headers=headers, timeout=SECONDS, trust_env=False)

    def code(self, path: str, token: str = "") -> tuple[int, str]:
        answer = self.get(path, token)
        return answer.status_code, answer.headers.get("strongroom-refusal", "")


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    folder = tmp_path_factory.mktemp("vault")
    with running_server(folder / "data", env={"STRONGROOM_SITE__ACCESS": "private"}) as server:
        add_person(server)
        with console_of(server) as console:
            token = console.token(name="publisher", actions=["upload"])
            wheels = [
                build_wheel(folder, name=name, version=version)
                for name, version in (("demo", "1.0"), ("demo", "1.1"), ("other", "1.0"))
            ]
            published = twine_upload(server.base_url, *wheels, username="__token__", password=token)
            assert published.returncode == 0, published.stdout
            yield Vault(server, console)


def pip(index: str, *requirements: str, into: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-input",
        "--no-cache-dir",
        "--target",
        into,
    ]
    return run([*command, "--index-url", index, *requirements], cwd=into.parent, **environment)


def uv(index: str, *requirements: str, into: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [
        _BIN / "uv",
        "pip",
        "install",
        "--no-cache",
        "--python",
        sys.executable,
        "--target",
        into,
    ]
    return run([*command, "--default-index", index, *requirements], cwd=into.parent, **environment)


def installed(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.dist-info")} if folder.exists() else set()


def test_pip_and_uv_install_with_a_token_that_may_read_in_the_address(vault: Vault, tmp_path: Path) -> None:
    # IX-15
    token = vault.console.token(name="reader", actions=["read"])
    for number, install in enumerate((pip, uv)):
        done = install(vault.index_for(token), "demo", into=tmp_path / str(number))
        assert done.returncode == 0, said(done)
        assert installed(tmp_path / str(number)) == {"demo-1.1.dist-info"}
    assert token not in vault.server.log
    assert token.removeprefix("strongroom-")[:40] not in vault.server.log


def test_pip_and_uv_install_with_a_token_from_netrc(vault: Vault, tmp_path: Path) -> None:
    token = vault.console.token(name="netrc", actions=["read"])
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine localhost login __token__ password {token}\n")
    netrc.chmod(0o600)
    for number, install in enumerate((pip, uv)):
        into = tmp_path / str(number)
        done = install(f"{vault.server.base_url}/simple/", "demo", into=into, NETRC=str(netrc))
        assert done.returncode == 0, said(done)
        assert installed(into) == {"demo-1.1.dist-info"}


def test_nobody_installs_without_a_token(vault: Vault, tmp_path: Path) -> None:
    for number, install in enumerate((pip, uv)):
        into = tmp_path / str(number)
        done = install(f"{vault.server.base_url}/simple/", "demo", into=into)
        assert (done.returncode != 0, installed(into)) == (True, set()), said(done)
    assert vault.code("/simple/demo/") == (401, "credentials_missing")


def test_nobody_installs_with_a_token_that_may_only_upload_or_with_a_password(
    vault: Vault, tmp_path: Path
) -> None:
    # TK-20, TK-23
    upload = vault.console.token(name="uploads", actions=["upload"])
    password = PASSWORD.replace(" ", "%20")
    for number, install in enumerate((pip, uv)):
        for name, index in (("t", vault.index_for(upload)), ("p", vault.index_for(password, "alice"))):
            into = tmp_path / f"{name}{number}"
            done = install(index, "demo", into=into)
            assert (done.returncode != 0, installed(into)) == (True, set()), said(done)
            assert "403" in said(done) or install is pip  # which tells it with -v alone
    assert vault.code("/simple/demo/", upload) == (403, "token_action")
    right = httpx.get(
        f"{vault.server.base_url}/simple/demo/", auth=("alice", PASSWORD), timeout=SECONDS, trust_env=False
    )
    wrong = httpx.get(
        f"{vault.server.base_url}/simple/demo/", auth=("alice", "wrong"), timeout=SECONDS, trust_env=False
    )
    assert (right.status_code, right.headers["strongroom-refusal"]) == (403, "passwords_read_nothing")
    assert (right.status_code, right.text) == (wrong.status_code, wrong.text)


def test_a_token_for_one_project_installs_that_one_alone(vault: Vault, tmp_path: Path) -> None:
    # IX-01, TK-06
    token = vault.console.token(name="demo", projects=["demo"], actions=["read"])
    for number, install in enumerate((pip, uv)):
        assert install(vault.index_for(token), "demo", into=tmp_path / f"d{number}").returncode == 0
        assert install(vault.index_for(token), "other", into=tmp_path / f"o{number}").returncode != 0
    everything = vault.console.token(name="everything", actions=["read"])
    files = re.findall(r'href="\.\./\.\.(/files/[^"#]+)', vault.get("/simple/other/", everything).text)
    assert len(files) == 1
    closed = [
        "/simple/other/",
        "/simple/nothing/",
        "/simple/",
        *files,
        f"{files[0]}.metadata",
        "/files/aa/bb/" + "c" * 60 + "/other-1.0-py3-none-any.whl",
        "/pypi/other/json",
        "/pypi/nothing/json",
        "/pypi/other/1.0/json",
        "/integrity/other/1.0/other-1.0-py3-none-any.whl/provenance",
        "/integrity/nothing/1.0/x.whl/provenance",
    ]
    answers = {(answer.status_code, answer.text) for answer in (vault.get(path, token) for path in closed)}
    assert len(answers) == 1
    assert {vault.code(path, token) for path in closed} == {(403, "token_scope")}
    assert {vault.code(path) for path in closed} == {(401, "credentials_missing")}
    assert vault.get("/pypi/demo/json", token).status_code == 200


def test_every_answer_on_a_private_site_is_private(vault: Vault) -> None:
    # IX-02
    token = vault.console.token(name="caches", actions=["read"])
    page = vault.get("/simple/demo/", token)
    file = re.findall(r'href="\.\./\.\.(/files/[^"#]+)', page.text)[0]
    for path in ("/simple/", "/simple/demo/", "/simple/Demo", file, f"{file}.metadata", "/pypi/demo/json"):
        headers = vault.get(path, token).headers
        assert headers["cache-control"].startswith("private, "), path
        assert "authorization" in headers["vary"].lower(), path
        assert "access-control-allow-origin" not in headers, path
    unknown = vault.get("/integrity/demo/1.0/demo-1.0-py3-none-any.whl/provenance", token)
    assert (unknown.status_code, unknown.headers["cache-control"]) == (404, "private")


def test_a_revoked_token_reads_nothing_after_a_second(vault: Vault, tmp_path: Path) -> None:
    # TK-10
    token = vault.console.token(name="stolen", actions=["read"])
    assert vault.get("/simple/demo/", token).status_code == 200
    vault.console("revoke", username="alice", name="stolen")
    time.sleep(READERS_SECONDS)
    assert vault.code("/simple/demo/", token) == (403, "token_invalid")
    assert pip(vault.index_for(token), "demo", into=tmp_path / "into").returncode != 0


def test_installers_pass_over_what_is_yanked_by_a_token(vault: Vault, tmp_path: Path) -> None:
    # PEP 592, IX-11, IX-18
    def yank(*, yanked: bool) -> int:
        order = {"project": "demo", "version": "1.1", "yanked": yanked, "reason": "breaks on Windows"}
        token = vault.console.token(name=f"yank-{yanked}", actions=["yank"])
        answer = httpx.post(
            f"{vault.server.base_url}/_/yank",
            json=order,
            auth=("__token__", token),
            timeout=SECONDS,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        return int(answer.json()["serial"])

    index = vault.index_for(vault.console.token(name="installer", actions=["read"]))
    serial = yank(yanked=True)
    for number, install in enumerate((pip, uv)):
        newest, exact = tmp_path / f"newest{number}", tmp_path / f"exact{number}"
        install(index, "demo", into=newest)
        assert installed(newest) == {"demo-1.0.dist-info"}
        done = install(index, "demo==1.1", into=exact)
        assert installed(exact) == {"demo-1.1.dist-info"}
        assert "breaks on Windows" in said(done)
    page = httpx.get(index + "demo/", timeout=SECONDS, trust_env=False)
    assert 'data-yanked="breaks on Windows"' in page.text
    assert int(page.headers["x-pypi-last-serial"]) == serial
    yank(yanked=False)
    assert pip(index, "demo", into=tmp_path / "again").returncode == 0
    assert installed(tmp_path / "again") == {"demo-1.1.dist-info"}


def test_people_are_asked_to_log_in_and_health_is_not_a_secret(vault: Vault) -> None:
    for path in ("/", "/search/", "/project/demo/", "/user/alice/"):
        answer = vault.get(path)
        assert answer.headers["location"].startswith("/account/login/?next="), path
    assert (vault.get("/healthz").status_code, vault.get("/readyz").status_code) == (200, 200)
