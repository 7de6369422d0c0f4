"""``strongroom login`` with a real server: a code, an approval in a browser, a token where tools find it."""

import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.artifacts.building import build_wheel
from tests.attacks.story import Browser
from tests.support.clients import run
from tests.support.patience import PROGRAM_SECONDS
from tests.support.people import PASSWORD
from tests.support.publishing import add_person, listed
from tests.support.server import STRONGROOM, Server
from tests.trust.serving import Site, document, site
from tests.trust.serving import status as answer

pytestmark = pytest.mark.slow

_TWINE = Path(sys.executable).with_name("twine")
_NO_KEYRING = "keyring.backends.fail.Keyring"
_KEYRING = """
import json, pathlib
from keyring.backend import KeyringBackend
_FILE = pathlib.Path(__file__).with_name("kept.json")
class Keyring(KeyringBackend):
    priority = 5
    def _all(self):
        return json.loads(_FILE.read_text()) if _FILE.exists() else {}
    def get_password(self, service, username):
        return self._all().get(service + " " + username)
    def set_password(self, service, username, password):
        _FILE.write_text(json.dumps({**self._all(), service + " " + username: password}))
    def delete_password(self, service, username):
        raise NotImplementedError
"""


@dataclass
class Login:
    """The command while it waits; ``end`` waits for its end."""

    process: "subprocess.Popen[str]"
    said: list[str] = field(default_factory=list)

    def wait_for(self, pattern: str) -> str:
        """What the first group of ``pattern`` stands for in what it says."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError("".join(self.said))

    def end(self) -> tuple[int, str, str]:
        """Exit code, output and messages."""
        output, errors = self.process.communicate(timeout=PROGRAM_SECONDS)
        return self.process.returncode, output, "".join(self.said) + errors


@contextmanager
def login(home: Path, *words: str, backend: str = _NO_KEYRING, path: Path | None = None) -> Iterator[Login]:
    environment = {
        "PATH": os.defpath,
        "HOME": str(home),
        "PYTHON_KEYRING_BACKEND": backend,
        "PYTHONUNBUFFERED": "1",
        **({"PYTHONPATH": str(path)} if path else {}),
    }
    with subprocess.Popen(
        [STRONGROOM, "login", *words],
        env=environment, text=True, cwd=home,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield Login(process)
        finally:
            process.kill()


def approve(server: Server, code: str, *, decision: str = "", **fields: str) -> str:
    """What alice does in her browser; returns what the page showed."""
    browser = Browser(server)
    browser.done("/account/login/", username="alice", password=PASSWORD)
    shows = f"/account/device/?user_code={code}"
    page = browser.get(shows).text
    if decision == "deny":
        browser.done("/account/device/deny/", at=shows, user_code=code)
    else:
        browser.done(
            "/account/device/", at=shows, **{"user_code": code, "name": "laptop", "days": "30", **fields}
        )
    return page


def upload(home: Path, *options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    wheel = build_wheel(home)
    command: Sequence[str | Path] = [_TWINE, "upload", "--non-interactive", *options, wheel]
    return run(command, cwd=home, HOME=str(home), **environment)


def test_the_token_lands_in_pypirc_and_publishes(server: Server, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    add_person(server)
    with login(home, server.base_url, "--name", "alice's laptop") as command:
        code = command.wait_for(r"^  ([A-Z]{4}-[A-Z]{4})$")
        page = approve(server, code)
        status, output, errors = command.end()
    assert status == 0, errors
    assert "alice&#x27;s laptop" in page
    assert f"{server.base_url}/account/device/" in errors
    kept = home / ".pypirc"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    (token,) = re.findall(r"strongroom-[\w-]+", kept.read_text())
    assert token not in output + errors + server.log
    name = f"localhost-{server.port}"
    assert f"twine upload --repository {name}" in output
    uploaded = upload(home, "--repository", name)
    assert uploaded.returncode == 0, uploaded.stdout + uploaded.stderr
    assert len(listed(server, "demo")) == 1
    told = server.next_mail("alice@example.org", subject="token")
    assert "laptop" in str(told["subject"])


def test_the_token_lands_in_the_keyring_and_publishes(server: Server, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "strongbox_keyring.py").write_text(_KEYRING)
    add_person(server)
    with login(home, server.base_url, backend="strongbox_keyring.Keyring", path=home) as command:
        approve(server, command.wait_for(r"^  ([A-Z]{4}-[A-Z]{4})$"))
        status, output, errors = command.end()
    assert status == 0, errors
    assert not (home / ".pypirc").exists()
    ((service, token),) = json.loads((home / "kept.json").read_text()).items()
    assert service == f"{server.base_url}/legacy/ __token__"
    assert token not in output + errors
    backend = {"PYTHON_KEYRING_BACKEND": "strongbox_keyring.Keyring", "PYTHONPATH": str(home)}
    address = f"{server.base_url}/legacy/"
    uploaded = upload(home, "--repository-url", address, "--username", "__token__", **backend)
    assert uploaded.returncode == 0, uploaded.stdout + uploaded.stderr


def test_the_token_is_printed_only_where_that_is_asked_for(server: Server, tmp_path: Path) -> None:
    add_person(server)
    with login(tmp_path, f"{server.base_url}/legacy/", "--print") as command:
        approve(server, command.wait_for(r"^  ([A-Z]{4}-[A-Z]{4})$"))
        status, output, errors = command.end()
    assert status == 0, errors
    assert re.fullmatch(r"strongroom-[\w-]+\n", output)
    assert not (tmp_path / ".pypirc").exists()
    environment = {"STRONGROOM_TOKEN": output.strip()}
    shown = run([STRONGROOM, "token", "show", server.base_url], cwd=tmp_path, **environment)
    assert "Token: laptop (" in shown.stdout
    assert "Owner: alice" in shown.stdout
    assert output.strip() not in shown.stdout + shown.stderr
    revoked = run([STRONGROOM, "token", "revoke", server.base_url], cwd=tmp_path, **environment)
    assert (revoked.returncode, revoked.stderr) == (0, "")
    for word in ("show", "revoke"):
        gone = run([STRONGROOM, "token", word, server.base_url], cwd=tmp_path, **environment)
        assert gone.returncode == 1
        assert "Invalid or non-existent" in gone.stderr


def test_a_denial_ends_the_command(server: Server, tmp_path: Path) -> None:
    add_person(server)
    with login(tmp_path, server.base_url) as command:
        approve(server, command.wait_for(r"^  ([A-Z]{4}-[A-Z]{4})$"), decision="deny")
        status, output, errors = command.end()
    assert status == 1
    assert "denied" in errors
    assert output == ""
    assert not (tmp_path / ".pypirc").exists()


def test_the_server_may_be_away_for_a_moment(server: Server, tmp_path: Path) -> None:
    add_person(server)
    with login(tmp_path, server.base_url, "--print") as command:
        code = command.wait_for(r"^  ([A-Z]{4}-[A-Z]{4})$")
        approve(server, code)
        server.stop()
        time.sleep(5)
        server.start()
        status, output, errors = command.end()
    assert status == 0, errors
    assert output.startswith("strongroom-")


# ---- Sites that mean no good ----------------------------------------------------------------------------------------


@pytest.fixture
def there() -> Iterator[Site]:
    with site() as running:
        yield running


def codes(there: Site, **changes: object) -> dict[str, object]:
    page = f"{there.origin}/account/device/"
    begun = {
        "device_code": "x",
        "user_code": "BCDF-GHJK",
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code=BCDF-GHJK",
        "expires_in": 1,
        "interval": 1,
    }
    return {**begun, **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verification_uri": "https://evil.example/"}, "sends you to another address"),
        ({"verification_uri_complete": "javascript:alert(1)"}, "sends you to another address"),
        ({"verification_uri": None}, "sends you to another address"),
        ({"user_code": "\x1b[2J"}, "no code that can be read"),
        ({"user_code": None}, "no code that can be read"),
        ({}, "Nobody approved it in time"),
        ({"interval": -5, "device_code": None}, "Nobody approved it in time"),
    ],
)
def test_a_site_is_not_believed_more_than_it_must_be(
    there: Site, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    there.answers["/_/device/code"] = document(codes(there, **changes))
    there.answers["/_/device/token"] = document({"access_token": "not one of ours", "error": "slow_down"})
    with login(tmp_path, there.origin) as command:
        status, output, errors = command.end()
    assert (status, output) == (1, "")
    assert message in errors
    assert "\x1b" not in errors
    assert not (tmp_path / ".pypirc").exists()


def test_what_a_site_says_moves_no_cursor(there: Site, tmp_path: Path) -> None:
    refusal = json.dumps({"error": "access_denied", "error_description": "No.\x1b[2J\nYes."}).encode()
    there.answers["/_/device/code"] = document(codes(there, expires_in=60))
    there.answers["/_/device/token"] = answer(400, body=refusal)
    with login(tmp_path, there.origin) as command:
        status, _output, errors = command.end()
    assert status == 1
    assert "Error: No.\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}Yes." in errors


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://index.example", "not HTTPS"),
        ("http://index.example:8000/legacy/", "not HTTPS"),
        ("https://index.example/simple/", "Leave out"),
        ("https://alice:x@index.example", "no address of a site"),
        ("ftp://index.example", "no address of a site"),
        ("https://", "no address of a site"),
        ("https://index.example:x", "no address of a site"),
        ("", "no address of a site"),
        ("http://127.0.0.1:1", "cannot be reached"),
    ],
)
def test_an_address_that_will_not_do_is_said(tmp_path: Path, url: str, message: str) -> None:
    with login(tmp_path, url) as command:
        status, output, errors = command.end()
    assert (status, output) == (1, "")
    assert message in errors
