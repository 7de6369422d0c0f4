"""Verifying a trail: entries against their seals, the seals against each other and against copies of them kept elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from strongroom.audit.proof import merkle
from strongroom.audit.proof.hashed import Hashed
from strongroom.audit.proof.redactions import Redactions
from strongroom.audit.proof.seal import FIRST_PREVIOUS, Seal, Statement, is_well_formed

SLACK: Final = timedelta(minutes=10)
"""So much older than the seal before may an entry be: a transaction that took long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it was sealed. ``code`` is stable; ``serial`` or ``seal`` name what it is about."""

    code: str
    message: str
    serial: int | None = None
    seal: int | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """What a verification saw: its findings, and how many entries and seals. ``unsealed`` entries are too new for a seal."""

    findings: list[Finding] = field(default_factory=list)
    entries: int = 0
    seals: int = 0
    unsealed: int = 0
    redacted: int = 0
    backdated: int = 0
    """Entries that say a time long before the seal before theirs: a clock was set back, or somebody put them there."""
    first_backdated: int | None = None
    last: Statement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a verification believes beforehand.

    ``keys`` are the public keys of the instance. ``kept`` are statements that were sent outside, by number: they prove
    what the newest seals were. ``sealed_by`` (RFC 3339) is the time before which every entry must be under a seal. ``begin``
    is the seal behind which the rows and seals begin; ``None``: they begin at the beginning.
    """

    keys: frozenset[str]
    kept: Mapping[int, Statement] = field(default_factory=dict)
    sealed_by: str = ""
    begin: Statement | None = None
    until: int = 0
    """The number up to which there must be seals."""


def verify(
    rows: Iterable[Hashed],
    seals: Iterable[Seal],
    *,
    trust: Trust,
    redactions: Redactions,
    report: Report | None = None,
) -> Report:
    """Compare ``rows`` (by serial) with ``seals`` (by number). An empty list of findings means that all holds.

    ``redactions`` sees the same rows on their way. A ``report`` that is given is written in on the way, too: it has what was
    found before ``rows`` or ``seals`` raised.
    """
    found = _Verification(rows, trust, Report() if report is None else report).run(seals)
    found.redacted = redactions.count
    for serial, message in redactions.unexplained():
        found.findings.append(Finding(code="entry_redacted", message=message, serial=serial))
    return found


