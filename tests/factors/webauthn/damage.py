"""Answers of authenticators, damaged: before they are signed where the key is at hand, or afterwards."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from strongroom.factors.webauthn.assertion import StoredCredential
from tests.factors.webauthn.ceremonies import assertion_text, enrolled, registration_text, spelled
from tests.support.authenticator import Answer, Authenticator, Credential
from tests.support.plain_cbor import encode

ATTESTATIONS = ("none", "packed", "packed-self")
ALGORITHMS = (-7, -8, -257)

# What damages most: heads of CBOR, spellings of JSON, and what ends a text, a number or a length somewhere.
TOKENS = [
    b"\xff", b"\0", b"\xbf", b"\x9f", b"\x5f", b"\xa0", b"\xa1", b"\x80", b"\x81" * 9, b"\xf6", b"\xf7", b"\xfb", b"\xc2", b"\xd8\x1c",
    b"\x1b" + b"\xff" * 8, b"\x5b\x80" + bytes(7), b"\xba\0\x0f\x42\x40", b"\x58\x20", b"\x59\xff\xff", b"\x26", b"\x39\x01\0",
    b"\x20", b"\x01\x02", b"\x03\x26", b"\x63fmt", b"\x64none", b"\x66packed", b"\x68fido-u2f", b"\x63tpm", b"\x63x5c", b"{", b"}",
    b"[", b"[" * 200, b'"', b"\\", b"\\u0000", b"\\ud800", b",", b":", b"null", b"true", b"false", b"NaN", b"1e999", b"9" * 400,
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"=", b"==", b"-_", b"+/", b" ", b"\n", b'"crossOrigin":true,', b'"topOrigin":"https://x",',
    b'"type":"webauthn.get",', b'"type":"webauthn.create",', b'"origin":"https://evil.example",', b'"type":"public-key",',
    b'"id":"AAAA",', b"\x30\x06\x02\x01\x01\x02\x01\x01",
]  # fmt: skip
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    2**64,
    1.5,
    "",
    "AAAA",
    "public-key",
    "\0",
    [],
    {},
    ["usb"],
    [[]],
    {"x": {}},
]


@dataclass(frozen=True, slots=True)
class Case:
    """One sound answer: its JSON, what is on record about the key, and the key."""

    text: str
    members: dict[str, Any]
    stored: StoredCredential
    credential: Credential


def registrations() -> list[Case]:
    """One of each algorithm and attestation, one of the U2F era, one whose statement goes unread."""
    kinds = [
        Authenticator(algorithm=number, attestation=kind) for number in ALGORITHMS for kind in ATTESTATIONS
    ]
    cases = [_case(registration_text(each), each) for each in [*kinds, Authenticator(u2f=True)]]
    unread = Authenticator(backup_eligible=True, backed_up=True)
    return [*cases, _case(registration_text(unread, _unread), unread)]


def assertions() -> list[Case]:
    """One of each algorithm, one of the U2F era, one of a passkey that is backed up."""
    kinds = [Authenticator(algorithm=number) for number in ALGORITHMS]
    kinds += [Authenticator(u2f=True), Authenticator(backup_eligible=True, backed_up=True, counts=False)]
    return [_assertion(each) for each in kinds]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """``content`` with one to four damages."""
    result = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(result) + 1)
        match chance.randrange(6):
            case 0:
                result[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                result[at : at + 1] = bytes(
                    [(result[at] ^ 1 << chance.randrange(8)) if at < len(result) else 0]
                )
            case 2:
                del result[at : at + chance.choice((1, 1, 2, 32))]
            case 3:
                result[at:at] = chance.choice(TOKENS)
            case 4:
                token = chance.choice(TOKENS)
                result[at : at + len(token)] = token
            case _:
                start = chance.randrange(len(result) + 1)
                result[at:at] = result[start : start + chance.choice((1, 4, 32))]
    return bytes(result)


def damaged_text(case: Case, chance: random.Random) -> str:
    """Damage anywhere in the JSON."""
    return damaged(case.text.encode(), chance).decode("utf-8", "surrogateescape")


def damaged_member(case: Case, chance: random.Random) -> str:
    """One member removed, of another type, or another member's value."""
    members = json.loads(case.text)
    holder = members["response"] if chance.random() < 0.6 else members
    name = chance.choice(sorted(holder))
    match chance.randrange(3):
        case 0:
            del holder[name]
        case 1:
            holder[name] = chance.choice(VALUES)
        case _:
            holder[name] = holder[chance.choice(sorted(holder))]
    return json.dumps(members)


