"""What a path asks for. Anything that is not spelled as the index spells it is a redirect or nothing (IX-05)."""

import re
from dataclasses import dataclass
from typing import Final

from strongroom.kernel.names import MAX_PROJECT_NAME, NormalizedName, normalize
from strongroom.simple.address import METADATA

_NORMALIZED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FILE = re.compile(
    r"/files/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{60})/((?!\.)[^/\x00-\x1f]{1,255}?)(\.metadata)?"
)

ROOT: Final = "/simple/"
HEALTH: Final = frozenset({"/healthz", "/readyz"})


@dataclass(frozen=True, slots=True)
class ListPath:
    """The list of projects."""


@dataclass(frozen=True, slots=True)
class ProjectPath:
    """The page of a project."""

    name: NormalizedName


@dataclass(frozen=True, slots=True)
class FilePath:
    """A file by the digest and the name that stand on the page, or its METADATA."""

    sha256: str
    filename: str
    is_metadata: bool


@dataclass(frozen=True, slots=True)
class MovedPath:
    """Another spelling of ``path``."""

    path: str


Place = ListPath | ProjectPath | FilePath | MovedPath


def handles(path: str) -> bool:
    """Whether a path is the index's to answer."""
    return path.startswith((ROOT, "/files/")) or path == "/simple" or path in HEALTH


def parse(path: str) -> Place | None:
    """What ``path``, percent-decoded, asks for; ``None`` for nothing."""
    if path.startswith("/files/"):
        return _file(path)
    if path in {ROOT, "/simple"}:
        return ListPath() if path == ROOT else MovedPath(ROOT)
    return _project(path)


def _file(path: str) -> FilePath | None:
    found = _FILE.fullmatch(path)
    if found is None:
        return None
    *digest, filename, metadata = found.groups()
    return FilePath("".join(digest), filename, is_metadata=metadata == METADATA)


def _project(path: str) -> ProjectPath | MovedPath | None:
    """PEP 503: names other than the normalized one, and addresses without the slash, may redirect; here they do."""
    spelled = path.removeprefix(ROOT).removesuffix("/")
    if not path.startswith(ROOT) or len(spelled) > MAX_PROJECT_NAME or not spelled.isascii():
        return None
    name = normalize(spelled)
    if not _NORMALIZED.fullmatch(name):
        return None
    canonical = f"{ROOT}{name}/"
    return ProjectPath(name) if path == canonical else MovedPath(canonical)
