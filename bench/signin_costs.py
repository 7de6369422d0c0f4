"""``python -m bench.signin_costs ROUNDS``: prints, as JSON, how many milliseconds of CPU each part of signing in takes.

One process, one database on SQLite, everything in turn in every round, so that whatever disturbs one disturbs all.
"""

import base64
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.core.management import call_command

django.setup()

from django.conf import settings  # noqa: E402  (models need Django set up)
from django.contrib.auth import hashers  # noqa: E402
from django.db import transaction  # noqa: E402

from bench.signin import APP, ARGON2, ASSERTION, KEY, KEY_ROWS, PASSKEY, TOTP_CHECK  # noqa: E402
from strongroom.accounts import find, register  # noqa: E402
from strongroom.accounts.models import User  # noqa: E402
from strongroom.factors import keys, totp  # noqa: E402
from strongroom.factors.challenges import Ceremony  # noqa: E402
from strongroom.factors.keys import Question  # noqa: E402
from strongroom.factors.models import SecurityKey  # noqa: E402
from strongroom.factors.webauthn import assertion  # noqa: E402
from strongroom.factors.webauthn.assertion import StoredCredential  # noqa: E402
from strongroom.factors.webauthn.relying_party import RelyingParty  # noqa: E402
from strongroom.kernel import clock  # noqa: E402
from strongroom.kernel.actor import Actor, Origin  # noqa: E402
from strongroom.kernel.secrets import Secret  # noqa: E402
from strongroom.signin import factors, session, steps  # noqa: E402
from strongroom.signin.second import Answer  # noqa: E402
from strongroom.signin.session import Opened  # noqa: E402
from tests.support.authenticator import Authenticator  # noqa: E402

PASSWORD = "granite umbrella parsnip orbit"
WARM_UP = 3  # rounds that do not count
APART = timedelta(hours=1)  # between rounds, so that no limit on attempts is reached
HOLDER = "ticket:bench"


@dataclass(slots=True)
class Person:
    """Somebody who logs in again and again in one browser."""

    user: User
    browser: Secret

    def actor(self) -> Actor:
        return Actor.anonymous(Origin(address="203.0.113.7", client="Firefox", browser=self.browser))

    def start(self) -> Secret:
        """The password; returns the ticket for the second factor."""
        begun = steps.start(self.user.username, PASSWORD, by=self.actor())
        assert isinstance(begun, steps.Pending)
        return begun.ticket

    def enter(self, opened: object) -> None:
        assert isinstance(opened, Opened)
        assert opened.browser
        self.browser = opened.browser


def newcomer(username: str) -> tuple[Person, Opened, Actor]:
    """A new account, signed in."""
    user = register.add_verified(username, f"{username}@example.org", PASSWORD, by=Actor.console())
    person = Person(user, Secret())
    opened = steps.start(username, PASSWORD, by=person.actor())
    person.enter(opened)
    assert isinstance(opened, Opened)
    return person, opened, session.actor_of(opened.session, person.actor().origin)


class Bench:
    """Alice with an app, bob with a key, and what each measured thing does. ``times``: what -> milliseconds of CPU."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}
        self.device = Authenticator()
        self.alice, opened, by = newcomer("alice")
        uri = factors.begin_totp(opened.session).uri
        seed = parse_qs(urlsplit(uri).query)["secret"][0]
        self.phone = TOTP(base64.b32decode(seed), 6, SHA1(), 30)
        factors.confirm_totp(opened.session, name="phone", code=self._code(), by=by)
        self.bob, opened, by = newcomer("bob")
        made = self.device.register(factors.begin_key(opened.session))
        factors.add_key(opened.session, name="key", credential=made, by=by)

    def round(self) -> None:
        """Everything once."""
        self._time(ARGON2, lambda: hashers.check_password(PASSWORD, self._encoded()))
        self._with_app()
        self._time(ARGON2, lambda: hashers.check_password(PASSWORD, self._encoded()))
        self._with_key()
        self._with_passkey()
        self._check_totp()
        self._check_assertion()

    def _with_app(self) -> None:
        alice, code = self.alice, self._code()
        proof = Answer("totp", code)

        def sign_in() -> Any:
            return steps.answer(alice.start(), proof, remember=False, by=alice.actor())

        alice.enter(self._time(APP, sign_in))

    def _with_key(self) -> None:
        bob = self.bob
        ticket, options = self._time(KEY, lambda: ((ticket := bob.start()), steps.begin_key(ticket)))
        proof = Answer("key", self.device.sign_in(options))  # the key's own work is not the server's
        opened = self._time(
            KEY, lambda: steps.answer(ticket, proof, remember=False, by=bob.actor()), more=True
        )
        bob.enter(opened)

    def _with_passkey(self) -> None:
        bob = self.bob
        begun = self._time(PASSKEY, lambda: steps.begin_passkey(by=bob.actor()))
        signed = self.device.sign_in(begun.options)
        opened = self._time(
            PASSKEY, lambda: steps.answer_passkey(begun.secret, signed, by=bob.actor()), more=True
        )
        bob.enter(opened)

    def _check_totp(self) -> None:
        code, user_id = self.phone.generate(clock.timestamp() + 30).decode(), self.alice.user.pk
        with transaction.atomic():
            self._time(TOTP_CHECK, lambda: totp.verify(user_id, code))

    def _check_assertion(self) -> None:
        """The bytes alone; then with challenge and count, as rows."""
        question = Question(Ceremony.SIGN_IN, HOLDER, self.bob.user.pk)
        signed = self.device.sign_in(keys.begin_assertion(question))
        key = SecurityKey.objects.get()
        stored = StoredCredential(bytes(key.credential_id), bytes(key.public_key), key.backup_eligible)
        config = settings.CONFIG
        rp = RelyingParty(id=config.hostname, name=config.site.name, origins=(config.origin,))

        def verify() -> object:
            read = assertion.read(signed)
            return assertion.verify(
                read, challenge=read.challenge, rp=rp, credential=stored, user_verification_required=True
            )

        self._time(ASSERTION, verify)
        self._time(KEY_ROWS, lambda: keys.verify(signed, question))

    def _time(self, what: str, run: Callable[[], Any], *, more: bool = False) -> Any:
        """Time ``run``; ``more`` adds to the last time of the same."""
        began = time.process_time()
        result = run()
        milliseconds = (time.process_time() - began) * 1000
        found = self.times.setdefault(what, [])
        if more:
            found[-1] += milliseconds
        else:
            found.append(milliseconds)
        return result

    def _code(self) -> str:
        return self.phone.generate(clock.timestamp()).decode()

    def _encoded(self) -> str:
        return find.by_id(self.alice.user.pk).password


def main(rounds: int) -> None:
    """Measure, and print."""
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    bench = Bench()
    for number in range(WARM_UP + rounds):
        if number == WARM_UP:
            bench.times.clear()
        with clock.shifted(APART * (number + 1)):
            bench.round()
    sys.stdout.write(json.dumps(bench.times))


if __name__ == "__main__":
    main(int(sys.argv[1]))
