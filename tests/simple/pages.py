"""Pages to render."""

from datetime import UTC, datetime

from strongroom.kernel.names import NormalizedName
from strongroom.simple.page import FileEntry, ProjectPage, ProjectStatus

SHA256 = "ab12" + "0" * 60
METADATA_SHA256 = "cd34" + "1" * 60
URL = f"../../files/ab/12/{'0' * 60}"
UPLOADED = datetime(2026, 5, 4, 3, 2, 1, 42, tzinfo=UTC)


def entry(filename: str = "demo-1.0-py3-none-any.whl", **changes: object) -> FileEntry:
    """A file of ``demo`` 1.0."""
    fields: dict[str, object] = {
        "filename": filename,
        "version": "1.0",
        "sha256": SHA256,
        "size": 4321,
        "uploaded": UPLOADED,
    }
    return FileEntry(**{**fields, **changes})  # type: ignore[arg-type]


def page(*files: FileEntry, **changes: object) -> ProjectPage:
    """The page of ``demo``."""
    fields: dict[str, object] = {
        "name": NormalizedName("demo"),
        "versions": ("1.0",),
        "files": files,
        "serial": 7,
        "status": ProjectStatus.ACTIVE,
    }
    return ProjectPage(**{**fields, **changes})  # type: ignore[arg-type]
