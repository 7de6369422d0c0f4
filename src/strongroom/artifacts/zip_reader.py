"""The contents of a ZIP file, member by member, never more of it in memory than a chunk."""

import zlib
from collections.abc import Iterable, Iterator

from strongroom.artifacts.limits import Limits
from strongroom.artifacts.refusals import quoted, refusal
from strongroom.artifacts.source import CHUNK, Source
from strongroom.artifacts.zip_framing import read_directory
from strongroom.artifacts.zip_records import LOCAL, LOCAL_SIGNATURE, STORED, Entry, check_local, mismatch

_RAW_DEFLATE = -zlib.MAX_WBITS


class ZipReader:
    """A ZIP file whose framing has been checked. ``entries`` lie in the file in this order."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self.entries = read_directory(source, limits)

    def content(self, entry: Entry) -> Iterator[bytes]:
        """The decompressed bytes of a member in chunks, at most as many as the directory claims.

        Raises ``Refused`` (``zip_mismatch``, ``zip_corrupt``, ...) as soon as something is wrong, so the bytes are
        only proven when the iterator has ended. One member is read at a time.
        """
        self._enter(entry)
        if entry.method == STORED and entry.compressed != entry.size:
            raise mismatch(f"the stored member {quoted(entry.name)} has two sizes")
        if entry.compressed <= CHUNK:  # most members: no loop of loops for them
            chunks: Iterable[bytes] = (self._source.next(entry.compressed),)
        else:
            chunks = self._source.chunks(entry.compressed)
        crc = 0
        for chunk in chunks if entry.method == STORED else _inflated(chunks, entry):
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if crc != entry.crc:
            raise _corrupt(entry)

    def read(self, entry: Entry) -> bytes:
        """The whole content of a member whose size the caller has limited."""
        return b"".join(self.content(entry))

    def _enter(self, entry: Entry) -> None:
        """Read past the local header, up to the member's data."""
        header = self._source.at(entry.offset, LOCAL.size)
        name_size, extra_size = LOCAL.unpack(header)[-2:]
        name_and_extra = self._source.next(name_size + extra_size)
        if header[:4] != LOCAL_SIGNATURE or name_and_extra[:name_size] != entry.raw_name:
            raise mismatch(f"there is no local header of {quoted(entry.name)}")
        check_local(header, name_and_extra[name_size:], entry)
        # Bytes between two members, where a streaming reader would find another one.
        if entry.offset + LOCAL.size + name_size + extra_size + entry.compressed != entry.end:
            raise mismatch(f"there is something behind {quoted(entry.name)}")


def _inflated(chunks: Iterable[bytes], entry: Entry) -> Iterator[bytes]:
    """Inflate, and stop at the claimed size: a bomb gets no further than it said, and that was in the budget."""
    inflater = zlib.decompressobj(_RAW_DEFLATE)
    left = entry.size
    try:
        for compressed in chunks:
            while compressed:
                # One byte more than is left, so that too much is seen; never 0, which would mean no limit.
                chunk = inflater.decompress(compressed, min(CHUNK, left + 1))
                compressed = inflater.unconsumed_tail  # noqa: PLW2901  (what the limit has held back)
                left -= len(chunk)
                if left < 0 or inflater.unused_data:
                    raise _corrupt(entry)
                yield chunk
        if not inflater.eof:  # the last input may still owe a few bytes that the limit has held back
            last = inflater.decompress(b"", left + 1)
            left -= len(last)
            yield last
    except zlib.error:
        raise _corrupt(entry) from None
    if left or not inflater.eof:
        raise _corrupt(entry)


def _corrupt(entry: Entry) -> Exception:
    return refusal(
        "zip_corrupt",
        f"The member {quoted(entry.name)} is damaged. Build the wheel again, or upload it again.",
    )
