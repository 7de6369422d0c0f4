"""Starting a server, waiting until it answers, looking at its memory, and ending it with all of its children."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

START_SECONDS = 180
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Failed(Exception):
    """A server did not start, or did not answer as it should."""


@contextmanager
def running(
    command: Sequence[str | Path], *, ready: str, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[tuple[int, float]]:
    """Run ``command`` until the block ends; yields its process group and the seconds until ``ready`` answered 200."""
    began = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            env=os.environ | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, ready=ready, log=log)
        yield process.pid, time.monotonic() - began
    finally:
        _end(process)


def free_port() -> int:
    """A loopback port on which nothing listens at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def memory(group: int) -> dict[int, float]:
    """Process id -> resident megabytes (10^6 bytes) of each process in ``group``."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _group_of(entry) == group:
            resident = int((entry / "statm").read_text().split()[1])
            found[int(entry.name)] = resident * _PAGE / 1e6
    return found


def _group_of(entry: Path) -> int | None:
    try:
        return os.getpgid(int(entry.name))
    except ProcessLookupError:
        return None


def _wait(process: subprocess.Popen[bytes], *, ready: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(ready, timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.01)
    raise Failed(f"did not start: {log.read_text(errors='replace')[-1500:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(15)
