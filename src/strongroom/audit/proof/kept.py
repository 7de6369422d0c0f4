"""Copies of seals that were kept outside the database: JSON Lines, one seal (``seal.to_document``) each."""

from collections.abc import Iterable

import orjson

from strongroom.audit.proof import seal as seals
from strongroom.audit.proof.check import Finding
from strongroom.audit.proof.seal import Seal, Statement
from strongroom.audit.proof.strict import Malformed

MAX_LINE = 4096
"""Bytes that a seal takes at most."""


def read(lines: Iterable[bytes], *, keys: frozenset[str]) -> tuple[dict[int, Statement], list[Finding]]:
    """The statements by number, and what is wrong with the lines, by their numbers from 1.

    A last line without an end was being written when the process died; it is not counted. Only what one of ``keys`` signed
    is believed. Codes: ``copy_malformed``, ``copy_forged``, ``copy_contradicts``.
    """
    kept: dict[int, Statement] = {}
    findings: list[Finding] = []
    for place, line in enumerate(lines, start=1):
        try:
            seal = parse(line)
        except Malformed as error:
            if line.endswith(b"\n"):
                findings.append(
                    _finding("copy_malformed", f"Line {place} of the seals file is no seal: {error}.")
                )
            continue
        said = seal.statement
        if said.key not in keys or not seal.is_genuine():
            findings.append(
                _finding(
                    "copy_forged", f"Line {place} of the seals file was not signed by this site.", said.number
                )
            )
        elif kept.setdefault(said.number, said) != said:
            findings.append(
                _finding(
                    "copy_contradicts",
                    f"Line {place} of the seals file has another seal {said.number}.",
                    said.number,
                )
            )
    return kept, findings


def parse(line: bytes) -> Seal:
    """The seal of one line; raises ``Malformed``."""
    if len(line) > MAX_LINE:
        raise Malformed("the line is too long")
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"this is not JSON ({error})") from None
    return seals.from_document(document)


def spell(seal: Seal) -> bytes:
    """The line of a seal."""
    return orjson.dumps(seals.to_document(seal), option=orjson.OPT_SORT_KEYS) + b"\n"


def _finding(code: str, message: str, number: int | None = None) -> Finding:
    return Finding(code=code, message=message, seal=number)
