"""A PostgreSQL cluster of the tests' own: made in a temporary folder, on a free loopback port, gone at the end."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.patience import SECONDS

_TRIES = 3  # another program may take the free port before PostgreSQL does
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


class NoPostgreSQL(Exception):
    """PostgreSQL is not installed, or did not start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster. ``strongroom`` owns its databases and is no superuser."""

    port: int
    password: str

    def url(self, database: str) -> str:
        """The address of ``database``, for ``STRONGROOM_DATABASE_URL``."""
        return f"postgresql://strongroom:{self.password}@127.0.0.1:{self.port}/{database}"


@contextmanager
def running_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Start a throw-away cluster. ``durable`` leaves fsync on, for tests that kill PostgreSQL itself."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="strongroom-postgresql-"))
    try:
        passwords = {"admin": secrets.token_hex(16), "strongroom": secrets.token_hex(16)}
        _initialize(programs, folder=folder, admin_password=passwords["admin"])
        process, port = _start(programs, folder=folder, password=passwords["admin"], durable=durable)
        try:
            _create_role(port, passwords=passwords)
            yield Cluster(port=port, password=passwords["strongroom"])
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(url: str, *, template: str = "template1") -> Iterator[str]:
    """Make a database beside the one that ``url`` names, and drop it at the end; yields its address.

    It is empty, or a copy of ``template``, to which nobody may be connected.
    """
    server, _, _ = url.rpartition("/")
    name = f"fresh_{secrets.token_hex(8)}"
    _execute(f"{server}/postgres", "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield f"{server}/{name}"
    finally:
        _execute(f"{server}/postgres", "DROP DATABASE {} WITH (FORCE)", name)


def _programs() -> Path:
    """The folder of the newest PostgreSQL's programs: where Debian keeps them, or where ``initdb`` is found."""
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if debian:
        return max(debian, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise NoPostgreSQL("PostgreSQL is not installed: `make test` installs it on Debian and Ubuntu.")
    return Path(found).parent


def _account() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as the user that its package made."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise NoPostgreSQL("Running as root needs a user named postgres to run PostgreSQL as.") from None


def _initialize(programs: Path, *, folder: Path, admin_password: str) -> None:
    password_file = folder / "password"
    password_file.write_text(admin_password, encoding="ascii")
    account = _account()
    if account:
        for path in (folder, password_file):
            shutil.chown(path, account)
    command: list[str | Path] = [
        programs / "initdb",
        "--pgdata",
        folder / "cluster",
        "--username=admin",
        "--encoding=UTF8",
    ]
    command += ["--locale=C.UTF-8", "--auth=scram-sha-256", "--pwfile", password_file, "--no-sync"]
    result = subprocess.run(
        command, user=account, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    if result.returncode:
        raise NoPostgreSQL(f"initdb failed: {result.stderr}")
    password_file.unlink()


def _start(
    programs: Path, *, folder: Path, password: str, durable: bool
) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "log"
    for _ in range(_TRIES):
        port = free_port()
        settings = _SETTINGS | ({} if durable else _FAST)
        settings |= {"port": str(port), "unix_socket_directories": str(folder)}
        options = [f"--{key}={value}" for key, value in settings.items()]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "cluster", *options],
                user=_account(),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # an interrupt at the keyboard ends the tests first, then the cluster
            )
        if _answers(process, url=f"postgresql://admin:{password}@127.0.0.1:{port}/postgres"):
            return process, port
        _stop(process)
    raise NoPostgreSQL(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _answers(process: subprocess.Popen[bytes], *, url: str) -> bool:
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _create_role(port: int, *, passwords: dict[str, str]) -> None:
    admin = f"postgresql://admin:{passwords['admin']}@127.0.0.1:{port}/postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE strongroom LOGIN CREATEDB PASSWORD {}").format(passwords["strongroom"])
        )


def _execute(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """A fast shutdown (SIGINT ends sessions and writes a checkpoint); an immediate one (SIGQUIT) after 20 s."""
    for sign in (2, 3, 9):
        if process.poll() is not None:
            return
        process.send_signal(sign)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            continue


def free_port() -> int:
    """A loopback port on which nothing listens at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
