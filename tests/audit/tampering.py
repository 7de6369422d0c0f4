"""What the owner of a database may do to the trail behind the program's back: each a function that does it by SQL.

Each returns what a verification must name first: a serial, or a seal.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from strongroom.accounts.events import AccountDisabled, EmailAdded
from strongroom.audit import reading, redaction, sealing, trail
from strongroom.audit.events import EntriesAged
from strongroom.audit.models import Entry
from strongroom.audit.proof.check import Report
from strongroom.audit.proof.row import EMPTY, FIELDS, PARTS, Row
from strongroom.audit.proof.seal import Statement
from strongroom.audit.verifying import verify_all
from strongroom.kernel import clock
from tests.audit.remembering import author

SEALS = 6
ENTRIES = 12  # under each
OLD = "2020-01-01 00:00:00+00:00"
COLUMNS = tuple(name for name in Row._fields if name != "serial")
SEAL_COLUMNS = ("number", "first", "last", "count", "root", "previous", "time", "key", "signature", "leaves")
TEXTS_OF_SEALS = {"root", "previous", "time", "key", "signature"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What must be named first."""

    serial: int | None = None
    seal: int | None = None
    code: str = ""

    def is_named_by(self, report: Report) -> bool:
        """Whether the verification named it, and nothing before it."""
        # Whoever removes the event that explains a redaction has the redacted entries named as well.
        found = [
            f for f in report.findings if f.code != "entry_redacted" or self.code == f.code
        ] or report.findings
        codes = {finding.code for finding in found}
        serials = [finding.serial for finding in found if finding.serial is not None]
        seals = [finding.seal for finding in found if finding.seal is not None]
        return (
            (self.serial is None or min(serials, default=None) == self.serial)
            and (self.seal is None or min(seals, default=None) == self.seal)
            and (not self.code or self.code in codes)
            and bool(report.findings)
        )


@dataclass(slots=True, kw_only=True)
class Trail:
    """A trail in the database, and chance."""

    chance: random.Random
    serials: list[int]
    gaps: list[int]
    redacted: list[int]
    kept: dict[int, Statement]

    def one(self) -> int:
        """Any sealed entry."""
        return self.chance.choice(self.serials)

    def two(self) -> tuple[int, int]:
        """Two sealed entries, the lower one first."""
        low, high = sorted(self.chance.sample(self.serials, 2))
        return low, high

    def seal_of(self, serial: int) -> int:
        """The number of the seal over an entry."""
        return next(said.number for said in self.kept.values() if said.first <= serial <= said.last)


def make_trail(chance: random.Random) -> Trail:
    """Entries of several people under some seals, with gaps and with parts that were redacted by the rules."""
    gaps = []
    for part in range(SEALS):
        with clock.shifted(timedelta(days=part - 200)):
            recorded = [record_one(chance) for _ in range(ENTRIES)]
            gaps.append(chance.choice(recorded[1:-1]))
            run("DELETE FROM audit_entry WHERE serial = %s", gaps[-1])  # as if it had been rolled back
            sealing.seal_all()
    before = clock.now() - timedelta(days=198)
    aged = EntriesAged(parts=("origin",), before=reading.timestamp(before))
    redaction.redact("origin", Entry.objects.filter(time__lt=before), explained_by=aged, by=author())
    sealing.seal_all()
    rows = list(reading.rows())
    return Trail(
        chance=chance,
        serials=[row.serial for row in rows],
        gaps=gaps,
        redacted=[row.serial for row in rows if row.is_redacted("origin")],
        kept={seal.statement.number: seal.statement for seal in reading.seals()},
    )


def record_one(chance: random.Random) -> int:
    """Record something; returns its serial."""
    user = chance.randint(1, 5)
    by = author(user, name=f"person{user}")
    if chance.random() < 0.3:
        trail.record(AccountDisabled(subject_id=user), by=by, refused="not_allowed")
    else:
        trail.record(EmailAdded(subject_id=user, address=f"{chance.random()}@example.org"), by=by)
    return int(Entry.objects.order_by("-serial").values_list("serial", flat=True)[0])


