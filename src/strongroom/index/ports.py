"""What the index is given by the composition root, and the shapes of ASGI."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from strongroom.kernel.actor import Actor, Origin
from strongroom.kernel.names import NormalizedName
from strongroom.simple.page import ListedFile, ProjectList, ProjectPage

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Pages(Protocol):
    """What the database says. Every method blocks, is called in a thread, and sees one moment: never half a publish.

    An exception means that the database cannot be asked now; the index goes on with what it has (design, D15).
    """

    def changed_since(self, serial: int) -> Sequence[tuple[str, int]]:
        """The normalized project and the serial of every journal row after ``serial``.

        Rows become visible in the order of their serials (IX-19): a row that appeared behind a newer one is missed.
        """

    def project(self, name: NormalizedName) -> ProjectPage | None:
        """The page of a project, ``None`` where there is none."""

    def projects(self) -> ProjectList:
        """All projects."""

    def file(self, sha256: str, filename: str) -> ListedFile | None:
        """The file with this digest and name, ``None`` where it may not be downloaded (any more)."""


class Pulse(Protocol):
    """The newest serial of the journal. Asked at every request, in the event loop: it neither blocks nor raises."""

    def serial(self) -> int:
        """The newest serial known, 0 while there is none."""

    def heard(self, serial: int) -> None:
        """Know of a serial that this very process has committed, at once and from any thread."""


class BlobFiles(Protocol):
    """Blobs as files of this machine."""

    def path(self, sha256: str) -> Path:
        """Where the blob lies, whether or not it does."""


class Reader(Protocol):
    """Somebody who may read a private site."""

    @property
    def reads_everything(self) -> bool:
        """Whether nothing needs to be asked about single projects."""

    def require(self, project: str) -> None:
        """Raises ``Refused`` where this project (its normalized name) is not theirs to read, be there one or not."""

    def actor(self, origin: Origin) -> Actor:
        """Who that is, at one request of theirs."""


class Downloads(Protocol):
    """Is told of each download from a private site."""

    def begun(self, sha256: str, filename: str, *, by: Actor) -> None:
        """Bytes of this file go to somebody now. Called in the event loop: it neither blocks nor raises."""


class Gate(Protocol):
    """Who may read a private site."""

    def session_in(self, cookies: str) -> str:
        """The value of the session's cookie in a Cookie header; ``""`` where there is none. Neither blocks nor raises."""

    def reader(self, authorization: str, *, session: str, origin: Origin) -> Reader:
        """Whoever has sent this Authorization header, or this session's cookie (``""`` for none; never both).

        Blocks, and is called in a thread. Raises ``Refused``, with ``credentials_missing`` where nothing was sent that means
        anything. Any other exception means that the database cannot be asked now: then nobody reads, since nobody can be
        known (design, D15).
        """
