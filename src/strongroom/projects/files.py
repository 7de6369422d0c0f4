"""Files: what a filename stands for already, and adding one."""

from dataclasses import dataclass
from typing import Protocol

from django.db.models import Exists, OuterRef, QuerySet

from strongroom.artifacts.facts import Facts
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.prepared.insert import insert
from strongroom.prepared.query import Query
from strongroom.projects.models import SDIST, File, TakenFilename


class Digests(Protocol):
    """The size in bytes of a distribution and its digests in lower-case hex."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def sha256(self) -> str:
        """SHA-256."""

    @property
    def blake2_256(self) -> str:
        """BLAKE2b with 32 bytes."""

    @property
    def md5(self) -> str:
        """MD5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A distribution whose blob is durable. ``metadata_sha256`` is ``""`` where no metadata is served beside it."""

    facts: Facts
    digests: Digests
    metadata_sha256: str


def is_there(filename: str, sha256: str) -> bool:
    """Whether this very file is published already; raises ``Refused`` where the name stands for another (UP-07).

    Codes: ``file_exists``, ``filename_taken`` (the file was deleted; design, D12).
    """
    row = _TAKEN.first(filename=filename)
    if row is None:
        return False
    taken_for, still_there = row
    if not still_there:
        raise Refused(
            "filename_taken",
            f"File already existed here and was deleted ('{filename}'). Its name cannot be used again: publish a new "
            "version.",
        )
    if taken_for != sha256:
        raise Refused(
            "file_exists",
            f"File already exists ('{filename}', with sha256 hash '{taken_for}'). Files never change: publish a new "
            "version.",
        )
    return True


def take_name(filename: str, *, project: str, sha256: str) -> bool:
    """Take a filename for ever, in the caller's transaction; ``False`` where it was taken before.

    One insert decides (design, D1).
    """
    row = {"filename": filename, "project": project, "sha256": sha256, "taken": clock.now()}
    return insert(TakenFilename, unless_taken=True, **row) is not None


def add(release_id: int, new: NewFile, *, by: Actor) -> None:
    """Publish a file in the caller's transaction; raises ``Refused`` (``sdist_exists``).

    The project is held by the caller, so that nothing comes between the question and the insert; the constraint of one
    sdist for each release stands behind it.
    """
    facts, digests = new.facts, new.digests
    if facts.kind == SDIST and File.objects.filter(release_id=release_id, kind=SDIST).exists():
        raise Refused("sdist_exists", "This release has a source distribution already; a release has one.")
    insert(
        File,
        release_id=release_id,
        filename=facts.filename,
        kind=facts.kind,
        python_tag=facts.python_tag,
        size=digests.size,
        sha256=digests.sha256,
        blake2_256=digests.blake2_256,
        md5=digests.md5,
        metadata_sha256=new.metadata_sha256,
        requires_python=facts.metadata.requires_python,
        uploaded=clock.now(),
        uploader_id=by.user_id,
        uploader_name=by.username,
        authenticated=by.authenticated,
    )


def _taken(filename: str) -> QuerySet[TakenFilename, tuple[str, bool]]:
    published = Exists(File.objects.filter(filename=OuterRef("pk")))
    return TakenFilename.objects.filter(pk=filename).values_list("sha256", published)


_TAKEN = Query(_taken, filename=str)
