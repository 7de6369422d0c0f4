"""The machine and the programs, in words, for the reader of the results."""

import os
import platform
import re
import subprocess
from pathlib import Path


def description(folder: Path) -> str:
    """Cores, memory, operating system, Python and the file system under ``folder``."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {gigabytes:.0f} GiB of memory, {_system()}, "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, data on {_file_system(folder)}"
    )


def versions(peers: Path) -> str:
    """The versions of everything that is compared, and of wrk."""
    found = [f"Strongroom {_installed(Path('.venv'), 'strongroom')}"]
    found += [f"{name} {_installed(peers, name)}" for name in ("pypiserver", "devpi-server")]
    return ", ".join([*found, _printed(["nginx", "-v"]), _printed(["wrk", "-v"])])


def _installed(environment: Path, name: str) -> str:
    folders = environment.glob(f"lib/python*/site-packages/{name.replace('-', '_')}-*.dist-info")
    return next(
        (folder.name.removesuffix(".dist-info").rpartition("-")[2] for folder in folders), "(unknown)"
    )


def _printed(command: list[str]) -> str:
    path = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    result = subprocess.run(command, env=os.environ | path, capture_output=True, text=True, check=False)
    found = re.search(r"(\d+\.[\d.]*\d)", result.stdout + result.stderr)
    return f"{command[0]} {found.group(1) if found else '(unknown)'}"


def _processor() -> str:
    """The processor's name, or its architecture where the system does not tell."""
    match = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return match.group(1).strip() if match else platform.machine()


def _system() -> str:
    release = platform.freedesktop_os_release()
    return release.get("PRETTY_NAME", "Linux")


def _file_system(folder: Path) -> str:
    """The kind of file system, from the longest mount point above ``folder``."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = [(point, kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(above, key=lambda mount: len(mount[0]))[1]
