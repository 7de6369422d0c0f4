"""The seals file: each seal as a line of JSON outside the database, so that the database alone cannot rewrite history.

Every node appends to a file of its own all the seals that there are. A file that says something else than the database is
left as it is: it is the evidence.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from strongroom.audit import reading
from strongroom.audit.proof import kept
from strongroom.audit.proof.check import Finding
from strongroom.audit.proof.seal import Seal, Statement, is_well_formed
from strongroom.audit.proof.strict import Malformed
from strongroom.audit.sealing import public_key, seal_due

_log = logging.getLogger(__name__)

_BATCH: Final = 1000  # seals that are written at once
_logged: set[str] = set()


def path() -> Path | None:
    """Where the file lies; ``None`` if there shall be none."""
    name = settings.CONFIG.audit.seals_file
    return settings.CONFIG.data / name if name else None


def seal() -> None:
    """Seal what is due, and keep the seals outside the database; every process of every node does so every few seconds."""
    seal_due()
    catch_up()


def catch_up() -> int:
    """Append the seals that are not in the file yet; returns how many. A file that contradicts the database stays, and is logged."""
    file = path()
    if file is None:
        return 0
    with _opened(file) as descriptor:
        try:
            newest = _newest(descriptor)
            _require_same(newest)
            return _append(descriptor, after=newest.statement.number if newest else 0)
        except Malformed as error:
            _log_once(file, str(error))
            return 0


def read(
    file: Path | None = None, *, former_keys: frozenset[str] = frozenset()
) -> tuple[dict[int, Statement], list[Finding]]:
    """The statements in a seals file (``None``: this node's own), and what is wrong with it; raises ``OSError``."""
    file = file or path()
    if file is None:
        return {}, []
    with file.open("rb") as lines:
        return kept.read(
            iter(lambda: lines.readline(kept.MAX_LINE + 1), b""), keys=former_keys | {public_key()}
        )


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    """The file, made where there is none, held against other processes of this node."""
    is_new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if is_new:
            _sync_folder(file.parent)
        yield descriptor
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _newest(descriptor: int) -> Seal | None:
    """The last seal in the file, which then ends with a whole line: one that a crash tore is cut off, to be written again.

    Raises ``Malformed`` if the last whole line is no seal.
    """
    size = os.fstat(descriptor).st_size
    start = max(0, size - 3 * kept.MAX_LINE)
    end = os.pread(descriptor, size - start, start)
    whole = end[: end.rfind(b"\n") + 1]
    if not whole:
        if start:
            raise Malformed("its end is no seal")
        os.ftruncate(descriptor, 0)
        return None
    if len(whole) < len(end):
        os.ftruncate(descriptor, start + len(whole))
    return kept.parse(whole.splitlines(keepends=True)[-1])


def _require_same(newest: Seal | None) -> None:
    """Raises ``Malformed`` if the database has no such seal."""
    if newest is None:
        return
    said = newest.statement
    row = next(reading.seals(after=said.number - 1, leaves=False), None)
    if row is None or row.statement != said:
        raise Malformed(f"seal {said.number} is not in the database, which was set back or changed")


def _append(descriptor: int, *, after: int) -> int:
    count = 0
    lines: list[bytes] = []
    for seal in reading.seals(after=after, leaves=False):
        if not is_well_formed(seal):
            _write(descriptor, lines)
            raise Malformed(f"what stands behind seal {after + count} in the database is none")
        lines.append(kept.spell(seal))
        count += 1
        if len(lines) == _BATCH:
            _write(descriptor, lines)
            lines = []
    _write(descriptor, lines)
    if count:
        os.fsync(descriptor)
    return count


def _write(descriptor: int, lines: list[bytes]) -> None:
    rest = memoryview(b"".join(lines))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _log_once(file: Path, message: str) -> None:
    """Each contradiction is told once by each process, not at every turn."""
    if message not in _logged:
        _logged.add(message)
        _log.error(
            "the seals file contradicts the database; run `strongroom audit verify`",
            extra={"file": str(file), "why": message},
        )
