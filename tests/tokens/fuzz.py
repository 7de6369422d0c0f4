"""Throw damaged tokens at the door: ``python -m tests.tokens.fuzz --count 1000000 --seed 1``.

Whatever comes, there is a refusal with a documented code; what is let in was made by the site, and narrowed at most: it may
do nothing that the token it was made from may not.
"""

import argparse
import base64
import json
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django

if __name__ == "__main__":
    _folder = tempfile.TemporaryDirectory(prefix="strongroom-fuzz-")
    os.environ |= {"STRONGROOM_DATA": _folder.name, "DJANGO_SETTINGS_MODULE": "strongroom.settings"}  # noqa: TID251  (the settings read it)
    django.setup()

from strongroom.kernel.names import normalize
from strongroom.kernel.refused import Refused
from strongroom.projects.models import Project
from strongroom.tokens import macaroon
from strongroom.tokens.caveats import ACTIONS
from strongroom.tokens.verify import VerifiedToken
from tests.support.people import person
from tests.tokens.making import project_of, seconds_from_now, token_for, verified

CODES = frozenset({
    "token_invalid", "token_expired", "token_not_yet_valid", "token_network", "token_used_up", "token_restriction_unknown",
    "token_scope", "token_action", "token_version", "token_file",
})  # fmt: skip
LETTERS = "ABCXYZabcxyz0189-_=+/.% \n\0\t\N{LATIN SMALL LETTER E WITH ACUTE}\ud800"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
BYTES = [b"\0", b"\x01", b"\x02", b"\x04", b"\x06", b"\x7f", b"\x80", b"\x80\0", b"\xff", b"\xff" * 10, b"\xff" * 9 + b"\x01", b"{", b"\x02\0\0"]  # fmt: skip
JSON = [b"{", b"}", b"[", b"]", b"[" * 1100, b'"', b"\\u0000", b"\\ud800", b",", b"null", b"true", b"NaN", b"1e999", b"9" * 400, b"-", b"\xff", b"\0", b" ", b"0.0"]  # fmt: skip
DIGEST = "ab" * 32
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 1.5, 2**31, 2**63, 10**30, "", "x", "\0", "None", "demo", "de*", "*", "a*", "Demo", "10.0.0.0/8",
    "203.0.113.0/24", "203.0.113.7", "::ffff:203.0.113.7", "0.0.0.0/0", "::/0", "10.0.0.1/8", "fe80::1%eth0", "1.0", "1.0.0", "1.0+x", "1" * 3000,
    "upload", "read", "delete", DIGEST, DIGEST.upper(), [], {}, ["demo"], ["upload"], [None], [[]], {"a": 1}, [["demo"]],
]  # fmt: skip
TAGS: list[Any] = [0, 1, 2, 3, 4, -1, 0.0, True, None, "actions", "projects", "networks", "uses", "version", "sha256", "0", "", [], 10**30]  # fmt: skip


@dataclass(frozen=True)
class Made:
    """Tokens of alice, the second for one project alone; she has another one."""

    whole: str
    narrow: str
    demo: Project
    other: Project


Damage = Callable[[Made, random.Random], str]


def make() -> Made:
    """Rows of an account, its projects and tokens."""
    alice = person()
    demo, other = project_of(alice), project_of(alice, "other")
    return Made(token_for(alice).secret, token_for(alice, name="ci", project=demo).secret, demo, other)


def letters(made: Made, chance: random.Random) -> str:
    """A sound token with some letters changed, left out or put in."""
    text = list(chance.choice([made.whole, made.narrow]))
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = chance.randrange(len(text))
        cut, put = chance.choice([(1, 1), (1, 1), (1, 1), (0, 4), (4, 0), (0, 1), (1, 0), (2, 2)])
        text[place : place + cut] = [chance.choice(LETTERS if chance.random() < 0.2 else ALPHABET)] * put
    return "".join(text)


def raw_bytes(made: Made, chance: random.Random) -> str:
    """The bytes of a sound token damaged: its framing, identifier, caveats and signature are reached."""
    raw = bytearray(_raw(chance.choice([made.whole, made.narrow])))
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        place = chance.randrange(len(raw) + 1)
        if chance.random() < 0.4 and place < len(raw):
            raw[place] ^= 1 << chance.randrange(8)
        else:
            raw[place : place + chance.randrange(4)] = chance.choice(BYTES)
    return _text(bytes(raw))


def chain(made: Made, chance: random.Random) -> str:
    """The caveats of a sound token left out, doubled, changed or in another order, under its signature or another's."""
    held = macaroon.load(chance.choice([made.whole, made.narrow]))
    other = macaroon.load(chance.choice([made.whole, made.narrow]))
    caveats = list(held.caveats)
    changes: list[Callable[[], None]] = [
        caveats.reverse,
        caveats.clear,
        lambda: caveats.extend(other.caveats),
    ]
    chance.choice(changes)()
    signature = chance.choice([held.signature, other.signature, bytes(32)])
    identifier = chance.choice([held.identifier, other.identifier, held.identifier.upper(), b"\xff", b""])
    return macaroon.dump(macaroon.Macaroon(identifier, tuple(caveats), signature))


def forged(made: Made, chance: random.Random) -> str:
    """Minted as the site does, with a key that is not the site's."""
    held = macaroon.load(made.narrow)
    key = chance.choice([b"", bytes(32), held.signature, held.identifier])
    return macaroon.dump(macaroon.mint(held.identifier, key=key, caveats=held.caveats[: chance.randrange(3)]))


