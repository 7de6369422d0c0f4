"""Looking files up: what is listed, where its bytes lie, and whether they are the right ones."""

import hashlib
import logging
from collections.abc import Iterator
from typing import Final

from strongroom.index.answer import ANY_ORIGIN, NO_SNIFFING, Headers, compressed, tagged
from strongroom.index.headers import attachment, http_date
from strongroom.index.kept import EVERY_PROJECT, Unavailable
from strongroom.index.offer import CHUNK, FOREVER, Missing, Offer
from strongroom.index.paths import FilePath
from strongroom.index.ports import BlobFiles, Pages
from strongroom.index.rendering import Rendering, absent
from strongroom.simple.page import FileEntry

_CONTENT_TYPE: Final = "application/octet-stream"

_log = logging.getLogger(__name__)


class Files:
    """What the index knows of files. Files of up to ``memory_size`` bytes are read once, compared with their digest
    (IX-08), and offered from memory; larger ones from the disk. All methods block.
    """

    def __init__(self, pages: Pages, blobs: BlobFiles, *, memory_size: int) -> None:
        self._pages = pages
        self._blobs = blobs
        self._memory_size = memory_size

    def offer(self, place: FilePath) -> Offer | Missing:
        """Look a file up; raises ``Unavailable`` where its bytes are not what its row says."""
        listed = self._pages.file(place.sha256, place.filename)
        if listed is None:
            return Missing()
        file = listed.file
        modified = int(file.uploaded.timestamp())
        etag, last_modified = f'"{file.sha256}"'.encode(), http_date(modified)
        headers = (
            (b"content-type", _CONTENT_TYPE.encode()),
            (b"etag", etag),
            (b"last-modified", last_modified),
            (b"accept-ranges", b"bytes"),
            *_said_of_files(file.filename),
        )
        return Offer(
            project=listed.project,
            path=self._blobs.path(file.sha256),
            length=file.size,
            modified=modified,
            etag=etag,
            last_modified=last_modified,
            headers=headers,
            chunks=self._chunks(file) if file.size <= self._memory_size else (),
        )

    def metadata(self, place: FilePath) -> Rendering:
        """The METADATA of a file (IX-09); raises ``Unavailable`` where the bytes are missing or others."""
        listed = self._pages.file(place.sha256, place.filename)
        if listed is None:
            return absent(EVERY_PROJECT)
        digest = listed.file.metadata_sha256
        if digest is None:
            return absent(listed.project)
        filename = f"{listed.file.filename}.metadata"
        body = b"".join(self._read(digest, filename))
        headers = ((b"vary", b"Accept-Encoding"), *_said_of_files(filename))
        zipped = compressed(body)
        answers = tuple(
            tagged(part, *headers, content_type=_CONTENT_TYPE, is_gzip=part is not body)
            for part in (body, zipped)
        )
        return Rendering(listed.project, answers, len(body) + len(zipped))

    def _chunks(self, file: FileEntry) -> tuple[bytes, ...]:
        return tuple(self._read(file.sha256, file.filename))

    def _read(self, sha256: str, filename: str) -> list[bytes]:
        """A blob in chunks, whose digest is right."""
        try:
            chunks = list(self._read_chunks(sha256))
        except FileNotFoundError:
            chunks = []
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
        if digest.hexdigest() != sha256:
            _log.error("a blob is missing or damaged", extra={"sha256": sha256, "file": filename})
            raise Unavailable
        return chunks

    def _read_chunks(self, sha256: str) -> Iterator[bytes]:
        with self._blobs.path(sha256).open("rb", buffering=0) as file:
            while chunk := file.read(CHUNK):
                yield chunk


def _said_of_files(filename: str) -> Headers:
    """Whatever was uploaded: a browser saves it, and if it shows it, runs nothing and gives it no origin."""
    return (
        FOREVER,
        (b"content-disposition", attachment(filename)),
        NO_SNIFFING,
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        ANY_ORIGIN,
    )
