"""``python -m bench.token_costs ROUNDS``: prints, as JSON, how many milliseconds of CPU it takes to authorize an upload.

One process, one database on SQLite, everything in turn in every round, so that whatever disturbs one disturbs all. The use of
the token was noted within the minute, as with every upload of a release but its first.
"""

import json
import sys
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import django
from django.core.management import call_command
from pypitoken import Token as TheirToken

django.setup()

from django.db import transaction  # noqa: E402  (models need Django set up)

from bench.tokens import AUTHORIZE, BARE, NARROWED, PYPITOKEN  # noqa: E402
from strongroom.accounts import register  # noqa: E402
from strongroom.kernel import clock  # noqa: E402
from strongroom.kernel.actor import Actor, Origin  # noqa: E402
from strongroom.kernel.names import normalize  # noqa: E402
from strongroom.projects import create  # noqa: E402
from strongroom.publish.identity import identify  # noqa: E402
from strongroom.publish.permission import permit  # noqa: E402
from strongroom.tokens import caveats, macaroon  # noqa: E402
from strongroom.tokens.keys import key_of  # noqa: E402
from strongroom.tokens.mint import NewToken, Owner, mint  # noqa: E402
from strongroom.tokens.narrow import Narrowing, narrow  # noqa: E402
from strongroom.tokens.restrictions import UNRESTRICTED  # noqa: E402

PROJECT = "bench"
HERE = Origin(address="203.0.113.7", client="twine/7.0.0")
CALLS = 10  # of each in a round
WARM_UP = 3  # rounds that do not count


class Bench:
    """Alice's token and a narrower copy, and what each measured thing does. ``times``: what -> milliseconds of CPU."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}
        self.made, self.public_id = newcomer()
        self.key = key_of(self.made.token.identifier, self.made.token.nonce)
        self.copy = narrow(
            self.made.secret,
            Narrowing(
                projects=[PROJECT],
                actions=["upload"],
                expires=clock.now() + timedelta(days=1),
                networks=["203.0.113.0/24"],
                uses=5,
                version="1.0",
            ),
        )

    def round(self) -> None:
        """Everything, a few times each."""
        for what, call in (
            (AUTHORIZE, lambda: authorize(self.made.secret)),
            (NARROWED, lambda: authorize(self.copy)),
            (BARE, self._verify),
            (PYPITOKEN, self._verify_with_pypitoken),
        ):
            self._time(what, call)

    def _verify(self) -> None:
        held = macaroon.load(self.made.secret)
        if not macaroon.signatures(held, key=self.key):
            raise AssertionError("not genuine")
        (caveat,) = map(caveats.parse, held.caveats)
        if caveat != caveats.RequestUser(str(self.public_id)):
            raise AssertionError("for somebody else")

    def _verify_with_pypitoken(self) -> None:
        TheirToken.load(self.made.secret).check(
            self.key,
            project_name=PROJECT,
            project_id=PROJECT,
            user_id=str(self.public_id),
        )

    def _time(self, what: str, call: Callable[[], None]) -> None:
        began = time.process_time()
        for _ in range(CALLS):
            call()
        milliseconds = (time.process_time() - began) * 1000 / CALLS
        self.times.setdefault(what, []).append(milliseconds)


def newcomer() -> tuple[NewToken, uuid.UUID]:
    """A token of a new account, which has a project."""
    user = register.add_verified(
        "alice", "alice@example.org", "granite umbrella parsnip orbit", by=Actor.console()
    )
    with transaction.atomic():
        create.create(normalize(PROJECT), name=PROJECT, owner_id=user.pk, by=Actor.console())
        owner = Owner(id=user.pk, public_id=user.public_id)
        return mint(owner, "bench", UNRESTRICTED, by=Actor.console()), user.public_id


def authorize(text: str) -> None:
    """What is asked before the bytes of a file are taken."""
    permit(PROJECT, filename="bench-1.0.tar.gz", by=identify(f"Bearer {text}", origin=HERE))


def main(rounds: int) -> None:
    """Measure, and print."""
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    bench = Bench()
    with clock.frozen(clock.now()):
        for number in range(WARM_UP + rounds):
            if number == WARM_UP:
                bench.times.clear()
            bench.round()
    sys.stdout.write(json.dumps(bench.times))


if __name__ == "__main__":
    main(int(sys.argv[1]))
