"""Throw damaged tokens at the door: ``python -m tests.trust.fuzz --count 1000000 --seed 1``.

Whatever comes, there is a refusal with a documented code; what was changed after it was signed is never believed, and
of what was signed, only what is for us and for now.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings

from strongroom.kernel import clock
from strongroom.kernel.base64url import encode
from strongroom.kernel.refused import Refused
from strongroom.trust.jwt import LEEWAY, MAX_AGE, Claims, Unverified, peek, verify
from tests.trust.signing import AUDIENCE, ISSUER, Pen, pens, sound

CODES = frozenset({
    "identity_malformed", "identity_header", "identity_algorithm", "identity_signature", "identity_issuer_unknown",
    "identity_audience", "identity_expired", "identity_not_yet_valid", "identity_too_old", "identity_claims",
})  # fmt: skip
LETTERS = 'ABCXYZabcxyz0189-_=+/.%{}[]":, \n\0\t\N{LATIN SMALL LETTER E WITH ACUTE}\ud800'
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
BYTES = [b"{", b"}", b"[", b"[" * 200, b'"', b"\\", b"\\u0000", b"\\ud800", b",", b":", b"null", b"true", b"NaN", b"1e999", b"9" * 400, b"\xff", b"\0", b" "]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 1.5, 2**63, 10**30, "", "x", "\0", "\ud800", "none", "HS256", "PS256", "RS256", "ES256",
    "JWT", [], {}, [ISSUER], [AUDIENCE], [AUDIENCE, ISSUER], {"a": {"a": [1, {"b": None}]}}, ISSUER, AUDIENCE, "x" * 300,
]  # fmt: skip
NAMES = ["alg", "kid", "typ", "crit", "b64", "cty", "zip", "jku", "jwk", "x5c", "iss", "aud", "exp", "iat", "nbf", "jti", "sub", "other"]  # fmt: skip

Damage = Callable[[Pen, random.Random], str]


def letters(pen: Pen, chance: random.Random) -> str:
    """A sound token with some letters changed, left out or put in."""
    text = list(pen.token())
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = chance.randrange(len(text))
        cut, put = chance.choice([(1, 1), (1, 1), (1, 1), (0, 4), (4, 0), (0, 1), (1, 0), (2, 2)])
        text[place : place + cut] = [chance.choice(LETTERS if chance.random() < 0.2 else ALPHABET)] * put
    return "".join(text)


def segments(pen: Pen, chance: random.Random) -> str:
    """The parts of sound tokens, cut, doubled, moved and mixed."""
    pool = [part for source in (pen, chance.choice(pens())) for part in source.token().split(".")] + [
        "",
        "e30",
    ]
    parts = pen.token().split(".")
    for _ in range(chance.choice([1, 2])):
        place = chance.randrange(len(parts))
        part = chance.choice(pool)
        parts[place : place + chance.randrange(2)] = [
            part[: chance.randrange(len(part) + 1)] if chance.random() < 0.5 else part
        ]
    return ".".join(parts)


def raw_json(pen: Pen, chance: random.Random) -> str:
    """JSON damaged in its bytes, and signed: the reader is reached, whatever the signature."""
    parts = [bytearray(json.dumps(part).encode()) for part in (pen.header(), sound())]
    for _ in range(chance.choice([1, 1, 2, 4])):
        part = chance.choice(parts)
        place = chance.randrange(len(part) + 1)
        part[place : place + chance.randrange(4)] = chance.choice(BYTES)
    return pen.token(bytes(parts[1]), header=bytes(parts[0]))


def members(pen: Pen, chance: random.Random) -> str:
    """Members of the header and the claims changed, and signed: the rules are reached."""
    header: dict[str, Any] = pen.header()
    claims: dict[str, Any] = sound()
    if chance.random() < 0.2:
        later = chance.choice([-4000, -3601, -3600, -330, -329, 30, 31])
        claims |= {name: claims[name] + later for name in ("iat", "nbf", "exp")}
        claims["exp"] += chance.choice([0, 4000])
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        part = chance.choice([header, claims, claims])
        name = chance.choice(NAMES)
        if name in part and chance.random() < 0.2:
            del part[name]
        elif isinstance(part.get(name), int) and chance.random() < 0.5:
            part[name] += chance.choice([-1, 1]) * chance.choice([1, 29, 30, 31, 299, 3600, 86400])
        else:
            part[name] = chance.choice(VALUES)
    return pen.token(claims, header=header)


def noise(_pen: Pen, chance: random.Random) -> str:
    """Text that nobody has made on purpose."""
    raw = bytes(chance.randrange(256) for _ in range(chance.randrange(60)))
    return chance.choice([
        encode(raw),
        ".".join(encode(raw[start::3]) for start in range(3)),
        "".join(chance.choice(LETTERS) for _ in range(chance.randrange(40))),
        raw.decode("latin-1"),
    ])  # fmt: skip


DAMAGES: list[Damage] = [letters, segments, raw_json, members, noise]
SIGNED = (raw_json, members)


def answer(damage: Damage, pen: Pen, chance: random.Random) -> str:
    """The code of the refusal, or ``accepted``; fails if anything else happens, or what is accepted ought not to be."""
    text = damage(pen, chance)
    try:
        unverified = peek(text)
        claims = verify(text, pen.jwk, issuer=ISSUER, audience=AUDIENCE)
    except Refused as refused:
        return documented(refused)
    assert damage in SIGNED or text.split(".")[:2] == pen.token().split(".")[:2], "changed, and believed"
    assert_is_for_us(unverified, claims, pen)
    return "accepted"


def documented(refused: Refused) -> str:
    assert refused.code in CODES
    assert refused.message.endswith(".")
    return refused.code


def assert_is_for_us(unverified: Unverified, claims: Claims, pen: Pen) -> None:
    assert unverified.algorithm == pen.algorithm
    assert unverified.issuer == claims["iss"] == ISSUER
    assert claims["aud"] in (AUDIENCE, [AUDIENCE])
    assert isinstance(claims["jti"], str)
    assert 1 <= len(claims.identifier) <= 255
    times = [claims["iat"], claims["exp"], claims.get("nbf", claims["iat"])]
    assert all(type(moment) is int for moment in times)
    now = clock.timestamp()
    assert now - MAX_AGE <= claims["iat"] <= now + LEEWAY  # type: ignore[operator]
    assert now - LEEWAY < claims["exp"] <= claims["iat"] + 86400  # type: ignore[operator]
    assert times[2] <= now + LEEWAY  # type: ignore[operator]
    json.dumps(dict(claims), ensure_ascii=False).encode()


def run(*, count: int, seed: int) -> Counter[str]:
    """The verdicts on ``count`` damaged tokens; the clock stands still, so that a seed says everything."""
    answers: Counter[str] = Counter()
    makers = pens()
    with clock.frozen(clock.now()):
        for number in range(seed, seed + count):
            chance = random.Random(number)
            damage = chance.choice(DAMAGES)
            # Mostly the pen that writes quickest: a signature with RSA takes half a millisecond.
            pen = makers[-1] if chance.random() < 0.8 else chance.choice(makers)
            try:
                answers[f"{damage.__name__}: {answer(damage, pen, chance)}"] += 1
            except BaseException:
                sys.stderr.write(f"seed {number} ({damage.__name__}, {pen.algorithm}) went wrong\n")
                raise
    return answers


def main() -> int:
    """Print what happened, and the first case that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    settings.configure(USE_I18N=False)
    begin = time.perf_counter()
    try:
        answers = run(count=options.count, seed=options.seed)
    except Exception:
        traceback.print_exc()
        return 1
    seconds = time.perf_counter() - begin
    sys.stdout.write(f"{options.count} tokens from seed {options.seed} in {seconds:.0f} s\n")
    for verdict, number in sorted(answers.items()):
        sys.stdout.write(f"{number:9} {verdict}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
