"""What people choose on the pages of a running server, done by the verbs behind the pages, in a process beside it.

Run as a program this module is that process: it reads a line of JSON with a verb and its arguments, and answers with what
came of it.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strongroom.accounts.models import User
    from strongroom.kernel.actor import Actor
    from strongroom.projects.access import KnownProject
    from tests.support.server import Server

READY = "ready"


class Console:
    """The verbs, by keyword arguments; a refusal is an ``AssertionError`` with its code."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, verb: str, **arguments: Any) -> Any:
        """What the verb of this name in ``_verbs`` returns."""
        answer = json.loads(self._ask(json.dumps({"verb": verb, **arguments})))
        assert "refused" not in answer, answer
        return answer["value"]

    def _ask(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def token(self, username: str = "alice", *, name: str, **limits: Any) -> str:
        """An API token; ``limits`` are ``Restrictions``, with projects by name and times in seconds from now."""
        return str(self("token", username=username, name=name, **limits))

    def counts(self) -> dict[str, int]:
        """How many rows there are of all that an upload or an exchange may leave."""
        return dict(self("counts"))


@contextmanager
def console_of(server: "Server") -> Iterator[Console]:
    """The console of a server that has been started, until the block ends."""
    environment = server.environment | {
        "DJANGO_SETTINGS_MODULE": "strongroom.settings",
        "STRONGROOM_DATA": str(server.data),
        "STRONGROOM_SERVER__PORT": str(server.port),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.console"],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        console = Console(process)
        try:
            assert process.stdout
            assert process.stdout.readline().strip() == READY
            yield console
        finally:
            process.kill()


# ---- The process ----------------------------------------------------------------------------------------------------


def main() -> None:
    """Answer lines until standard input ends."""
    import django

    django.setup()
    from strongroom.kernel.refused import Refused

    verbs = {verb.__name__.removeprefix("_"): verb for verb in _VERBS}
    _say(READY)
    for line in sys.stdin:
        arguments = json.loads(line)
        try:
            value = verbs[arguments.pop("verb")](**arguments)
        except Refused as refusal:
            _say(json.dumps({"refused": refusal.code}))
        else:
            _say(json.dumps({"value": value}))


def _token(username: str, name: str, projects: Sequence[str] = (), **limits: Any) -> str:
    """``expires`` and ``not_before`` in seconds from now."""
    from strongroom.kernel import clock
    from strongroom.publish.credentials import make_token
    from strongroom.tokens.restrictions import Restrictions

    moments: dict[str, Any] = {
        when: clock.now() + timedelta(seconds=limits.pop(when))
        for when in ("expires", "not_before")
        if when in limits
    }
    others: dict[str, Any] = {
        limit: tuple(value) if isinstance(value, list) else value for limit, value in limits.items()
    }
    user = _user(username)
    restrictions = Restrictions(**moments, **others)
    made = make_token(user, name=name, projects=projects, restrictions=restrictions, by=_as(user))
    return str(made.secret)


def _weeks(username: str, days: int) -> None:
    """Sign-ins and refused ones of so many days, as if they had happened then."""
    from strongroom.audit import trail
    from strongroom.kernel import clock
    from strongroom.signin.events import SignIn
    from tests.support.people import visitor

    user = _user(username)
    for ago in range(days, 0, -1):
        with clock.frozen(clock.now() - timedelta(days=ago)):
            for _number in range(0 if ago % 7 in {0, 6} else 1 + ago * 7 % 4):
                trail.record(SignIn(subject_id=user.pk, method="password+totp"), by=_as(user))
            for _number in range(3 if ago in {9, 10} else ago % 11 == 0):
                trail.record(
                    SignIn(subject_id=user.pk, method="password"), by=visitor(), refused="credentials_wrong"
                )


def _revoke(username: str, name: str) -> None:
    from strongroom.publish import credentials

    user = _user(username)
    (token,) = (token for token in credentials.tokens_of(user) if token.name == name)
    credentials.revoke_token(user, token.id, by=_as(user))


def _project(username: str, name: str) -> None:
    """A project without releases."""
    from strongroom.kernel.names import normalize
    from strongroom.projects import create

    user = _user(username)
    create.create(normalize(name), name=name, owner_id=user.pk, by=_as(user))


def _unverify(username: str) -> None:
    """The primary address is verified no more, as after it was claimed back."""
    from strongroom.accounts.models import EmailAddress

    EmailAddress.objects.filter(user=_user(username), primary=True).update(verified=None)


def _freeze(username: str) -> None:
    from django.db import transaction

    from strongroom.accounts import standing
    from strongroom.kernel import clock

    user = _user(username)
    with transaction.atomic():
        assert standing.freeze(user, clock.now(), by=_as(user))


def _drop_role(username: str, project: str) -> None:
    from strongroom.projects.models import Role

    assert Role.objects.filter(user=_user(username), project__normalized=project).delete()[0]


def _level_of_project(username: str, project: str, level: str) -> None:
    from strongroom.kernel.may_publish import MayPublish
    from strongroom.publish import levels

    user = _user(username)
    levels.switch_project(user, project, level=MayPublish(level), by=_as(user))


def _level_for_all(level: str) -> None:
    from strongroom.kernel.may_publish import MayPublish
    from strongroom.publish import levels

    levels.switch_for_all(MayPublish(level), by=_operator())


def _issuer(url: str, kind: str, **choices: Any) -> None:
    from strongroom.trust import issuers
    from strongroom.trust.new_issuer import NewIssuer

    issuers.add(NewIssuer(url=url, name=url, kind=kind, **choices), by=_operator())


def _remove_issuer(url: str) -> None:
    from strongroom.trust import issuers
    from strongroom.trust.models import Issuer

    issuers.remove(Issuer.objects.get(url=url).pk, by=_operator())


def _publisher(username: str, project: str, issuer: str, wanted: Mapping[str, str]) -> int:
    from strongroom.trust import publishers

    user = _user(username)
    return publishers.add(_owned(user, project), issuer=issuer, values=wanted, by=_as(user)).pk


def _remove_publisher(username: str, project: str, publisher: int) -> None:
    from strongroom.trust import publishers

    user = _user(username)
    publishers.remove(_owned(user, project), publisher, by=_as(user))


def _pending(username: str, name: str, issuer: str, wanted: Mapping[str, str]) -> None:
    from strongroom.trust import pending

    user = _user(username)
    pending.add(user, name=name, issuer=issuer, values=wanted, by=_as(user))


def _keep_keys(issuer: str, jwks: str) -> None:
    """Keys of an issuer that is not on this machine, as if they had been fetched just now."""
    from strongroom.kernel import clock
    from strongroom.trust.models import IssuerKeys

    now = clock.now()
    IssuerKeys.objects.update_or_create(issuer=issuer, defaults={"jwks": jwks, "fetched": now, "tried": now})


def _age_keys(issuer: str, seconds: float) -> None:
    """The issuer was last asked so much longer ago."""
    from django.db.models import F

    from strongroom.trust.models import IssuerKeys

    age = timedelta(seconds=seconds)
    changed = IssuerKeys.objects.filter(issuer=issuer).update(
        fetched=F("fetched") - age, tried=F("tried") - age
    )
    assert changed


def _end_device_requests() -> int:
    """Whoever waits to be approved has waited for too long by now."""
    from strongroom.kernel import clock
    from strongroom.signin.models import DeviceRequest

    return int(DeviceRequest.objects.update(expires=clock.now() - timedelta(seconds=1)))


def _file(filename: str) -> dict[str, Any]:
    """Who published a file, as its row says it."""
    from strongroom.projects.models import File

    file = File.objects.select_related("release__project").get(filename=filename)
    return {
        "publisher": file.publisher,
        "uploader": file.uploader_name,
        "authenticated": file.authenticated,
        "attested": file.attested,
        "project": file.release.project.normalized,
    }


def _owners(project: str) -> list[str]:
    from strongroom.accounts.models import User
    from strongroom.projects.models import Role

    owners = Role.objects.filter(project__normalized=project, kind="owner").values("user_id")
    return list(User.objects.filter(pk__in=owners).order_by("username").values_list("username", flat=True))


def _counts() -> dict[str, int]:
    from django.conf import settings

    from strongroom.projects.models import File, Journal, Project, Provenance, Release, TakenFilename
    from strongroom.tokens.models import Token
    from strongroom.trust.models import Minted, PendingPublisher, Publisher, UsedIdentity

    rows: Sequence[Any] = (
        Project, Release, File, Journal, TakenFilename, Provenance, Token, Minted, Publisher, PendingPublisher,
        UsedIdentity,
    )  # fmt: skip
    counts = {row.__name__: row.objects.count() for row in rows}
    blobs = settings.CONFIG.data / "blobs"
    return counts | {"blobs": sum(path.is_file() for path in blobs.rglob("*"))}


def _followers() -> list[str]:
    """Who follows the audit trail."""
    from strongroom.audit.models import Cursor

    return list(Cursor.objects.order_by("name").values_list("name", flat=True))


_VERBS: Sequence[Callable[..., Any]] = (
    _token, _weeks, _revoke, _project, _unverify, _freeze, _drop_role, _level_of_project, _level_for_all, _issuer,
    _remove_issuer, _publisher, _remove_publisher, _pending, _keep_keys, _age_keys, _end_device_requests, _file, _owners, _counts,
    _followers,
)  # fmt: skip


def _user(username: str) -> "User":
    from strongroom.accounts import find

    user = find.by_username(username)
    assert user is not None
    return user


def _as(user: "User") -> "Actor":
    from tests.support.people import as_user

    return as_user(user)


def _operator() -> "Actor":
    from strongroom.kernel.actor import Actor

    return Actor.console()


def _owned(user: "User", project: str) -> "KnownProject":
    from strongroom.projects import access

    return access.owned_by(user.pk, project)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
