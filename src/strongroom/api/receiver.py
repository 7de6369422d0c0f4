"""The body of an upload, taken apart as it comes: fields into memory, within bounds; the file into a draft.

It blocks and runs in a thread. Tools send the fields first, so that a file which may not be published is refused before
it is stored (UP-02); if the file comes first, it is looked at afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from strongroom.api.fields import MAX_FIELDS, Fields, too_large
from strongroom.artifacts.inspect import check_filename
from strongroom.blobs.draft import Draft
from strongroom.blobs.store import Blobs
from strongroom.kernel.refused import Refused
from strongroom.projects.access import Place
from strongroom.publish import form
from strongroom.publish.identity import Identity
from strongroom.publish.permission import permit
from strongroom.publish.upload import Published, upload

MAX_PARTS = 4096
FILE_FIELD = "content"


class Receiver:
    """Takes one upload: ``feed`` it the bytes and ``finish`` with the last; ``discard`` it if they do not come.

    Whatever raises leaves nothing behind.
    """

    def __init__(self, boundary: str, *, max_file_size: int, blobs: Blobs, identity: Identity) -> None:
        self._parser = PushMultipartParser(boundary, max_segment_count=MAX_PARTS)
        self._max_file_size = max_file_size
        self._blobs = blobs
        self._identity = identity
        self._fields = Fields()
        self._in_file = False
        self._filename = ""
        self._draft: Draft | None = None
        self._place: Place | None = None
        self._room = max_file_size + 2 * MAX_FIELDS

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; raises ``Refused`` as soon as it is known that it must."""
        with self._discarding_failure():
            self._feed(chunk)

    def finish(self, last: bytes) -> Published:
        """Take the last bytes and publish what has come; raises ``Refused``."""
        with self._discarding_failure():
            if last:
                self._feed(last)
            return self._publish()

    def discard(self) -> None:
        """Leave nothing behind of what was not published."""
        if self._draft is not None:
            self._draft.discard()

    @contextmanager
    def _discarding_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.discard()
            raise

    def _feed(self, chunk: bytes) -> None:
        self._room -= len(chunk)
        if self._room < 0:  # headers of parts, or bytes behind the end of the form
            raise too_large()
        try:
            for event in self._parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event is not None:
                    self._take(event)
                elif not self._in_file:
                    self._fields.end()
        except ParserLimitReached:
            raise too_large() from None
        except MultipartError as error:
            raise Refused(
                "form_malformed", f"The form cannot be read: {error}. Upload the file again."
            ) from None

    def _publish(self) -> Published:
        try:
            self._parser.close()
        except MultipartError:
            raise Refused("form_truncated", "The form ends too early. Upload the file again.") from None
        complete = form.parse(self._fields.values, filename=self._filename)
        if self._draft is None:
            raise Refused(
                "file_missing", "The form holds no file: send it as the part 'content'.", field=FILE_FIELD
            )
        place = self._place or permit(complete.name, filename=self._filename, by=self._identity)
        published = upload(complete, self._draft, place=place, blobs=self._blobs, by=self._identity)
        self.discard()  # of no effect, unless the file was there before
        return published

    def _begin(self, part: MultipartSegment) -> None:
        self._in_file = part.name == FILE_FIELD
        if self._in_file:
            self._begin_file(part)
        elif part.filename is not None:
            raise Refused(
                "field_is_file", "The form holds a file besides 'content'; signatures are not taken."
            )
        else:
            self._fields.begin(part.name)

    def _begin_file(self, part: MultipartSegment) -> None:
        if self._draft is not None:
            raise Refused(
                "file_repeated", "The form holds two files. Upload one at a time.", field=FILE_FIELD
            )
        if part.filename is None:
            raise Refused(
                "file_missing", "The part 'content' has no filename, so it is no file.", field=FILE_FIELD
            )
        if (part.content_type or "").startswith("image/"):
            raise Refused("file_is_image", "This is a picture, not a distribution.", field=FILE_FIELD)
        check_filename(part.filename)
        self._filename = part.filename
        values = self._fields.values
        if values["name"]:
            self._place = permit(form.project_name(values), filename=self._filename, by=self._identity)
        self._draft = self._blobs.draft()

    def _take(self, chunk: bytes) -> None:
        if not self._in_file or self._draft is None:
            self._fields.take(chunk)
            return
        if self._draft.size + len(chunk) > self._max_file_size:
            raise file_too_large(self._max_file_size)
        self._draft.write(chunk)


def file_too_large(limit: int) -> Refused:
    """The refusal for a file of more than ``limit`` bytes."""
    return Refused(
        "file_too_large", f"A file may have {limit} bytes. Ask the operators of this site for more."
    )