@contextmanager
def undone() -> Iterator[None]:
    """What happens in the block is undone at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def verified(trail: Trail) -> Report:
    """What a verification with the seals file says."""
    return verify_all(kept=trail.kept)


def run(sql: str, *values: Any) -> None:
    """One statement of SQL."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def column_of_entry(trail: Trail) -> Named:
    """Change any column of any entry, if only by a bit."""
    serial, name = trail.one(), trail.chance.choice(COLUMNS)
    value = _value("audit_entry", name, "serial", serial)
    if name == "time":
        changed: Any = value + timedelta(microseconds=1 << trail.chance.randint(0, 40))
    elif name.endswith("_hash") and value is None:
        changed = trail.chance.randbytes(32)
    elif name.endswith("_salt") and value is None:
        changed = trail.chance.randbytes(16)
    elif name.endswith(("_hash", "_salt")):
        changed = trail.chance.choice([_flipped(trail, bytes(value)), None])
    else:
        changed = _changed(trail, value)
    run(f"UPDATE audit_entry SET {_quoted(name)} = %s WHERE serial = %s", changed, serial)
    return Named(serial=serial)


def remove_entry(trail: Trail) -> Named:
    """Delete one."""
    serial = trail.one()
    run("DELETE FROM audit_entry WHERE serial = %s", serial)
    return Named(serial=serial, seal=trail.seal_of(serial), code="entry_removed")


def insert_in_gap(trail: Trail) -> Named:
    """Insert where a transaction was undone."""
    serial = trail.chance.choice(trail.gaps)
    _copy(trail.one(), serial)
    return Named(serial=serial, seal=trail.seal_of(serial), code="entry_inserted")


def insert_outside(trail: Trail) -> Named:
    """Insert before the first entry, or behind the last one with an old time."""
    serial = trail.chance.choice([0, -trail.chance.randint(1, 2**62), trail.serials[-1] + 1])
    _copy(trail.one(), serial)
    run("UPDATE audit_entry SET time = %s WHERE serial = %s", OLD, serial)
    return Named(serial=serial)


def swap_contents(trail: Trail) -> Named:
    """Give two entries each other's contents."""
    low, high = trail.two()
    names = ", ".join(map(_quoted, COLUMNS))
    with connection.cursor() as cursor:
        for target, source in ((-2, low), (low, high), (high, -2)):
            if target != -2:
                cursor.execute("DELETE FROM audit_entry WHERE serial = %s", [target])
            cursor.execute(
                f"INSERT INTO audit_entry (serial, {names}) SELECT %s, {names} FROM audit_entry WHERE serial = %s",
                [target, source],
            )
        cursor.execute("DELETE FROM audit_entry WHERE serial = -2")
    return Named(serial=low, code="entry_changed")


def swap_serials(trail: Trail) -> Named:
    """Give two entries each other's serials."""
    low, high = trail.two()
    for before, after in ((low, -2), (high, low), (-2, high)):
        run("UPDATE audit_entry SET serial = %s WHERE serial = %s", after, before)
    return Named(serial=low, code="entry_changed")


def renumber(trail: Trail) -> Named:
    """Give an entry the serial of a gap."""
    serial, gap = trail.one(), trail.chance.choice(trail.gaps)
    run("UPDATE audit_entry SET serial = %s WHERE serial = %s", gap, serial)
    return Named(serial=min(serial, gap))


def truncate(trail: Trail) -> Named:
    """Delete all from one on."""
    serial = trail.one()
    run("DELETE FROM audit_entry WHERE serial >= %s", serial)
    return Named(serial=serial)


def truncate_with_seals(trail: Trail) -> Named:
    """Delete all, seals as well: only the seals file knows."""
    run("DELETE FROM audit_entry")
    run("DELETE FROM audit_seal")
    return Named(seal=1, code="seal_missing")


def column_of_seal(trail: Trail) -> Named:
    """Change any column of any seal, if only by a bit."""
    number, name = trail.chance.choice(list(trail.kept)), trail.chance.choice(SEAL_COLUMNS)
    value = _value("audit_seal", name, "number", number)
    if name == "leaves":
        changed: Any = _flipped(trail, bytes(value)) + trail.chance.choice([b"", b"\0"])
    elif name in TEXTS_OF_SEALS:
        changed = _changed(trail, value)
    else:
        changed = value + trail.chance.choice([1, 1000, -value, -1000])
    taken = name == "number" and changed in trail.kept
    run(f"UPDATE audit_seal SET {name} = %s WHERE number = %s", -number if taken else changed, number)
    if name == "number":
        return Named(code="seal_missing")
    return Named(seal=number)


def remove_seal(trail: Trail) -> Named:
    """Delete any seal, the newest one as well."""
    number = trail.chance.choice(list(trail.kept))
    run("DELETE FROM audit_seal WHERE number = %s", number)
    return Named(seal=number, code="seal_missing")


