"""What an attestation states: in-toto Statement v1, as PEP 740 narrows it. Read strictly; whether it is signed is not asked here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from strongroom.kernel import strict_json
from strongroom.kernel.refused import Refused

_TYPE: Final = "https://in-toto.io/Statement/v1"
_MAX_CONTAINERS: Final = 4096  # a SLSA provenance has one for every source that went into a build
_MAX_FILENAME: Final = 255  # its tags are multiplied out: a.b-c.d-e.f stands for eight


@dataclass(frozen=True, slots=True)
class Statement:
    """``filename`` and ``sha256`` (hex) of the one subject, and the URI that says what is stated about it."""

    filename: str
    sha256: str
    predicate: str


class _Subject(msgspec.Struct, frozen=True):
    name: str
    digest: dict[str, str]


class _Statement(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(name="_type")
    subject: list[_Subject]
    predicate_type: str = msgspec.field(name="predicateType")


def read(payload: bytes) -> Statement:
    """The statement in ``payload``, which is not trusted yet.

    Raises ``Refused`` with ``attestation_malformed``: not an in-toto Statement v1 about exactly one file by its SHA-256.
    """
    try:
        parsed = msgspec.convert(
            strict_json.parse(payload.decode(), max_containers=_MAX_CONTAINERS), _Statement
        )
    except (ValueError, msgspec.ValidationError) as malformed:
        raise _malformed() from malformed
    if parsed.kind != _TYPE or len(parsed.subject) != 1 or "sha256" not in parsed.subject[0].digest:
        raise _malformed()
    subject = parsed.subject[0]
    return Statement(subject.name, subject.digest["sha256"], parsed.predicate_type)


def check_predicates(statements: Iterable[Statement], *, allowed: frozenset[str]) -> None:
    """Each statement is of an allowed kind, and no two are of the same; otherwise ``Refused``."""
    seen: set[str] = set()
    for each in statements:
        if each.predicate not in allowed:
            raise Refused(
                "attestation_predicate",
                "Attest with the publish or the SLSA provenance predicate, version 1; the index knows no other.",
            )
        if each.predicate in seen:
            raise Refused("attestation_repeated", "Send one attestation of each predicate type, not several.")
        seen.add(each.predicate)


def check_subject(statement: Statement, *, filename: str, sha256: str) -> None:
    """The statement is about this very file; otherwise ``Refused`` with ``attestation_subject``."""
    if statement.sha256 != sha256:
        raise Refused(
            "attestation_subject",
            "The attestation is about other bytes; attest the file after it was built for the last time.",
        )
    if statement.filename != filename and _parts(statement.filename) != _parts(filename):
        raise Refused(
            "attestation_subject",
            "The attestation is about a file of another name; attest the file under the name that it is uploaded by.",
        )


def _parts(filename: str) -> object:
    """What a file name says. Names that say the same in another order of tags or another spelling are equal.

    So the public index and its verifying tools compare them: publishers rewrite the order of tags.
    """
    try:
        if len(filename) > _MAX_FILENAME:
            return filename
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)
        return parse_sdist_filename(filename) if filename.endswith(".tar.gz") else filename
    except ValueError:
        return filename


def _malformed() -> Refused:
    return Refused(
        "attestation_malformed",
        "Send attestations as PEP 740 has them: each states one file, by its name and SHA-256.",
    )
