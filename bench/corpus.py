"""The distributions that are served and uploaded: small valid wheels, and one of ten megabytes."""

import base64
import hashlib
import io
import os
import zipfile
from dataclasses import dataclass

PAGE_PROJECT = "bench-page"
PAGE_FILES = 60
BIG_PROJECT = "bench-download"
BIG_BYTES = 10_000_000
UPLOADS = 200
_VERSIONS_EACH = (
    50  # 200 uploads are 4 projects of 50 releases, so that both a project's first and later ones count
)


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel as it is uploaded."""

    name: str
    version: str
    content: bytes

    @property
    def filename(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


def page_wheels() -> list[Wheel]:
    """The sixty releases of one project, whose page is asked for."""
    return [small_wheel(PAGE_PROJECT, f"{number // 10}.{number % 10}") for number in range(PAGE_FILES)]


def big_wheel() -> Wheel:
    """Ten megabytes that do not compress."""
    return _wheel(BIG_PROJECT, "1.0", payload=os.urandom(BIG_BYTES))


def upload_wheels(*, round_number: int) -> list[Wheel]:
    """Two hundred wheels that no other round has."""
    return [
        small_wheel(f"bench-upload-{round_number}-{number // _VERSIONS_EACH}", f"1.{number % _VERSIONS_EACH}")
        for number in range(UPLOADS)
    ]


def small_wheel(name: str, version: str) -> Wheel:
    """A wheel of about two kilobytes."""
    return _wheel(name, version, payload=os.urandom(1000))


def _wheel(name: str, version: str, *, payload: bytes) -> Wheel:
    package = name.replace("-", "_")
    folder = f"{package}-{version}.dist-info"
    members = {
        f"{package}/__init__.py": f'"""{name}"""\n'.encode(),
        f"{package}/payload.bin": payload,
        f"{folder}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: A wheel to measure with\n"
            "Requires-Python: >=3.8\n"
        ).encode(),
        f"{folder}/WHEEL": b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    members[f"{folder}/RECORD"] = _record(members, folder)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as wheel:
        for path, content in members.items():
            wheel.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), content)
    return Wheel(name, version, archive.getvalue())


def _record(members: dict[str, bytes], folder: str) -> bytes:
    lines = [f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in members.items()]
    return ("".join(lines) + f"{folder}/RECORD,,\n").encode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
