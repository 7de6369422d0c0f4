"""Real clients: twine, uv and pip, kept away from every index but the one that a test names."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.patience import PROGRAM_SECONDS

_BIN = Path(sys.executable).parent
_NEEDED = ("PATH", "HOME", "LANG", "TMPDIR")


def run(command: Sequence[str | Path], *, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a client with no configuration but ours; its exit code is for the caller to judge."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment_of_clients(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM_SECONDS,
    )


def environment_of_clients(**more: str) -> dict[str, str]:
    """No configuration of this machine, and no keyring; ``more`` goes over it."""
    inherited = {key: os.environ[key] for key in _NEEDED if key in os.environ}
    quiet = {
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    return inherited | quiet | more


def twine_upload(
    base_url: str,
    *files: Path,
    username: str = "__token__",
    password: str = "",
    options: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """``twine upload`` of ``files``, with the credentials in the environment.

    Without a password it asks the build service that ``env`` says it runs in for an identity token.
    """
    return run(
        [_BIN / "twine", "upload", "--non-interactive", "--disable-progress-bar", "--repository-url", f"{base_url}/legacy/", *options, *files],
        cwd=files[0].parent,
        **{"TWINE_USERNAME": username} | ({"TWINE_PASSWORD": password} if password else {}) | dict(env or {}),
    )  # fmt: skip


def uv_publish(
    base_url: str,
    *files: Path,
    token: str = "",
    options: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """``uv publish`` of ``files`` with an API token, or by the identity token of the build service that ``env`` says."""
    chosen = ["--trusted-publishing", "never" if token else "always"]
    return run(
        [_BIN / "uv", "publish", "--publish-url", f"{base_url}/legacy/", *chosen, *options, *files],
        cwd=files[0].parent,
        **{"UV_CACHE_DIR": str(files[0].parent / "uv-cache")}
        | ({"UV_PUBLISH_TOKEN": token} if token else {})
        | dict(env or {}),
    )


def said(client: subprocess.CompletedProcess[str]) -> str:
    """What a client has printed, in one line: it breaks sentences where its terminal ends."""
    words = " ".join(f"{client.stdout} {client.stderr}".split())
    return re.sub(r"\x1b\[[0-9;]*m", "", words).replace("│ ", "")


def pip_install(
    base_url: str, requirement: str, *, folder: Path, env: Mapping[str, str] | None = None
) -> Path:
    """Install into a fresh environment from this index alone; returns the environment's Python."""
    made = run([sys.executable, "-m", "venv", folder], cwd=folder.parent)
    assert made.returncode == 0, made.stderr
    python = folder / "bin" / "python"
    installed = run(
        [python, "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--index-url", f"{base_url}/simple/", requirement],
        cwd=folder.parent,
        **(env or {}),
    )  # fmt: skip
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return python


def uv_install(
    base_url: str, requirement: str, *, folder: Path, env: Mapping[str, str] | None = None
) -> Path:
    """The same with ``uv venv`` and ``uv pip install``."""
    made = run([_BIN / "uv", "venv", "--python", sys.executable, folder], cwd=folder.parent)
    assert made.returncode == 0, made.stderr
    python = folder / "bin" / "python"
    installed = run(
        [_BIN / "uv", "pip", "install", "--python", python, "--no-cache", "--default-index", f"{base_url}/simple/", requirement],
        cwd=folder.parent,
        **(env or {}),
    )  # fmt: skip
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return python


def download_from_pypi(folder: Path, *requirements: str, sdists: bool = False) -> list[Path]:
    """Real distributions, through pip as this machine has it configured."""
    chosen = ["--no-binary", ":all:"] if sdists else ["--only-binary", ":all:"]
    folder.mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", *chosen, "--dest", folder, *requirements],
        capture_output=True, text=True, check=False, timeout=600, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert fetched.returncode == 0, fetched.stderr
    return sorted(path for path in folder.iterdir() if path.suffix in {".whl", ".gz"})
