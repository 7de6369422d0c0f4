"""Small, valid distributions made on the spot, with every part open to be made wrong.

``build_wheel`` and ``build_sdist`` make files that an installer takes, unless a part is replaced. Other tests use
them too; what is malformed below the level of members (framing, offsets, flags) is made in ``framing``.
"""

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

Content = bytes | str
DATE = (2020, 2, 2, 0, 0, 0)
MTIME = 1_580_601_600


def build_wheel(
    folder: Path,
    *,
    name: str = "demo",
    version: str = "1.0",
    tag: str = "py3-none-any",
    metadata_version: str = "2.1",
    metadata_extra: str = "",
    description: str = "",
    files: Mapping[str, Content] | None = None,
    dist_info: Mapping[str, Content | None] | None = None,
    record: Content | None = None,
    filename: str | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """Write ``{name}-{version}-{tag}.whl`` into ``folder``.

    ``metadata_extra`` are further header lines of METADATA (``"Summary: Tests\\nRequires-Dist: six"``). ``files`` are
    added beside the package ``{name}/__init__.py``; ``dist_info`` adds or replaces files of the ``.dist-info`` folder
    (``None`` leaves one out). RECORD is computed over what is there, unless ``record`` replaces it.
    """
    members = wheel_members(
        name=name,
        version=version,
        tag=tag,
        metadata=core_metadata(name, version, metadata_version, metadata_extra, description),
        files=files or {},
        dist_info=dist_info or {},
        record=record,
    )
    path = folder / (filename or f"{escaped(name)}-{version}-{tag}.whl")
    path.write_bytes(zip_bytes(members, compression=compression))
    return path


def build_sdist(
    folder: Path,
    *,
    name: str = "demo",
    version: str = "1.0",
    metadata_version: str = "2.1",
    metadata_extra: str = "",
    description: str = "",
    files: Mapping[str, Content] | None = None,
    pkg_info: Content | None = None,
    top: str | None = None,
    filename: str | None = None,
) -> Path:
    """Write ``{name}-{version}.tar.gz`` into ``folder``.

    ``files`` are paths below the top folder, which is ``{name}-{version}`` unless ``top`` says otherwise;
    ``pkg_info`` replaces PKG-INFO, and ``b""`` leaves it out.
    """
    stem = f"{escaped(name)}-{version}"
    metadata = core_metadata(name, version, metadata_version, metadata_extra, description)
    inside: dict[str, Content] = {
        "PKG-INFO": metadata if pkg_info is None else pkg_info,
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
        f"{module(name)}/__init__.py": "",
        **(files or {}),
    }
    if pkg_info == b"":
        del inside["PKG-INFO"]
    top = stem if top is None else top
    path = folder / (filename or f"{stem}.tar.gz")
    path.write_bytes(gzip_bytes(tar_bytes({f"{top}/{key}": value for key, value in inside.items()})))
    return path


def core_metadata(
    name: str, version: str, metadata_version: str = "2.1", extra: str = "", description: str = ""
) -> bytes:
    """METADATA or PKG-INFO with the required fields, ``extra`` header lines and ``description`` as the body."""
    lines = [f"Metadata-Version: {metadata_version}", f"Name: {name}", f"Version: {version}"]
    if extra.strip("\n"):
        lines.append(extra.strip("\n"))
    return ("\n".join(lines) + "\n\n" + description).encode("utf-8", "surrogateescape")


def wheel_members(
    *,
    name: str = "demo",
    version: str = "1.0",
    tag: str = "py3-none-any",
    metadata: bytes | None = None,
    files: Mapping[str, Content] | None = None,
    dist_info: Mapping[str, Content | None] | None = None,
    record: Content | None = None,
) -> dict[str, bytes]:
    """The members of a valid wheel, RECORD last, as path -> content."""
    folder = f"{escaped(name)}-{version}.dist-info"
    about: dict[str, Content | None] = {
        "METADATA": core_metadata(name, version) if metadata is None else metadata,
        "WHEEL": wheel_file(tag),
        **(dist_info or {}),
    }
    everything = {f"{module(name)}/__init__.py": b"", **(files or {})}
    everything |= {f"{folder}/{key}": value for key, value in about.items() if value is not None}
    members = {path: as_bytes(content) for path, content in everything.items()}
    if about.get("RECORD", b"") is not None and f"{folder}/RECORD" not in members:
        members[f"{folder}/RECORD"] = (
            record_of(members, folder=folder) if record is None else as_bytes(record)
        )
    return members


def wheel_file(tag: str = "py3-none-any", *, purelib: bool = True) -> bytes:
    """The WHEEL file for a tag triple, compressed sets expanded as PEP 427 says."""
    pythons, abis, platforms = (part.split(".") for part in tag.split("-")[-3:])
    tags = [f"Tag: {p}-{a}-{q}\n" for p in pythons for a in abis for q in platforms]
    head = f"Wheel-Version: 1.0\nGenerator: demo 1\nRoot-Is-Purelib: {str(purelib).lower()}\n"
    return (head + "".join(tags) + "\n").encode()


def record_of(members: Mapping[str, bytes], *, folder: str) -> bytes:
    """RECORD over ``members``: path, sha256 in URL-safe base64 without padding, size (PEP 376, PEP 427)."""
    lines = [record_line(path, content) for path, content in members.items() if not path.endswith("/")]
    return "".join([*lines, f"{folder}/RECORD,,\n"]).encode()


def record_line(path: str, content: bytes, *, algorithm: str = "sha256") -> str:
    """One line of RECORD, newline included."""
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
    quoted = f'"{path}"' if "," in path else path
    return f"{quoted},{algorithm}={digest},{len(content)}\n"


def zip_bytes(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A plain ZIP file of ``members``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for path, content in members.items():
            entry = zipfile.ZipInfo(path, DATE)
            entry.compress_type = compression
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def tar_bytes(members: Mapping[str, Content]) -> bytes:
    """A plain tar file of ``members``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in members.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mtime = len(as_bytes(content)), MTIME
            archive.addfile(entry, io.BytesIO(as_bytes(content)))
    return buffer.getvalue()


def gzip_bytes(content: bytes) -> bytes:
    """``content`` as one gzip member that carries no time and no name."""
    return gzip.compress(content, mtime=0)


def escaped(name: str) -> str:
    """A project name as it stands in a filename (PEP 427, PEP 625)."""
    return canonicalize_name(name).replace("-", "_")


def module(name: str) -> str:
    """The importable package that stands for a project."""
    return escaped(name)


def as_bytes(content: Content) -> bytes:
    """``content`` as bytes."""
    return content.encode() if isinstance(content, str) else content
