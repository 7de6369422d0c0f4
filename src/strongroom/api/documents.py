"""The documents of the JSON API: a project, or one of its releases, in the shape that the public index gives them."""

from typing import Any
from urllib.parse import quote

from strongroom.projects.find import ProjectView, files
from strongroom.projects.models import File, Release
from strongroom.simple.address import file_path

_UNKNOWN_DOWNLOADS = {"last_day": -1, "last_month": -1, "last_week": -1}
_COPIED = (
    *(
        "author",
        "author_email",
        "classifiers",
        "description",
        "description_content_type",
        "download_url",
        "dynamic",
    ),
    *(
        "home_page",
        "keywords",
        "license",
        "license_expression",
        "license_files",
        "maintainer",
        "maintainer_email",
    ),
    *("name", "provides_extra", "requires_dist", "requires_python", "summary"),
)
_NULL_WHEN_EMPTY = frozenset(
    {"license_expression", "license_files", "provides_extra", "requires_dist", "dynamic"}
)


def document(view: ProjectView, *, base_url: str, serial: int, with_releases: bool) -> dict[str, Any]:
    """What is known of the project at the release of ``view``; ``with_releases`` adds the files of all others."""
    found = {
        "info": _info(view, base_url),
        "last_serial": serial,
        "ownership": _ownership(view),
        "urls": _files(view.release, base_url),
        "vulnerabilities": [],
    }
    if with_releases:
        found["releases"] = {release.version: _files(release, base_url) for release in view.releases}
    return found


def _info(view: ProjectView, base_url: str) -> dict[str, Any]:
    metadata = view.release.metadata
    page = f"{base_url}/project/{quote(view.project.normalized)}/"
    yanked = [file.yanked for file in files(view.release)]
    is_yanked = bool(yanked) and None not in yanked
    copied = {name: metadata.get(name, "") for name in _COPIED}
    return {
        **copied,
        **{name: copied[name] or None for name in _NULL_WHEN_EMPTY},
        "bugtrack_url": None,
        "docs_url": None,
        "downloads": _UNKNOWN_DOWNLOADS,
        "package_url": page,
        "platform": ", ".join(metadata.get("platforms", ())),
        "project_url": page,
        "project_urls": dict(metadata.get("project_urls", ())) or None,
        "release_url": f"{page}{quote(view.release.version)}/",
        "version": view.release.version,
        "yanked": is_yanked,
        "yanked_reason": yanked[0] or None if is_yanked else None,
    }


def _ownership(view: ProjectView) -> dict[str, Any]:
    people = [("Owner", name) for name in view.owners] + [("Maintainer", name) for name in view.maintainers]
    return {"organization": None, "roles": [{"role": role, "user": name} for role, name in people]}


def _files(release: Release, base_url: str) -> list[dict[str, Any]]:
    return [_file(file, base_url) for file in files(release)]


def _file(file: File, base_url: str) -> dict[str, Any]:
    return {
        "comment_text": "",
        "digests": {"blake2b_256": file.blake2_256, "md5": file.md5, "sha256": file.sha256},
        "downloads": -1,
        "filename": file.filename,
        "has_sig": False,
        "md5_digest": file.md5,
        "packagetype": file.kind,
        "python_version": file.python_tag,
        "requires_python": file.requires_python or None,
        "size": file.size,
        "upload_time": file.uploaded.strftime("%Y-%m-%dT%H:%M:%S"),
        "upload_time_iso_8601": file.uploaded.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "url": f"{base_url}/{file_path(file.sha256, file.filename)}",
        "yanked": file.yanked is not None,
        "yanked_reason": file.yanked or None,
    }
