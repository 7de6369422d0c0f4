"""Files: what a filename stands for already, and adding one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Exists, OuterRef, QuerySet

from strongroom.artifacts.facts import Facts
from strongroom.artifacts.filename import canonical
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.prepared.insert import insert
from strongroom.prepared.query import Query
from strongroom.projects.models import File, Provenance, TakenFilename


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
    """A distribution whose blob is durable. ``metadata_sha256`` is ``""`` where no metadata is served beside it.

    ``publisher`` is the trusted publisher that sent it; ``provenance`` the document with its attestations, ``""`` for none.
    """

    facts: Facts
    digests: Digests
    metadata_sha256: str
    publisher: Mapping[str, Any] | None = None
    provenance: str = ""


def is_there(filename: str, sha256: str) -> bool:
    """Whether this very file is published already; raises ``Refused`` where the name stands for another (UP-07).

    Codes: ``file_exists``, ``filename_taken`` (the file was deleted; design, D12).
    """
    row = _TAKEN.first(filename=canonical(filename))
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
    """Take a filename for ever, in every spelling, in the caller's transaction; ``False`` where it was taken before.

    One insert decides (design, D1).
    """
    row = {"filename": canonical(filename), "published_as": filename, "project": project, "sha256": sha256}
    return insert(TakenFilename, unless_taken=True, **row, taken=clock.now()) is not None


def add(release_id: int, new: NewFile, *, by: Actor) -> None:
    """Publish a file whose name was taken, in the caller's transaction."""
    facts, digests = new.facts, new.digests
    file_id = insert(
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
        publisher=dict(new.publisher) if new.publisher is not None else None,
        attested=bool(new.provenance),
    )
    if new.provenance:
        insert(Provenance, file_id=file_id, document=new.provenance)


def _taken(filename: str) -> QuerySet[TakenFilename, tuple[str, bool]]:
    published = Exists(File.objects.filter(filename=OuterRef("published_as")))
    return TakenFilename.objects.filter(pk=filename).values_list("sha256", published)


_TAKEN = Query(_taken, filename=str)
