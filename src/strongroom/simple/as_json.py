"""Pages as JSON (PEP 691, 592, 658, 700, 714, 740, 792)."""

from datetime import UTC
from typing import Any

import orjson

from strongroom.simple.address import from_project_page
from strongroom.simple.page import API_VERSION, FileEntry, ProjectList, ProjectPage


def project_page(page: ProjectPage) -> bytes:
    """``/simple/<name>/`` as JSON."""
    status = {"status": page.status.value}
    if page.status_reason:
        status["reason"] = page.status_reason
    return orjson.dumps(
        {
            "meta": _meta(page.serial),
            "name": page.name,
            "project-status": status,
            "versions": page.versions,
            "files": [_file(file) for file in page.offered],
        }
    )


def project_list(listed: ProjectList) -> bytes:
    """``/simple/`` as JSON."""
    projects = [{"name": name, "_last-serial": serial} for name, serial in listed.projects]
    return orjson.dumps({"meta": _meta(listed.serial), "projects": projects})


def _meta(serial: int) -> dict[str, Any]:
    """Keys with an underscore are an index's own (PEP 691); mirrors read this one."""
    return {"api-version": API_VERSION, "_last-serial": serial}


def _file(file: FileEntry) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "filename": file.filename,
        "url": from_project_page(file.sha256, file.filename),
        "hashes": {"sha256": file.sha256},
        "size": file.size,
        # PEP 700: "yyyy-mm-ddThh:mm:ss.ffffffZ", always UTC
        "upload-time": file.uploaded.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        # PEP 592: a reason is a non-empty text, and without one it is just true
        "yanked": False if file.yanked is None else file.yanked or True,
    }
    if file.requires_python:
        entry["requires-python"] = file.requires_python
    metadata = {"sha256": file.metadata_sha256} if file.metadata_sha256 is not None else False
    entry["core-metadata"] = metadata
    entry["data-dist-info-metadata"] = metadata  # the name before PEP 714, which some installers still read
    if file.provenance is not None:
        entry["provenance"] = file.provenance
    return entry
