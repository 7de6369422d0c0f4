"""A gate that lets in who is on its list, and counts how often it was asked."""

import threading
from dataclasses import dataclass, field

from strongroom.index.app import Index
from strongroom.index.private import Private
from strongroom.index.readers import Readers
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.refused import Refused
from tests.support.patience import SECONDS


@dataclass(frozen=True)
class Guest:
    """Reads the ``projects``, or all where there is none."""

    projects: frozenset[str] = frozenset()
    name: str = "guest"

    @property
    def reads_everything(self) -> bool:
        return not self.projects

    def require(self, project: str) -> None:
        if project not in self.projects:
            raise Refused("token_scope", f"Not for {project}.")

    def actor(self, origin: Origin) -> Actor:
        return Actor(kind=ActorKind.TOKEN, origin=origin, user_id=7, username=self.name, credential="card")


@dataclass(frozen=True)
class Visitors:
    """The visitors' book: which bytes went to whom."""

    lines: list[tuple[str, str, Actor]] = field(default_factory=list)

    def begun(self, sha256: str, filename: str, *, by: Actor) -> None:
        self.lines.append((sha256, filename, by))


@dataclass
class Doorkeeper:
    """``guests`` by their Authorization headers, or by the values of their cookie ``club``.

    ``broken``: the list cannot be read. It waits for ``open`` each time.
    """

    guests: dict[str, Guest] = field(default_factory=dict)
    broken: bool = False
    asked: list[tuple[str, Origin]] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.open.set()

    def session_in(self, cookies: str) -> str:
        found = [part.removeprefix("club=") for part in cookies.split("; ") if part.startswith("club=")]
        return found[-1] if found else ""

    def reader(self, authorization: str, *, session: str, origin: Origin) -> Guest:
        self.asked.append((authorization or session, origin))
        assert self.open.wait(SECONDS)
        if self.broken:
            raise OSError("no list")
        guest = self.guests.get(authorization or session)
        if guest is None and not authorization:
            raise Refused("credentials_missing", "Show your card.")
        if guest is None:
            raise Refused("token_invalid", "No such card.")
        return guest


@dataclass
class Club:
    """An index behind a doorkeeper."""

    index: Index
    doorkeeper: Doorkeeper
    proxies: tuple[str, ...] = ()
    book: Visitors = field(default_factory=Visitors)

    def __post_init__(self) -> None:
        self.readers = Readers(self.doorkeeper, proxies=self.proxies)
        self.app = Private(
            self.index,
            readers=self.readers,
            project_of=self.index.project_of,
            login_for="/door?next={}".format,
            downloads=self.book,
        )

    def close(self) -> None:
        self.readers.close()