class _Verification:
    def __init__(self, rows: Iterable[Hashed], trust: Trust, report: Report) -> None:
        self._rows = iter(rows)
        self._trust = trust
        self._report = report
        self._held: Hashed | None = None  # read already, of a later range
        self._serial: int | None = None  # of the last row
        self._earliest = ""  # what is older was not recorded behind the seal before

    def run(self, seals: Iterable[Seal]) -> Report:
        begin = self._trust.begin
        number, first, previous = _next(begin) if begin else (1, 1, FIRST_PREVIOUS)
        for seal in seals:
            said = seal.statement
            self._report.seals += 1
            if not is_well_formed(seal):
                self._find("seal_malformed", f"What stands in place of seal {number} is none.", seal=number)
                continue
            self._check_place(said, number, first, previous)
            self._check_seal(seal)
            if said.number < number:
                continue
            self._find_unproven(said.first - 1)
            self._check_range(seal, self._leaves(said.last))
            self._earliest = _earliest_after(said)
            number, first, previous = _next(said)
            self._report.last = said
        self._check_end(number)
        return self._report

    def _check_place(self, said: Statement, number: int, first: int, previous: str) -> None:
        if said.number < number:
            self._find("seal_order", f"Seal {said.number} comes after seal {number - 1}.", seal=said.number)
        elif said.number > number:
            several = f"Seals {number} to {said.number - 1} are missing."
            one = f"Seal {number} is missing."
            self._find("seal_missing", one if said.number == number + 1 else several, seal=number)
        elif said.previous != previous:
            self._find(
                "seal_chain", f"Seal {said.number} does not follow the one before it.", seal=said.number
            )
        elif said.first != first:
            self._find("seal_range", f"Seal {said.number} should begin at entry {first}.", seal=said.number)

    def _check_seal(self, seal: Seal) -> None:
        said = seal.statement
        if said.key not in self._trust.keys:
            self._find(
                "seal_key", f"Seal {said.number} was made with another key: {said.key}.", seal=said.number
            )
        elif not seal.is_genuine():
            self._find("seal_signature", f"The signature of seal {said.number} is wrong.", seal=said.number)
        kept = self._trust.kept.get(said.number)
        if kept is not None and kept != said:
            self._find(
                "seal_rewritten",
                f"Seal {said.number} is another than the copy that was kept of it: history was rewritten.",
                seal=said.number,
            )

    def _check_range(self, seal: Seal, found: dict[int, bytes]) -> None:
        said = seal.statement
        if _matches(said, found):
            if list(seal.leaves.items()) != list(found.items()):
                self._find(
                    "seal_leaves",
                    f"The entries of seal {said.number} are right, its list of their hashes was changed.",
                    seal=said.number,
                )
        elif _matches(said, seal.leaves) and found != seal.leaves:
            self._compare(found, seal.leaves, said.number)
        else:
            self._find(
                "range_changed",
                f"Entries {said.first} to {said.last} are not what seal {said.number} says, and neither is its list of "
                "their hashes: which of them were changed cannot be told.",
                seal=said.number,
            )

    def _compare(self, found: dict[int, bytes], sealed: dict[int, bytes], number: int) -> None:
        """Name each entry of a range that is not as it was sealed."""
        for serial in sorted(found.keys() | sealed.keys()):
            if serial not in sealed:
                self._find(
                    "entry_inserted",
                    f"Entry {serial} was not there when its range was sealed.",
                    serial=serial,
                    seal=number,
                )
            elif serial not in found:
                self._find("entry_removed", f"Entry {serial} is gone.", serial=serial, seal=number)
            elif found[serial] != sealed[serial]:
                self._find(
                    "entry_changed",
                    f"Entry {serial} is not what was sealed: it was changed or moved.",
                    serial=serial,
                    seal=number,
                )

    def _leaves(self, last: int) -> dict[int, bytes]:
        found = {}
        for row in self._up_to(last):
            found[row.serial] = row.leaf
            if row.time < self._earliest:
                self._report.backdated += 1
                self._report.first_backdated = self._report.first_backdated or row.serial
        return found

    def _check_end(self, number: int) -> None:
        """What lies behind the last seal: entries that are new, and seals that are gone."""
        gone = [kept for kept in self._trust.kept if kept >= number]
        if gone:
            self._find(
                "seal_missing",
                f"Seal {min(gone)} is gone: a copy of it was kept. The database was set back, or its newest seals removed.",
                seal=min(gone),
            )
        elif number <= self._trust.until:
            self._find("seal_missing", f"Seals {number} to {self._trust.until} are missing.", seal=number)
        for row in self._up_to(None):
            self._report.unsealed += 1
            if row.time < self._trust.sealed_by:
                self._find(
                    "entry_unsealed",
                    f"Entry {row.serial} should be under a seal since long.",
                    serial=row.serial,
                )

    def _find_unproven(self, last: int) -> None:
        first = newest = None
        for row in self._up_to(last):
            first, newest = first if first is not None else row.serial, row.serial
        if first is not None:
            self._find("entry_unproven", f"Entries {first} to {newest} lie under no seal.", serial=first)

    def _up_to(self, last: int | None) -> Iterator[Hashed]:
        """The rows that have not come yet, up to a serial; each is looked at on its way."""
        held = [self._held] if self._held is not None else []
        self._held = None
        for row in chain(held, self._rows):
            if last is not None and row.serial > last:
                self._held = row
                return
            self._report.entries += 1
            if self._serial is not None and row.serial <= self._serial:
                self._find(
                    "entry_order", f"Entry {row.serial} comes after entry {self._serial}.", serial=row.serial
                )
                continue
            self._serial = row.serial
            yield row

    def _find(self, code: str, message: str, *, serial: int | None = None, seal: int | None = None) -> None:
        self._report.findings.append(Finding(code=code, message=message, serial=serial, seal=seal))


def _matches(said: Statement, leaves: dict[int, bytes]) -> bool:
    return len(leaves) == said.count and merkle.root(list(leaves.values())).hex() == said.root


def _earliest_after(said: Statement) -> str:
    """The time (RFC 3339) before which no entry behind a seal should be, but for a clock that was set back."""
    try:
        made = datetime.fromisoformat(said.time).astimezone(UTC) - SLACK
    except (ValueError, OverflowError):
        return ""
    return made.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _next(said: Statement) -> tuple[int, int, str]:
    """Number, first entry and previous hash of the seal that follows."""
    return said.number + 1, said.last + 1, said.hash()
