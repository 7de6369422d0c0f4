"""A published project in rows, for the pages that show one; the upload has tests of its own."""

from datetime import timedelta
from typing import Any

from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.names import normalize
from strongroom.projects.models import File, Project, Release, Role
from strongroom.projects.names import lookalike_key
from strongroom.projects.releases import key_of

SHA256, BLAKE2, MD5 = "a1" * 32, "b2" * 32, "c3" * 16


def publish(
    owner: User, name: str = "Strong.Box", *, versions: tuple[str, ...] = ("1.0",), **metadata: Any
) -> Project:
    """A project of ``owner`` with one wheel for each of ``versions``, of which the last is the latest."""
    normalized = normalize(name)
    summary = str(metadata.setdefault("summary", "Keeps things safe"))
    project = Project.objects.create(
        name=name,
        normalized=normalized,
        lookalike=lookalike_key(normalized),
        created=clock.now(),
        latest_version=versions[-1],
        summary=summary,
        updated=clock.now(),
    )
    Role.objects.create(project=project, user=owner, kind=Role.Kind.OWNER)
    for version in versions:
        _release(project, version, owner=owner, metadata=metadata)
    return project


def _release(project: Project, version: str, *, owner: User, metadata: dict[str, Any]) -> None:
    release = Release.objects.create(
        project=project,
        version=version,
        key=key_of(version),
        created=clock.now() - timedelta(days=1),
        summary=metadata["summary"],
        metadata=metadata,
        description_html=metadata.pop("description_html", "<p>How to keep things <em>safe</em>.</p>"),
    )
    File.objects.create(
        release=release,
        filename=f"{project.normalized}-{version}-py3-none-any.whl",
        kind="bdist_wheel",
        python_tag="py3",
        size=2048,
        sha256=SHA256,
        blake2_256=BLAKE2,
        md5=MD5,
        uploaded=clock.now(),
        uploader_id=owner.pk,
        uploader_name=owner.username,
        authenticated="token",
    )