def narrowed(made: Made, chance: random.Random) -> str:
    """Caveats of any shape added to the token for one project, as its bearer can: the rules are reached."""
    held = macaroon.load(made.narrow)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 31])):
        held = macaroon.narrow(held, _caveat(chance))
    return macaroon.dump(held)


def noise(_made: Made, chance: random.Random) -> str:
    """Text that nobody has made on purpose."""
    raw = bytes(chance.randrange(256) for _ in range(chance.randrange(80)))
    return chance.choice([
        _text(raw),
        _text(b"\x02" + raw),
        macaroon.PREFIX + "".join(chance.choice(LETTERS) for _ in range(chance.randrange(40))),
        raw.decode("latin-1"),
    ])  # fmt: skip


DAMAGES: list[Damage] = [letters, raw_bytes, chain, forged, narrowed, narrowed, narrowed, noise]


def answer(damage: Damage, made: Made, chance: random.Random) -> str:
    """The code of the refusal, or ``accepted``; fails if anything else happens, or what is let in ought not to be."""
    text = damage(made, chance)
    try:
        token = verified(text)
    except Refused as refused:
        return documented(refused)
    assert damage is narrowed or text.strip() in {made.whole, made.narrow}, "changed, and believed"
    if damage is narrowed:
        assert _asked(lambda: token.require_project(normalize("other"), public_id=made.other.public_id))
        assert _asked(lambda: token.require_project(normalize("demo"), public_id=None))
    return _use(token, made, chance)


def documented(refused: Refused) -> str:
    """The code, which must be one that callers can know."""
    assert refused.code in CODES, refused.code
    assert refused.message
    return refused.code


def run(made: Made, *, count: int, seed: int) -> Counter[tuple[str, str]]:
    """How often each damage had which answer."""
    found: Counter[tuple[str, str]] = Counter()
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        damage = DAMAGES[number % len(DAMAGES)]
        found[damage.__name__, answer(damage, made, chance)] += 1
    return found


def _use(token: VerifiedToken, made: Made, chance: random.Random) -> str:
    """What a use of it is answered."""
    return (
        _asked(lambda: token.require_action(chance.choice(ACTIONS)))
        or _asked(lambda: token.require_project(normalize("demo"), public_id=made.demo.public_id))
        or _asked(lambda: token.require_version(chance.choice(["1.0", "2.0", "nonsense"])))
        or _asked(lambda: token.require_file(chance.choice([DIGEST, "0" * 64])))
        or "accepted"
    )


def _asked(require: Callable[[], None]) -> str:
    try:
        require()
    except Refused as refused:
        return documented(refused)
    return ""


def _caveat(chance: random.Random) -> bytes:
    caveat = chance.choice([_likely, _unlikely])(chance)
    raw = bytearray(json.dumps(caveat).encode())
    if chance.random() < 0.3:
        place = chance.randrange(len(raw) + 1)
        raw[place : place + chance.randrange(4)] = chance.choice(JSON)
    return bytes(raw[:3000])


def _likely(chance: random.Random) -> list[Any]:
    """Of a shape that is understood, mostly."""
    some = [value for value in VALUES if isinstance(value, str)]
    texts = chance.sample(some, chance.randrange(1, 4))
    return chance.choice([
        [0, seconds_from_now(chance.choice([-60, 0, 60])), seconds_from_now(chance.choice([-60, 0, 60]))],
        [chance.choice([1, 2]), texts],
        [3, chance.choice(some)],
        ["actions", chance.sample(ACTIONS, chance.randrange(4))],
        ["projects", texts, chance.choice([[], ["de*"], ["demo", "other"], texts])],
        ["networks", chance.choice([texts, ["203.0.113.0/24"], ["0.0.0.0/0", "::/0"], []])],
        ["uses", chance.choice([1, 2, 2**31 - 1]), *texts[1:2]],
        ["version", chance.choice(["1.0", "1.0.0", "2", *texts])],
        ["sha256", chance.choice([[DIGEST], [DIGEST, "0" * 64], texts])],
    ])  # fmt: skip


def _unlikely(chance: random.Random) -> Any:
    arguments = [chance.choice(VALUES) for _ in range(chance.randrange(4))]
    return chance.choice([[chance.choice(TAGS), *arguments], chance.choice(VALUES)])


def _raw(text: str) -> bytes:
    encoded = text.removeprefix(macaroon.PREFIX)
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def _text(raw: bytes) -> str:
    return macaroon.PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def main() -> int:
    """Run, and print the table; the first failure is printed with its number, so that it can be repeated."""
    from django.core.management import call_command

    parser = argparse.ArgumentParser(prog="python -m tests.tokens.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    began, found, made = time.monotonic(), Counter[tuple[str, str]](), make()
    for number in range(options.count):
        damage = DAMAGES[number % len(DAMAGES)]
        try:
            found[damage.__name__, answer(damage, made, random.Random(f"{options.seed}-{number}"))] += 1
        except Exception:
            traceback.print_exc()
            sys.stderr.write(f"seed {options.seed}, number {number}, {damage.__name__}\n")
            return 1
    for (name, outcome), times in sorted(found.items()):
        sys.stdout.write(f"{name:12} {outcome:28} {times:>9}\n")
    sys.stdout.write(f"{options.count} tokens in {time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
