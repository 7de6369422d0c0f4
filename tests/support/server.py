"""The real server in a process of its own: ``strongroom serve`` on a free port, with its log and its outbox."""

import atexit
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import getaddresses
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from tests.support.patience import PROGRAM_SECONDS, SECONDS
from tests.support.postgresql import free_port
from tests.support.tls import Certificate

STOP_SECONDS = 30
MAIL_SECONDS = 60
STRONGROOM = Path(sys.executable).with_name("strongroom")
DATABASE = "strongroom.sqlite3"


class ServerFailed(Exception):
    """The server did not start or ended by itself; the message holds the end of its log."""


class Server:
    """One instance: ``start``, ``stop``, ``kill`` and ``restart`` keep its data folder and its port."""

    def __init__(
        self,
        data: Path,
        *,
        config: Path | None = None,
        certificate: Certificate | None = None,
        environment: Mapping[str, str],
    ) -> None:
        self.data = data
        self.port = free_port()
        self.base_url = f"{'https' if certificate else 'http'}://localhost:{self.port}"
        self.verify = (
            ssl.create_default_context(cafile=certificate.authority) if certificate else _no_authority()
        )
        self.log_file = data.with_name(f"{data.name}.log")
        self.outbox = data / "outbox"
        self._config = config
        self.environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._read_mails: set[Path] = set()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The server's first process; its workers are its children, in a process group of their own."""
        if self._process is None:
            raise ServerFailed("The server has not been started.")
        return self._process

    @property
    def pid(self) -> int:
        """The id of the first process, and of the process group."""
        return self.process.pid

    @property
    def log(self) -> str:
        """Everything that the server has printed so far, over all its starts."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def start(self, *, env: Mapping[str, str] | None = None, seconds: float = SECONDS) -> None:
        """Start it and wait until ``/healthz`` answers. ``env`` holds for this start alone."""
        self.launch(env=env)
        self.wait_until_ready(seconds)

    def launch(self, *, env: Mapping[str, str] | None = None) -> None:
        """Start it and do not wait: for tests that expect it to end by itself."""
        with self.log_file.open("ab") as output:
            self._process = subprocess.Popen(
                self.command("serve", port=True),
                env=self.environment | dict(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, seconds: float = SECONDS) -> None:
        """Return once ``/healthz`` answers 200; raise ``ServerFailed`` when it ends first, or takes longer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerFailed(f"The server ended with {self.process.returncode}:\n{self.log[-4000:]}")
            if self._is_healthy():
                return
            time.sleep(0.02)
        raise ServerFailed(f"The server was not ready after {seconds} s:\n{self.log[-4000:]}")

    def _is_healthy(self) -> bool:
        try:
            health = httpx.get(f"{self.base_url}/healthz", timeout=2, trust_env=False, verify=self.verify)
        except httpx.TransportError:
            return False
        return health.status_code == 200

    def command(self, *words: str, port: bool = False) -> list[str]:
        """The command line that runs ``strongroom WORDS`` on this instance's configuration and data."""
        options = ["--data", str(self.data)]
        options += ["--config", str(self._config)] if self._config else []
        options += ["--port", str(self.port)] if port else []
        return [str(STRONGROOM), *words, *options]

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run ``strongroom WORDS`` beside the server; neither its exit code nor its output is judged."""
        return subprocess.run(
            self.command(*words),
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=PROGRAM_SECONDS,
        )

    def stop(self) -> int:
        """End it as an operator would (SIGTERM), by force after half a minute; returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._end_group()
        return self.process.returncode

    def kill(self) -> None:
        """``kill -9`` for the whole process group, workers included."""
        self._end_group()
        self.process.wait(STOP_SECONDS)

    def _end_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def restart(self, *, env: Mapping[str, str] | None = None) -> None:
        """Stop it if it runs, and start it again on the same data and port."""
        self.stop()
        self.start(env=env)

    def mails(self, address: str | None = None) -> list[EmailMessage]:
        """All mails kept so far, oldest first, or those to ``address``."""
        mails = [_parse(path) for path in self._mail_files()]
        return [mail for mail in mails if address is None or _is_to(mail, address)]

    def next_mail(self, address: str, *, subject: str = "", seconds: float = MAIL_SECONDS) -> EmailMessage:
        """Wait for the oldest mail to ``address`` not yet returned whose subject contains ``subject``.

        Raises ``TimeoutError`` after ``seconds``, naming what did arrive.
        """
        deadline = time.monotonic() + seconds
        while True:
            for path in self._mail_files():
                mail = _parse(path)
                if path not in self._read_mails and _is_to(mail, address) and subject in str(mail["subject"]):
                    self._read_mails.add(path)
                    return mail
            if time.monotonic() > deadline:
                arrived = [f"{mail['to']}: {mail['subject']}" for mail in self.mails()]
                raise TimeoutError(f"No new mail to {address} within {seconds} s; arrived: {arrived}")
            time.sleep(0.05)

    def _mail_files(self) -> list[Path]:
        kept = [
            path for path in self.outbox.glob("*.eml") if not path.name.startswith(".")
        ]  # a draft is hidden
        return sorted(kept, key=lambda path: (path.stat().st_mtime_ns, path.name))


