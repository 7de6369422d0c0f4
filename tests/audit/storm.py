"""Real actions from many processes at once, each with a request id of its own.

Run as a program (``python -m tests.audit.storm NUMBER COUNT seals|-``) this module is one process: it prints what it did, a
line of JSON for each action, and seals all the while if it is asked to.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strongroom.kernel.actor import Actor

_DJANGO = {"DJANGO_SETTINGS_MODULE": "strongroom.settings"}
PROCESSES = 8
SEALERS = 2
PASSWORD = "granite umbrella parsnip orbit"


def run_all(count: int, environment: dict[str, str]) -> list[list[dict[str, Any]]]:
    """What each process did, in its order."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder, str(number)) for number in range(PROCESSES)]
        running = [
            _start(number, count // PROCESSES, output, environment | {"STORM": folder})
            for number, output in enumerate(outputs)
        ]
        assert [process.wait() for process in running] == [0] * PROCESSES
        return [[json.loads(line) for line in output.read_text().splitlines()] for output in outputs]


def _start(number: int, count: int, output: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    role = "seals" if number < SEALERS else "-"
    with output.open("wb") as stdout:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.audit.storm", str(number), str(count), role],
            cwd=Path(__file__).parents[2],
            env=os.environ | environment | _DJANGO,  # noqa: TID251  (that of the run, with its data folder)
            stdout=stdout,
        )


# ---- One process ----------------------------------------------------------------------------------------------------


class _Undone(Exception):
    """An action that is rolled back on purpose."""


def main() -> None:
    """Act ``count`` times."""
    import django

    django.setup()
    _spare_the_disk()
    number, count, role = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    chance = random.Random(number)
    with _sealing() if role == "seals" else nullcontext():
        acting = _Acting(number, chance)
        for turn in range(count):
            sys.stdout.write(json.dumps(acting.act(f"storm-{number}-{turn}")) + "\n")


def _spare_the_disk() -> None:
    """As in the tests' cluster of PostgreSQL: here nobody pulls the plug, and most of the time would be waiting for the disk."""
    from django.db import connections

    options = connections.settings["default"]["OPTIONS"]
    if "init_command" in options:
        options["init_command"] += "; PRAGMA synchronous=OFF"


@contextmanager
def _sealing() -> Iterator[None]:
    """Seal all the while, four times a second."""
    from strongroom.audit import sealing, seals_file

    done = Event()

    def run() -> None:
        while not done.wait(0.25):
            sealing.seal_all()
            seals_file.catch_up()

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


class _Acting:
    """One process's own person, and what they have."""

    def __init__(self, number: int, chance: random.Random) -> None:
        from strongroom.accounts.models import User
        from tests.publish.publishing import Press

        self._chance = chance
        self._address = f"203.0.113.{number}"  # refusals of one address are recorded up to a limit
        self._user: User = User.objects.get(username=f"person{number}")
        self._other: User = User.objects.get(username=f"other{number}")
        self._tokens: list[int] = []
        self._addresses: list[int] = []
        self._projects: list[str] = []
        self._folder = Path(os.environ["STORM"], f"files{number}")  # noqa: TID251  (of the run, no setting)
        self._folder.mkdir()
        self._press = Press(self._folder)
        self._is_disabled = False

    def act(self, request: str) -> dict[str, Any]:
        """Do one thing; what it was, and the tags of the events that it must have."""
        choices: Sequence[tuple[Callable[[str, Actor], list[str]], int]] = (
            (self._make_token, 20),
            (self._revoke_token, 12),
            (self._add_address, 14),
            (self._remove_address, 7),
            (self._create_project, 20),
            (self._switch_project, 7),
            (self._switch_account, 18),
            (self._be_refused, 12),
            (self._undone, 14),
            (self._sign_in, 1),
            (self._publish, 1),
            (self._yank, 2),
        )
        verbs, weights = zip(*choices, strict=True)
        (verb,) = self._chance.choices(verbs, weights)
        return {"request": request, "verb": verb.__name__, "tags": sorted(self._unlimited(verb, request))}

    def _unlimited(self, verb: "Callable[[str, Actor], list[str]]", request: str) -> list[str]:
        """Limits are what another test is about: who has spent all begins again, and the refusal recorded nothing."""
        from django.db import transaction

        from strongroom.kernel.refused import Refused
        from strongroom.throttle.models import Bucket

        while True:
            try:
                return verb(request, self._by(request))
            except Refused as refusal:
                if refusal.retry_after is None:
                    raise
                with (
                    transaction.atomic()
                ):  # what another process counts in at this moment stays: nobody waits in a ring
                    idle = Bucket.objects.select_for_update(skip_locked=True).values_list("pk", flat=True)
                    Bucket.objects.filter(pk__in=list(idle)).delete()

    def _by(self, request: str) -> "Actor":
        from strongroom.kernel.actor import Actor, ActorKind, Origin

        return Actor(
            kind=ActorKind.USER,
            origin=Origin(address=self._address, client="Firefox on Linux", request_id=request),
            user_id=self._user.pk,
            username=self._user.username,
            authenticated="password",
        )

    def _make_token(self, request: str, by: "Actor") -> list[str]:
        from strongroom.publish.credentials import make_token

        self._tokens.append(make_token(self._user, name=request, by=by).token.pk)
        return ["token.made"]

    def _revoke_token(self, _request: str, by: "Actor") -> list[str]:
        from strongroom.publish.credentials import revoke_token

        if not self._tokens:
            return []
        revoke_token(self._user, self._tokens.pop(), by=by)
        return ["token.revoked"]

    def _add_address(self, request: str, by: "Actor") -> list[str]:
        from strongroom.accounts import emails

        if len(self._addresses) > 5:
            return self._remove_address(request, by)
        self._addresses.append(emails.add(self._user, f"{request}@example.org", by=by).pk)
        return ["email.added"]

    def _remove_address(self, _request: str, by: "Actor") -> list[str]:
        from django.db import transaction

        from strongroom.accounts import emails

        if not self._addresses:
            return []
        with transaction.atomic():
            emails.remove(self._user, self._addresses.pop(0), by=by)
        return ["email.removed"]

    def _create_project(self, request: str, by: "Actor") -> list[str]:
        from django.db import transaction

        from strongroom.kernel.names import normalize
        from strongroom.projects import create

        with transaction.atomic():
            create.create(normalize(request), name=request, owner_id=self._user.pk, by=by)
        self._projects.append(request)
        return ["project.created"]

    def _switch_project(self, request: str, by: "Actor") -> list[str]:
        from strongroom.kernel.may_publish import MayPublish
        from strongroom.publish import levels

        if not self._projects:
            return self._create_project(request, by)
        project = self._projects.pop()
        levels.switch_project(self._user, project, level=MayPublish.TOKENS, by=by)
        return ["project.publishing_switched"]

    def _switch_account(self, _request: str, by: "Actor") -> list[str]:
        from strongroom.accounts import standing

        verb, tag = (
            (standing.enable, "account.enabled")
            if self._is_disabled
            else (standing.disable, "account.disabled")
        )
        verb(self._other, by=by)
        self._is_disabled = not self._is_disabled
        return [tag]

    def _be_refused(self, _request: str, by: "Actor") -> list[str]:
        from strongroom.audit import trail
        from strongroom.kernel.refused import Refused
        from strongroom.publish.credentials import revoke_token
        from strongroom.tokens.events import TokenMade

        with suppress(Refused), trail.refusals_of(TokenMade(**_fields_of(TokenMade)), by=by):
            revoke_token(self._user, 2**40, by=by)
        return ["token.made"]

    def _undone(self, request: str, by: "Actor") -> list[str]:
        from django.db import transaction

        verb = self._chance.choice([self._make_token, self._create_project])
        with suppress(_Undone), transaction.atomic():
            verb(request, by)
            raise _Undone
        (self._tokens if verb == self._make_token else self._projects).pop()
        return []

    def _sign_in(self, _request: str, by: "Actor") -> list[str]:
        from dataclasses import replace

        from strongroom.kernel.actor import Actor
        from strongroom.kernel.secrets import Secret
        from strongroom.signin import browsers, steps
        from tests.support.people import visitor

        known = browsers.know(self._user, told=True, by=visitor())
        origin = replace(by.origin, browser=Secret(known))
        steps.start(self._user.username, PASSWORD, by=Actor.anonymous(origin))
        return ["session.sign_in"]

    def _publish(self, request: str, by: "Actor") -> list[str]:
        from strongroom.publish.identity import Identity
        from tests.artifacts.building import build_wheel

        wheel = build_wheel(self._folder, name=request, version="1.0")
        self._user.refresh_from_db()
        self._press.publish(wheel, by=Identity(user_id=self._user.pk, actor=by, epoch=self._user.auth_epoch))
        self._published = request
        return ["file.uploaded", "project.created", "release.created"]

    def _yank(self, request: str, by: "Actor") -> list[str]:
        from strongroom.projects.yank import Order
        from strongroom.publish.yanking import yank_as

        name = getattr(self, "_published", "")
        if not name:
            return self._publish(request, by)
        del self._published
        yank_as(self._user, Order(project=name, version="1.0", reason="broken"), by=by)
        return ["release.yanked"]


def _fields_of(kind: Any) -> dict[str, Any]:
    """Something for every field of an event."""
    from dataclasses import MISSING, fields

    return {
        field.name: ""
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }


if __name__ == "__main__":
    main()
