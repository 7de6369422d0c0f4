"""Releases: which one a file belongs to, whether it still takes files, which one is the latest."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from packaging.utils import canonicalize_version
from packaging.version import Version

from strongroom.artifacts.facts import Metadata
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.prepared.insert import insert
from strongroom.prepared.query import Query
from strongroom.projects.claim import Claim, show_as_latest
from strongroom.projects.events import ReleaseCreated
from strongroom.projects.models import File, Release

_FIELDS = tuple(field.name for field in fields(Metadata))


def key_of(version: str) -> str:
    """The same text for versions that are equal: ``1.0`` and ``1.0.0`` are one release (UP-43)."""
    return canonicalize_version(version)


def created_at(project_id: int, version: str) -> datetime | None:
    """When the release got its first file; ``None`` where there is no such release."""
    found = _RELEASE.first(project=project_id, key=key_of(version))
    return found[1] if found else None


def require_open(created: datetime | None, *, days: int) -> None:
    """Raises ``Refused`` (``release_closed``) where the first file came more than ``days`` ago (UP-42)."""
    if created is not None and clock.now() - created > timedelta(days=days):
        raise Refused(
            "release_closed",
            f"This release is closed: it takes new files for {days} days after its first one. Publish a new version.",
        )


def find_or_add(claim: Claim, version: str, metadata: Metadata, *, description_html: str, by: Actor) -> int:
    """The id of the release of that version, made where there is none, in the transaction that holds the project."""
    found = _RELEASE.first(project=claim.project_id, key=key_of(version))
    if found is not None:
        return int(found[0])
    release_id: int = insert(
        Release,
        project_id=claim.project_id,
        version=version,
        key=key_of(version),
        created=clock.now(),
        summary=metadata.summary,
        metadata={name: getattr(metadata, name) for name in _FIELDS},
        description_html=description_html,
    )
    if is_preferred(version, over=claim.latest_version) or _is_yanked(claim.project_id, claim.latest_version):
        show_as_latest(claim, version, summary=metadata.summary)
    trail.record(ReleaseCreated(subject_id=by.user_id, project=claim.normalized, version=version), by=by)
    return release_id


def is_preferred(version: str, *, over: str) -> bool:
    """Whether a visitor rather wants ``version``: final releases first, then the newer one (PEP 440)."""
    return not over or preference(version) > preference(over)


def preference(version: str) -> Any:
    """A key to sort versions by, so that what a visitor wants comes last."""
    parsed = Version(version)
    return not parsed.is_prerelease, parsed


def _is_yanked(project_id: int, version: str) -> bool:
    """Whether a release has files, and all of them are yanked."""
    files = File.objects.filter(release__project_id=project_id, release__key=key_of(version))
    reasons = set(files.values_list("yanked", flat=True))
    return bool(reasons) and None not in reasons


def _release(project: int, key: str) -> QuerySet[Release, tuple[int, datetime]]:
    return Release.objects.filter(project_id=project, key=key).values_list("pk", "created")


_RELEASE = Query(_release, project=int, key=str)