def swap_seals(trail: Trail) -> Named:
    """Let two seals change places."""
    low, high = sorted(trail.chance.sample(list(trail.kept), 2))
    for before, after in ((low, -2), (high, low), (-2, high)):
        run("UPDATE audit_seal SET number = %s WHERE number = %s", after, before)
    return Named(seal=low)


def copy_of_seal(trail: Trail) -> Named:
    """Insert a seal again under another number."""
    number, other = trail.chance.choice(list(trail.kept)), trail.chance.choice([-1, 0, 99])
    names = ", ".join(name for name in SEAL_COLUMNS if name != "number")
    run(
        f"INSERT INTO audit_seal (number, {names}) SELECT %s, {names} FROM audit_seal WHERE number = %s",
        other,
        number,
    )
    return Named(code="seal_signature")


def redact_without_event(trail: Trail) -> Named:
    """Redact a part by its hash, so that the seal holds, and tell nobody."""
    part = trail.chance.choice(["body", "person"])
    serial = trail.one()
    row = reading.row(serial)
    assert row
    _set(serial, {f"{part}_hash": row.part_hash(part), f"{part}_salt": None} | _empty(part))
    return Named(serial=serial, code="entry_redacted")


def fill_in_redacted(trail: Trail) -> Named:
    """Put something into a part that was redacted, with or without a salt."""
    serial = trail.chance.choice(trail.redacted)
    values: dict[str, Any] = {"address": "198.51.100.1"}
    if trail.chance.random() < 0.5:
        values |= {"origin_salt": trail.chance.randbytes(16), "origin_hash": None}
    _set(serial, values)
    return Named(serial=serial)


def set_back(trail: Trail) -> Named:
    """Bring the tables back to how they were some seals before (AU-12); the event of the redaction goes as well."""
    number = trail.chance.choice(list(trail.kept)[:-1])
    run("DELETE FROM audit_entry WHERE serial > %s", trail.kept[number].last)
    run("DELETE FROM audit_seal WHERE number > %s", number)
    return Named(seal=number + 1, code="seal_missing")


def rewrite_history(trail: Trail) -> Named:
    """Set the tables back, record other things and let the site itself seal them (AU-12): the chain is whole, and forged."""
    number = trail.chance.choice(list(trail.kept)[:-1])
    set_back_to = trail.kept[number]
    run("DELETE FROM audit_entry WHERE serial > %s", set_back_to.last)
    run("DELETE FROM audit_seal WHERE number > %s", number)
    for _ in trail.kept:
        record_one(trail.chance)
        sealing.seal_all()
    return Named(seal=number + 1, code="seal_rewritten")


TAMPERINGS: Mapping[Callable[[Trail], Named], int] = {
    column_of_entry: 60,
    column_of_seal: 30,
    remove_entry: 10,
    insert_in_gap: 8,
    insert_outside: 8,
    swap_contents: 8,
    swap_serials: 8,
    renumber: 8,
    truncate: 6,
    truncate_with_seals: 1,
    remove_seal: 10,
    swap_seals: 8,
    copy_of_seal: 6,
    redact_without_event: 10,
    fill_in_redacted: 8,
    set_back: 6,
    rewrite_history: 5,
}
"""Each with how often it is tried: 200 in all."""


def _changed(trail: Trail, value: Any) -> Any:
    if value is None or isinstance(value, int):
        return (value or 0) + 1
    if not value:
        return "x"
    at = trail.chance.randrange(len(value))
    other = trail.chance.choice([letter for letter in "0123456789abcdef" if letter != value[at]])
    return value[:at] + other + value[at + 1 :]


def _flipped(trail: Trail, value: bytes) -> bytes:
    bit = trail.chance.randrange(8 * len(value))
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _value(table: str, name: str, key: str, at: int) -> Any:
    if table == "audit_entry":
        return Entry.objects.values_list(name, flat=True).get(serial=at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table} WHERE {key} = %s", [at])
        return cursor.fetchone()[0]


def _copy(source: int, target: int) -> None:
    names = ", ".join(map(_quoted, COLUMNS))
    run(
        f"INSERT INTO audit_entry (serial, {names}) SELECT %s, {names} FROM audit_entry WHERE serial = %s",
        target,
        source,
    )


def _set(serial: int, values: Mapping[str, Any]) -> None:
    setting = ", ".join(f"{_quoted(name)} = %s" for name in values)
    run(f"UPDATE audit_entry SET {setting} WHERE serial = %s", *values.values(), serial)


def _empty(part: str) -> dict[str, Any]:
    assert part in PARTS
    return {name: EMPTY[name] for name in FIELDS[part]}


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