@contextmanager
def prepared_server(
    data: Path,
    *,
    config: Path | None = None,
    database_url: str | None = None,
    certificate: Certificate | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """``strongroom serve`` on ``data`` (SQLite unless ``database_url`` says otherwise) before its first start.

    It is ended with the block. With a ``certificate`` for ``localhost`` it speaks HTTPS. ``env`` is added to the
    environment of every start; ``STRONGROOM_*`` of the caller's environment is not passed on. On SQLite a data folder
    that is made here holds the tables already; what starts with nothing is in ``tests/cli/test_first_start.py``.
    """
    if database_url is None and not data.exists():
        data.mkdir(mode=0o700)
        shutil.copy(_tables() / DATABASE, data)
    environment = _environment(database_url=database_url, extra=_tls(certificate) | dict(env or {}))
    server = Server(data, config=config, certificate=certificate, environment=environment)
    try:
        yield server
    finally:
        if server._process is not None:
            server.stop()


@contextmanager
def running_server(data: Path, **how: Any) -> Iterator[Server]:
    """The same, started."""
    with prepared_server(data, **how) as server:
        server.start()
        yield server


@cache
def _no_authority() -> ssl.SSLContext:
    """For a server without TLS; to load the machine's authorities for each request takes longer than the request."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def migrate(data: Path, *, database_url: str | None = None) -> None:
    """Run ``strongroom migrate`` on a data folder that no server uses yet."""
    environment = _environment(database_url=database_url, extra={})
    subprocess.run([STRONGROOM, "migrate", "--data", data], env=environment, check=True, timeout=SECONDS)


@cache
def _tables() -> Path:
    """A data folder whose database holds all tables and nothing in them; made once in each process of a run."""
    folder = tempfile.TemporaryDirectory(prefix="strongroom-tables-")
    atexit.register(folder.cleanup)
    migrate(Path(folder.name))
    return Path(folder.name)


def _tls(certificate: Certificate | None) -> dict[str, str]:
    if certificate is None:
        return {}
    return {
        "STRONGROOM_SERVER__TLS_CERTIFICATE": str(certificate.chain),
        "STRONGROOM_SERVER__TLS_KEY": str(certificate.key),
    }


def _environment(*, database_url: str | None, extra: Mapping[str, str]) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("STRONGROOM_")}
    inherited.pop("DJANGO_SETTINGS_MODULE", None)
    chosen = {"STRONGROOM_DATABASE_URL": database_url} if database_url else {}
    return inherited | {"PYTHONUNBUFFERED": "1"} | chosen | dict(extra)


def text_of_mail(mail: EmailMessage) -> str:
    """The text part of a mail; the HTML part says the same."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _parse(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=modern)
    assert isinstance(mail, EmailMessage)
    return mail


def _is_to(mail: EmailMessage, address: str) -> bool:
    return address in {found for _, found in getaddresses([str(mail["to"])])}
