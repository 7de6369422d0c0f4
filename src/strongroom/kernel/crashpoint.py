"""Named places where a test lets the process die: the proof that what was acknowledged survives a crash there."""

import os
import signal
from itertools import count

CRASH_POINTS = (
    "blobs.partly_written",
    "blobs.after_file_fsync",
    "blobs.after_rename",
    "blobs.after_folder_fsync",
    "upload.before_blob",
    "upload.before_rows",
    "upload.before_commit",
    "upload.after_commit",
    "audit.before_seal",
    "audit.sealing",
    "audit.after_seal",
    "audit.redacting",
)
"""Every crash point, in the order in which an upload passes them, then those of the audit trail."""


def crashpoint(name: str) -> None:
    """Kill this process (SIGKILL) if the environment asks for a crash at ``name``; otherwise do nothing.

    ``STRONGROOM_CRASH_AT=name:nth`` names the point and how many times it is passed first, counted from 1; without
    ``:nth`` the first time. It is read once, when this module is loaded.
    """
    if name == _NAME and next(_passed) == _NTH:
        os.kill(os.getpid(), signal.SIGKILL)


def _asked() -> tuple[str, int]:
    """The point and the pass at which to die; raises ``ValueError`` for one that does not exist."""
    asked = os.environ.get("STRONGROOM_CRASH_AT", "")  # noqa: TID251  (for tests; no setting of an instance)
    name, _, nth = asked.partition(":")
    if name and name not in CRASH_POINTS:
        raise ValueError(f"STRONGROOM_CRASH_AT: there is no crash point '{name}'")
    return name, int(nth or 1)


_NAME, _NTH = _asked()
_passed = count(1)
