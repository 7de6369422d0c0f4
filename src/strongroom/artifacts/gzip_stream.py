"""One gzip stream that is the whole file (RFC 1952), decompressed under a budget."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from strongroom.artifacts.limits import Limits
from strongroom.artifacts.refusals import refusal
from strongroom.artifacts.source import CHUNK, Source

_HEADER: Final = struct.Struct("<2sBBLBB")  # RFC 1952, 2.3: magic, method, flags, time, extra flags, system
_TRAILER: Final = struct.Struct("<2L")  # CRC-32 and size modulo 2**32
_MAGIC: Final = b"\x1f\x8b"
_DEFLATE: Final = 8
_TEXT, _NAME = 1 << 0, 1 << 3
_MAX_NAME = 1024
_RAW_DEFLATE = -zlib.MAX_WBITS


class GzipStream:
    """The decompressed bytes of a gzip file, read front to back, never more than a chunk of them in memory."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self._chunks = _decompressed(source, limits)
        self._buffer = memoryview(b"")

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer where the stream ends. The caller has limited ``size``."""
        return b"".join(self.pieces(size))

    def pieces(self, size: int) -> Iterator[memoryview]:
        """The next ``size`` bytes in pieces, fewer where the stream ends."""
        while size > 0:
            if not self._buffer:
                self._buffer = memoryview(next(self._chunks, b""))
                if not self._buffer:
                    return
            piece, self._buffer = self._buffer[:size], self._buffer[size:]
            size -= len(piece)
            yield piece

    def rest(self) -> Iterator[memoryview]:
        """All bytes that are left. Only when they have ended are size and CRC proven."""
        yield self._buffer
        for chunk in self._chunks:
            yield memoryview(chunk)


def _decompressed(source: Source, limits: Limits) -> Iterator[bytes]:
    crc = total = 0
    budget = limits.budget(source.size)
    for chunk in _inflated(source):
        total += len(chunk)
        if total > budget:  # while it streams: a bomb is not unpacked to see how large it is (UP-24, W33)
            raise refusal(
                "archive_bomb",
                f"The sdist decompresses to more than {budget} bytes, too much for its size. Leave out large files.",
            )
        crc = zlib.crc32(chunk, crc)
        if chunk:
            yield chunk
    if _TRAILER.unpack(source.at(source.size - _TRAILER.size, _TRAILER.size)) != (crc, total & 0xFFFFFFFF):
        raise _corrupt()


def _read_header(source: Source) -> int:
    """Read past the header, up to the compressed data, and return its length."""
    if source.size < _HEADER.size + _TRAILER.size or source.at(0, 2) != _MAGIC:
        raise refusal("gzip_invalid", "The file is not in gzip format. An sdist is a .tar.gz file.")
    _, method, flags, _, _, _ = _HEADER.unpack(source.at(0, _HEADER.size))
    # Extra fields and comments are room for another format, such as a whole ZIP file (UP-24, UP-25); nobody needs them.
    if method != _DEFLATE or flags & ~(_TEXT | _NAME):
        raise refusal(
            "gzip_invalid", "The gzip stream has an extra field, a comment or unknown flags. Build it again."
        )
    length = _HEADER.size
    if flags & _NAME:
        name, end, _ = source.next(min(_MAX_NAME, source.size - length)).partition(b"\0")
        if not end:
            raise refusal(
                "gzip_invalid", f"The gzip stream has a name of more than {_MAX_NAME} bytes. Build it again."
            )
        length += len(name) + 1
    source.at(length, 0)
    return length


def _inflated(source: Source) -> Iterator[bytes]:
    """What is between header and trailer, inflated; some chunks may be empty."""
    left = source.size - _read_header(source)
    inflater = zlib.decompressobj(_RAW_DEFLATE)
    try:
        while left > 0 and not inflater.eof:
            compressed = source.next(min(left, CHUNK))
            left -= len(compressed)
            while compressed and not inflater.eof:
                yield inflater.decompress(compressed, CHUNK)
                compressed = inflater.unconsumed_tail  # what the limit has held back
        while not inflater.eof and (owed := inflater.decompress(b"", CHUNK)):  # and what it held back inside
            yield owed
    except zlib.error:
        raise _corrupt() from None
    behind = left + len(inflater.unused_data)
    if not inflater.eof or behind < _TRAILER.size:
        raise refusal("archive_truncated", "The file ends before the gzip stream does. Upload it again.")
    if behind > _TRAILER.size:  # a second member, or garbage: some readers go on with it, others stop (UP-24)
        raise refusal(
            "gzip_trailing_data", "There is something behind the gzip stream. Build the sdist again."
        )


def _corrupt() -> Exception:
    return refusal("gzip_corrupt", "The gzip stream is damaged. Build the sdist again, or upload it again.")
