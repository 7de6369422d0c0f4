"""Receivers of webhooks on this machine, and webhooks of the cast."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook as Verifier

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.secrets import Secret
from strongroom.projects.events import ReleaseYanked
from strongroom.projects.models import Project, Role
from strongroom.webhooks import adding, owner
from strongroom.webhooks.adding import Added, Wish
from strongroom.webhooks.models import Delivery, Webhook
from tests.support.people import as_user

ALLOWED = ("127.0.0.0/8",)


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        return json.loads(self.body)

    def verify(self, secret: Secret) -> Any:
        """What the reference library of Standard Webhooks makes of it."""
        return Verifier(str(secret)).verify(self.body, self.headers)


@dataclass
class Receiver:
    """``answer`` says the status and the headers for each request; ``got`` grows."""

    url: str
    got: list[Received] = field(default_factory=list)
    answer: Callable[[Received], tuple[int, dict[str, str], bytes]] = lambda _received: (204, {}, b"")

    @property
    def ids(self) -> list[str]:
        return [received.id for received in self.got]

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answer = lambda _received: (
            status,
            {name.replace("_", "-"): text for name, text in headers.items()},
            body,
        )


@contextmanager
def receiver(*, host: str = "127.0.0.1") -> Iterator[Receiver]:
    """Takes what comes until the block ends."""
    with _Server((host, 0), _Handler) as server:
        server.receiver = Receiver(f"http://{host}:{server.server_address[1]}/hook?key=hunter2")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.receiver
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    receiver: Receiver

    def handle_error(self, *_words: object) -> None:
        """Senders die in the middle: that is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): text for name, text in self.headers.items()}
        received = Received(self.path, headers, body)
        self.server.receiver.got.append(received)
        status, answered, text = self.server.receiver.answer(received)
        self.send_response(status)
        for name, value in {**answered, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def project_of(user: User, name: str = "strongbox") -> Project:
    """A project that ``user`` owns."""
    now = clock.now()
    project = Project.objects.create(name=name, normalized=name, lookalike=name, created=now, updated=now)
    Role.objects.create(project=project, user=user, kind=Role.Kind.OWNER)
    return project


def hook_of_project(user: User, url: str, *, events: tuple[str, ...] = (), name: str = "strongbox") -> Added:
    by = as_user(user)
    return adding.add(owner.project(name, by=by), Wish(url=url, events=events), by=by)


def hook_of_account(user: User, url: str, *, events: tuple[str, ...] = ()) -> Added:
    by = as_user(user)
    return adding.add(owner.account(by=by), Wish(url=url, events=events), by=by)


def hook_of_instance(url: str, *, events: tuple[str, ...] = (), seals: bool = False) -> Added:
    by = Actor.console()
    return adding.add(owner.instance(by=by), Wish(url=url, events=events, seals=seals), by=by)


def happens(project: str = "strongbox", *, version: str = "1.0", by: Actor) -> None:
    """An event of a project."""
    trail.record(ReleaseYanked(project=project, version=version, filename="", reason="broken"), by=by)


def again(webhook: Webhook) -> Webhook:
    """The row as it is now."""
    return Webhook.objects.get(pk=webhook.pk)


def codes(webhook: Webhook) -> list[str]:
    """What came of each attempt, oldest first."""
    return list(Delivery.objects.filter(webhook=webhook).order_by("pk").values_list("code", flat=True))
