"""Open a distribution."""

from pathlib import Path

from strongroom.artifacts.facts import Facts
from strongroom.artifacts.filename import WheelName, parse
from strongroom.artifacts.limits import DEFAULT, Limits
from strongroom.artifacts.sdist import inspect_sdist
from strongroom.artifacts.source import opened
from strongroom.artifacts.wheel import inspect_wheel


def inspect(path: Path, *, filename: str, limits: Limits = DEFAULT) -> Facts:
    """The facts of the distribution in the file at ``path``, which is to be published as ``filename``.

    The file is read whole, front to back, in constant memory. Raises ``Refused`` with a code of ``refusals.REFUSALS``;
    of the machine's own errors (``OSError``) nothing is hidden.
    """
    parts = parse(filename)
    with opened(path) as source:
        if isinstance(parts, WheelName):
            return inspect_wheel(source, filename=filename, parts=parts, limits=limits)
        return inspect_sdist(source, filename=filename, parts=parts, limits=limits)


def check_filename(filename: str, *, kind: str | None = None) -> None:
    """Refuse ``filename`` by its shape alone, before there are bytes.

    ``kind`` is the upload form's filetype (``bdist_wheel`` or ``sdist``), which the name must then have. Raises ``Refused``:
    ``filename_invalid``, ``filename_too_long``, ``version_local``, ``platform_tag_unsupported``.
    """
    parse(filename, kind=kind)
