"""The four servers, each with one worker, as their documentation tells to run them."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.process import Failed, free_port, memory, running

Command = list[str | Path]
_PASSWORD = "correct horse battery staple"


@dataclass(slots=True)
class Server:
    """A running server. ``simple`` is the root of its Simple API, ``upload`` where files are posted to."""

    name: str
    simple: str = ""
    upload: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    session: dict[str, str] = field(
        default_factory=dict
    )  # of devpi's own client, which spares the password check
    first_start: float = 0.0
    second_start: float = 0.0
    megabytes: float = 0.0


@contextmanager
def strongroom(folder: Path) -> Iterator[Server]:
    """Strongroom on SQLite with local blobs, one worker; uploads with an API token."""
    program = Path(sys.executable).with_name("strongroom")
    data, log = folder / "data", folder / "log"
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {"DJANGO_SETTINGS_MODULE": "strongroom.settings", "STRONGROOM_DATA": str(data)}
    command: Command = [program, "serve", "--data", data, "--port", str(port)]
    ready = f"{base}/healthz"
    with running(command, ready=ready, log=log) as (_, first_start):
        pass
    add: Command = [
        program,
        "user",
        "add",
        "alice",
        "--email",
        "alice@example.org",
        "--password-stdin",
        "--verified",
    ]
    _run([*add, "--data", data], stdin=_PASSWORD)
    token = _run([sys.executable, "-m", "bench.mint", "alice"], env=environment).strip()
    with running(command, ready=ready, log=log) as (group, second_start):
        yield Server(
            name="Strongroom",
            simple=f"{base}/simple/",
            upload=f"{base}/legacy/",
            headers=_basic("__token__", token),
            first_start=first_start,
            second_start=second_start,
            megabytes=_worker_megabytes(group),
        )


@contextmanager
def pypiserver(folder: Path, *, peers: Path) -> Iterator[Server]:
    """pypiserver with its cache (watchdog) under waitress, which it chooses where it is there; without authentication, which spares it work."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    packages = folder / "packages"
    packages.mkdir()
    command: Command = [
        peers / "bin/pypi-server",
        "run",
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "--backend",
        "cached-dir",
    ]
    command += ["-P", ".", "-a", ".", "--disable-fallback", packages]
    with running(command, ready=f"{base}/health", log=folder / "log") as (group, start):
        yield Server(
            name="pypiserver",
            simple=f"{base}/simple/",
            upload=f"{base}/",
            first_start=start,
            second_start=start,
            megabytes=_worker_megabytes(group),
        )


@contextmanager
def devpi(folder: Path, *, peers: Path) -> Iterator[Server]:
    """devpi-server on SQLite, with its default of 50 threads, and one private index without bases."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    data = folder / "data"
    _run([peers / "bin/devpi-init", "--serverdir", data, "--no-root-pypi", "--root-passwd", _PASSWORD])
    command: Command = [
        peers / "bin/devpi-server",
        "--serverdir",
        data,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with running(command, ready=f"{base}/+api", log=folder / "log") as (group, start):
        megabytes = _worker_megabytes(group)
        session = _devpi_index(base)
        yield Server(
            name="devpi-server",
            simple=f"{base}/bench/main/+simple/",
            upload=f"{base}/bench/main/",
            headers=_basic("bench", _PASSWORD),
            session=session,
            first_start=start,
            second_start=start,
            megabytes=megabytes,
        )


def _devpi_index(base: str) -> dict[str, str]:
    """Make a user and an index; returns the header that devpi's own client signs in with."""
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as client:
        client.put("/bench", json={"password": _PASSWORD}).raise_for_status()
        answer = client.post("/+login", json={"user": "bench", "password": _PASSWORD}).raise_for_status()
        session = f"bench:{answer.json()['result']['password']}"
        headers = {"X-Devpi-Auth": base64.b64encode(session.encode()).decode()}
        client.put("/bench/main", json={"bases": [], "volatile": False}, headers=headers).raise_for_status()
    return headers


_NGINX = """\
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 10000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/files;
    }}
}}
"""


@contextmanager
def nginx(folder: Path, *, files: dict[str, bytes]) -> Iterator[Server]:
    """nginx with one worker and ``files`` (name -> bytes) as static files; ``simple`` is its root."""
    port = free_port()
    (folder / "files").mkdir()
    for name, content in {"ready": b"ready\n", **files}.items():
        (folder / "files" / name).write_bytes(content)
    config = folder / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    config.write_text(_NGINX.format(folder=folder, port=port, user=user))
    command: Command = ["nginx", "-p", folder, "-c", config, "-e", "stderr"]
    base = f"http://127.0.0.1:{port}/"
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    with running(command, ready=f"{base}ready", log=folder / "log", env=path) as (group, start):
        yield Server(
            name="nginx",
            simple=base,
            first_start=start,
            second_start=start,
            megabytes=_worker_megabytes(group),
        )


def _worker_megabytes(group: int) -> float:
    """The largest process of the group: the worker, where a smaller one supervises it."""
    return max(memory(group).values())


def _basic(username: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def _run(command: Command, *, stdin: str = "", env: dict[str, str] | None = None) -> str:
    result = subprocess.run(
        [str(word) for word in command],
        env=os.environ | (env or {}),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if result.returncode:
        raise Failed(f"{Path(command[0]).name} ended with {result.returncode}: {result.stderr[-1500:]}")
    return result.stdout
