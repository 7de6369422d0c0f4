"""The index on a small database of its own: its ports over SQLite tables, for tests without the rest of Strongroom."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from strongroom.blobs.local import LocalBlobs
from strongroom.index.app import Index, Memory
from strongroom.index.ports import Pages
from strongroom.index.pulse import SqlitePulse
from strongroom.kernel.names import NormalizedName, normalize
from strongroom.simple.address import file_path
from strongroom.simple.page import (
    FileEntry,
    ListedFile,
    ProjectList,
    ProjectPage,
    ProjectStatus,
    in_order,
    versions_of,
)

NEWEST_SERIAL = "SELECT MAX(serial) FROM journal"
UPLOADED = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)

_TABLES = """
CREATE TABLE journal (serial INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL);
CREATE TABLE projects (name TEXT PRIMARY KEY, spelled TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE files (sha256 TEXT NOT NULL, filename TEXT PRIMARY KEY, project TEXT NOT NULL, entry TEXT NOT NULL);
"""


class Site:
    """A folder with a database and blobs, and the verbs that change it. One connection for each thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "site.sqlite3"
        self.blobs = LocalBlobs(folder / "blobs")
        self._local = threading.local()
        self._closing: list[Callable[[], None]] = []
        self._open: list[sqlite3.Connection] = []
        if not self.database.exists():
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.executescript(_TABLES)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = sqlite3.connect(
                self.database, isolation_level=None, check_same_thread=False
            )
            found.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug here
            self._open.append(found)
        return found

    def close(self) -> None:
        """End every index, and close what every thread has opened."""
        for close in self._closing:
            close()
        for connection in self._open:
            connection.close()

    @contextmanager
    def change(self, project: str) -> Iterator[sqlite3.Connection]:
        """A transaction with its journal row."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("INSERT INTO journal (project) VALUES (?)", [normalize(project)])
        connection.execute("COMMIT")

    def create(self, name: str, *, status: ProjectStatus = ProjectStatus.ACTIVE, reason: str = "") -> None:
        """Make a project, or give it another status."""
        with self.change(name) as connection:
            row = [normalize(name), name, status.value, reason]
            connection.execute("INSERT OR REPLACE INTO projects VALUES (?, ?, ?, ?)", row)

    def publish(self, project: str, file: FileEntry) -> None:
        """List a file, whatever became of its blob; a project that is not there is made."""
        with self.change(project) as connection:
            name = normalize(project)
            connection.execute("INSERT OR IGNORE INTO projects VALUES (?, ?, 'active', '')", [name, project])
            written = json.dumps(asdict(file) | {"uploaded": file.uploaded.isoformat()})
            connection.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
                [file.sha256, file.filename, name, written],
            )

    def upload(
        self, project: str, filename: str, content: bytes, *, metadata: bytes | None = None
    ) -> FileEntry:
        """Blob first, row second."""
        metadata_sha256 = None if metadata is None else self.blobs.put(metadata)
        listed = entry(
            filename, sha256=self.blobs.put(content), size=len(content), metadata_sha256=metadata_sha256
        )
        self.publish(project, listed)
        return listed

    def delete(self, project: str, filename: str) -> None:
        """Remove the row; the blob stays."""
        with self.change(project) as connection:
            connection.execute("DELETE FROM files WHERE filename = ?", [filename])

    def index(
        self,
        *,
        pages: Pages | None = None,
        ready: Callable[[], bool] = lambda: True,
        memory: Memory | None = None,
    ) -> Index:
        """The index over this site."""
        pulse = SqlitePulse(self.database, NEWEST_SERIAL)
        index = Index(
            pages=pages or SqlitePages(self),
            pulse=pulse,
            blobs=self.blobs,
            ready=ready,
            memory=memory or Memory(),
        )
        self._closing += [index.close, pulse.close]
        return index


class SqlitePages:
    """``Pages`` over the tables of a site; each method reads in one transaction."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @contextmanager
    def _moment(self) -> Iterator[sqlite3.Connection]:
        connection = self._site.connection
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    def changed_since(self, serial: int) -> Sequence[tuple[str, int]]:
        with self._moment() as connection:
            return connection.execute(
                "SELECT project, serial FROM journal WHERE serial > ? ORDER BY serial", [serial]
            ).fetchall()

    def project(self, name: NormalizedName) -> ProjectPage | None:
        with self._moment() as connection:
            row = connection.execute("SELECT status, reason FROM projects WHERE name = ?", [name]).fetchone()
            if row is None:
                return None
            rows = connection.execute("SELECT entry FROM files WHERE project = ?", [name]).fetchall()
            (serial,) = connection.execute(
                "SELECT MAX(serial) FROM journal WHERE project = ?", [name]
            ).fetchone()
        files = in_order(_entry(text) for (text,) in rows)
        return ProjectPage(
            name=name,
            versions=versions_of(files),
            files=files,
            serial=serial,
            status=ProjectStatus(row[0]),
            status_reason=row[1],
        )

    def projects(self) -> ProjectList:
        with self._moment() as connection:
            rows = connection.execute(
                "SELECT spelled, (SELECT MAX(serial) FROM journal WHERE project = name) FROM projects ORDER BY name"
            ).fetchall()
            (serial,) = connection.execute(NEWEST_SERIAL).fetchone()
        return ProjectList(serial=serial or 0, projects=tuple(rows))

    def file(self, sha256: str, filename: str) -> ListedFile | None:
        with self._moment() as connection:
            row = connection.execute(
                "SELECT project, entry FROM files NATURAL JOIN (SELECT name AS project, status FROM projects)"
                " WHERE sha256 = ? AND filename = ? AND status <> 'quarantined'",
                [sha256, filename],
            ).fetchone()
        return None if row is None else ListedFile(project=NormalizedName(row[0]), file=_entry(row[1]))


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def entry(filename: str, *, sha256: str, size: int = 4321, metadata_sha256: str | None = None) -> FileEntry:
    """A file of version 1.0."""
    return FileEntry(
        filename=filename,
        version="1.0",
        sha256=sha256,
        size=size,
        uploaded=UPLOADED,
        metadata_sha256=metadata_sha256,
    )


def file_url(file: FileEntry) -> str:
    """The path under which a file is downloaded."""
    return f"/{file_path(file.sha256, file.filename)}"


def _entry(text: str) -> FileEntry:
    fields = json.loads(text)
    return FileEntry(**fields | {"uploaded": datetime.fromisoformat(fields["uploaded"])})


def __getattr__(name: str) -> Index:
    """``app`` for a server in a process of its own, which runs in the site's folder."""
    if name != "app":
        raise AttributeError(name)
    return Site(Path.cwd()).index()
