"""Whether the paths of members can be unpacked safely, and as different files, wherever installers run."""

import re
import unicodedata

from strongroom.artifacts.refusals import quoted, refusal

MAX_PATH_BYTES = 1024
MAX_NAME_BYTES = 255

# Windows opens a device for these, whatever stands behind the first dot ("aux.py" is the device AUX).
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{digit}" for port in ("COM", "LPT") for digit in "123456789\u00b9\u00b2\u00b3"]
)
# Most paths are of this shape; it saves them the slower look. The names that it lets through are checked for devices.
_PLAIN = re.compile(
    r"(?:[A-Za-z0-9_-](?:[A-Za-z0-9_.+ -]*[A-Za-z0-9_+-])?/)*[A-Za-z0-9_-](?:[A-Za-z0-9_.+ -]*[A-Za-z0-9_+-])?/?"
)
_DEVICE_HINT = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com\d|lpt\d)(?:[./ ]|$)", re.IGNORECASE)


def check_wheel_path(path: str) -> None:
    """Refuse ``path`` (a folder ends in ``/``) unless it can be unpacked on every system and stays below the root."""
    if len(path) <= MAX_NAME_BYTES and _PLAIN.fullmatch(path) and not _DEVICE_HINT.search(path):
        return
    _check_stays_below(path)
    for name in path.removesuffix("/").split("/"):
        _check_portable(name, path=path)


def check_sdist_path(path: str) -> None:
    """Refuse ``path`` unless it stays below the root. Sdists are unpacked to be built: their test files may have names
    that only some systems can hold, so less is asked than of wheels.
    """
    if len(path) <= MAX_NAME_BYTES and _PLAIN.fullmatch(path):
        return
    _check_stays_below(path)


class Paths:
    """The paths of one archive so far; adding one that is not a new file of its own is refused."""

    def __init__(self, *, portable: bool) -> None:
        self._portable = portable
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def add_file(self, path: str) -> None:
        """Take ``path`` as a file (or link) that was not there, neither as a file nor as a folder."""
        key = self._key(path)
        if key in self._files:
            raise _same_file(path, self._files[key])
        if key in self._folders:
            raise _collision(path, self._folders[key] + "/")
        self._files[key] = path
        self._add_parents(path)

    def add_folder(self, path: str) -> None:
        """Take ``path`` (without the slash) as a folder, which may be there already, in this very spelling."""
        self._add_one_folder(path)
        self._add_parents(path)

    def has_file(self, path: str) -> bool:
        """Whether ``path`` has been added as a file, in this spelling."""
        return self._files.get(self._key(path)) == path

    def check_portable(self) -> None:
        """Refuse if there are two paths that would be one on some systems."""
        everywhere = Paths(portable=True)
        for path in self._files.values():
            everywhere.add_file(path)
        for path in self._folders.values():
            everywhere.add_folder(path)

    def _add_parents(self, path: str) -> None:
        parent = path.rpartition("/")[0]
        while parent and self._folders.get(self._key(parent)) != parent:
            self._add_one_folder(parent)
            parent = parent.rpartition("/")[0]

    def _add_one_folder(self, path: str) -> None:
        key = self._key(path)
        if key in self._files:  # a file (or a symlink!) that something is to be written below
            raise _collision(path + "/", self._files[key])
        if self._folders.setdefault(key, path) != path:
            raise _collision(path, self._folders[key])

    def _key(self, path: str) -> str:
        """Paths with the same key are one file somewhere: letter case and Unicode composition do not count there."""
        if not self._portable:
            return path
        if path.isascii():
            return path.lower()
        return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def _same_file(path: str, other: str) -> Exception:
    if path == other:
        return refusal("member_duplicate", f"The archive has two members {quoted(path)}. Keep one of them.")
    return _collision(path, other)


def _collision(path: str, other: str) -> Exception:
    return refusal(
        "member_collision",
        f"The members {quoted(other)} and {quoted(path)} cannot lie beside each other on every system. Rename one.",
    )


def _check_stays_below(path: str) -> None:
    names = path.removesuffix("/").split("/")
    if len(path.encode("utf-8", "replace")) > MAX_PATH_BYTES:
        raise _unsafe(path, f"has more than {MAX_PATH_BYTES} bytes")
    if not path.isprintable():  # control characters, direction overrides, lone surrogates
        raise _unsafe(path, "has characters that cannot be printed")
    if "\\" in path:  # a separator on Windows: "..\\..\\evil"
        raise _unsafe(path, "has a backslash")
    if "" in names:  # "/etc/passwd", "//host/share", "a//b", and no name at all
        raise _unsafe(path, "is absolute or has an empty part")
    if "." in names or ".." in names:
        raise _unsafe(path, "has a part '.' or '..'")
    if len(names[0]) == 2 and names[0][1] == ":":
        raise _unsafe(path, "begins with a drive letter")


def _check_portable(name: str, *, path: str) -> None:
    if ":" in name:  # a drive, or an alternate stream of an NTFS file
        raise _unsafe(path, "has a colon")
    if name.endswith((".", " ")):  # Windows drops them: "evil.py." becomes "evil.py"
        raise _unsafe(path, "has a part that ends in a dot or a space")
    if name.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        raise _unsafe(path, "has a part that is a device on Windows")
    if len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise _unsafe(path, f"has a part of more than {MAX_NAME_BYTES} bytes")


def _unsafe(path: str, why: str) -> Exception:
    return refusal("member_path_unsafe", f"The member {quoted(path)} {why}. Rename or leave it out.")