def damaged_part(case: Case, chance: random.Random) -> str:
    """Damage inside one of the parts that are base64url, after it was signed."""
    name = chance.choice(["clientDataJSON", "attestationObject", "authenticatorData", "signature"])
    name = name if name in case.members["response"] else "clientDataJSON"
    return _with(case, {name: _damaged_part(name, part_of(case, name), chance)})


def damaged_authenticator(case: Case, chance: random.Random) -> str:
    """A registration whose authenticator data is damaged, in an object that fits around it."""
    return _with(
        case,
        {
            "attestationObject": _object(
                _damaged_part("authenticatorData", part_of(case, "authenticatorData"), chance)
            )
        },
    )


def damaged_key(case: Case, chance: random.Random) -> str:
    """A registration whose public key is another map."""
    key: dict[Any, Any] = dict(case.credential.key.cose())
    name = chance.choice([*key, 2, -4, -5, "x", True])
    value = key.get(name, 0)
    key[name] = (
        damaged(value, chance) if isinstance(value, bytes) and chance.random() < 0.5 else _key_value(chance)
    )
    if chance.random() < 0.2:
        del key[chance.choice(list(key))]
    said = part_of(case, "authenticatorData")
    whole = case.credential.key.cose()
    return _with(case, {"attestationObject": _object(said.replace(encode(whole), encode(key)))})


def damaged_and_signed(case: Case, chance: random.Random) -> str:
    """An assertion that is damaged before the key signs it."""
    client_data, said = part_of(case, "clientDataJSON"), part_of(case, "authenticatorData")
    if chance.random() < 0.5:
        client_data = _damaged_part("clientDataJSON", client_data, chance)
    else:
        said = _damaged_part("authenticatorData", said, chance)
    answer = Answer({}, b"", 0, 0, b"", b"", client_data_json=client_data, authenticator_data=said)
    signature = case.credential.key.sign(answer.to_sign())
    return _with(case, {"clientDataJSON": client_data, "authenticatorData": said, "signature": signature})


def noise(_case: Case, chance: random.Random) -> str:
    """Random text."""
    return chance.randbytes(chance.randrange(300)).decode("latin-1")


Kind = Callable[[Case, random.Random], str]
OF_REGISTRATIONS: list[Kind] = [
    damaged_text, damaged_member, damaged_part, damaged_part, damaged_authenticator, damaged_authenticator, damaged_key, noise,
]  # fmt: skip
OF_ASSERTIONS: list[Kind] = [
    damaged_text, damaged_member, damaged_part, damaged_part, damaged_and_signed, damaged_and_signed, noise,
]  # fmt: skip


def part_of(case: Case, name: str) -> bytes:
    """A part of the sound answer, decoded."""
    text = case.members["response"][name]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _damaged_part(name: str, part: bytes, chance: random.Random) -> bytes:
    """Bytes anywhere, or what says most: a member's value, the flags."""
    if chance.random() < 0.6 or name not in {"clientDataJSON", "authenticatorData"}:
        return damaged(part, chance)
    if name == "clientDataJSON":
        value = chance.choice(
            [b"true", b'"true"', b"null", b'false,"topOrigin":"https://x"', b'false,"x":[]']
        )
        return part.replace(b"false", value)
    return part[:32] + bytes([chance.randrange(256)]) + part[33:]


def _with(case: Case, parts: dict[str, bytes]) -> str:
    response = case.members["response"] | {name: spelled(part) for name, part in parts.items()}
    return json.dumps(case.members | {"response": response})


def _object(said: bytes) -> bytes:
    return encode({"fmt": "none", "attStmt": {}, "authData": said})


def _key_value(chance: random.Random) -> Any:
    return chance.choice(
        [1, 2, 3, 6, 7, -7, -8, -257, -35, True, None, b"", bytes(32), b"\xff" * 32, "x", [], {}]
    )


def _unread(answer: Answer) -> None:
    answer.format, answer.statement = "tpm", {"ver": "2.0", "alg": -257, "sig": b"x", "x5c": [b"y"]}


def _case(text: str, authenticator: Authenticator) -> Case:
    credential = authenticator.credentials[-1]
    stored = StoredCredential(credential.id, encode(credential.key.cose()), authenticator.backup_eligible)
    return Case(text, json.loads(text), stored, credential)


def _assertion(authenticator: Authenticator) -> Case:
    enrolled(authenticator)
    return _case(assertion_text(authenticator, user_handle=True), authenticator)
