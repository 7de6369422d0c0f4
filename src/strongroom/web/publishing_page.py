"""What the publishing page of a project shows: its publishers in words, and how each release came."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from strongroom.projects.models import File, Project, Release
from strongroom.publish.identity import PASSWORD, TRUSTED
from strongroom.trust import issuers, publishers
from strongroom.trust.publishers import ListedPublisher
from strongroom.web import trust_words
from strongroom.web.trust_words import Wanted

SHOWN_RELEASES = 50


@dataclass(frozen=True, slots=True)
class ShownPublisher:
    """A publisher, what it asks for, and whether it could name an environment and does not.

    ``confirmable``: there is something for which an owner may vouch anew. One that was renamed is, if it is known what it
    would be under its new name; else it is added under that: the old one may be somebody else's by now. ``narrower`` is the
    environment of its last use, from which alone it could be made to publish; empty where there is none.
    """

    row: ListedPublisher
    wanted: list[Wanted]
    any_environment: bool
    confirmable: bool
    narrower: str


@dataclass(frozen=True, slots=True)
class Way:
    """How files of a release came: ``kind`` is ``trusted-publisher``, ``token`` or ``password``; ``who`` the account.

    ``name``, ``ref``, ``commit`` (shortened) and ``url`` (of the run, http or https) tell of a trusted publisher. ``files``
    counts those that came so.
    """

    kind: str
    who: str
    name: str = ""
    ref: str = ""
    commit: str = ""
    url: str = ""
    files: int = 0

    @property
    def is_trusted(self) -> bool:
        """Whether a trusted publisher sent them."""
        return self.kind == TRUSTED

    @property
    def is_password(self) -> bool:
        """Whether nothing but a password vouches for them."""
        return self.kind == PASSWORD


@dataclass(frozen=True, slots=True)
class ShownRelease:
    """A release, when its newest file came, in which ways, and how many of its files are attested."""

    version: str
    when: datetime
    ways: list[Way]
    files: int
    attested: int


def publishers_of(project_id: int) -> list[ShownPublisher]:
    """The publishers of a project in words, oldest first."""
    return [_shown(row) for row in publishers.of(project_id)]


def releases_of(project: Project) -> list[ShownRelease]:
    """The releases that were begun last, newest first; no more than ``SHOWN_RELEASES``."""
    rows = Release.objects.filter(project=project).order_by("-created", "-pk")
    rows = rows.defer("metadata", "description_html").prefetch_related("files")[:SHOWN_RELEASES]
    return [_release(row) for row in rows]


def ways_of(files: Iterable[File]) -> list[Way]:
    """In which ways files came, the one of most of them first."""
    counted = Counter(_way(file) for file in files)
    return [
        Way(way.kind, way.who, way.name, way.ref, way.commit, way.url, files=count)
        for way, count in counted.most_common()
    ]


def _shown(row: ListedPublisher) -> ShownPublisher:
    issuer = issuers.find(row.issuer)
    any_environment = (
        issuer is not None and issuer.reading.has_environment and not row.wanted.get("environment")
    )
    return ShownPublisher(
        row,
        trust_words.wanted_of(issuer, row.wanted),
        any_environment=any_environment,
        confirmable=row.suspended
        or not row.added_by_has_role
        or row.noticed == "resurrected"
        or row.new_name is not None,
        narrower=row.last_environment if any_environment else "",
    )


def _release(row: Release) -> ShownRelease:
    files = sorted(row.files.all(), key=lambda file: file.filename)
    return ShownRelease(
        row.version,
        max((file.uploaded for file in files), default=row.created),
        ways_of(files),
        files=len(files),
        attested=sum(file.attested for file in files),
    )


def _way(file: File) -> Way:
    told = file.publisher
    if told is None:
        return Way(file.authenticated, file.uploader_name)
    commit, url = str(told.get("sha", "")), str(told.get("url", ""))
    return Way(
        TRUSTED,
        "",
        name=str(told.get("name", "")),
        ref=str(told.get("ref", "")),
        commit=commit[:12],
        url=url if urlsplit(url).scheme in {"http", "https"} else "",
    )
