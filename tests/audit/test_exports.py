"""An export alone, without the database: whatever is changed in the file is found."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.audit.proof import exported, offline
from strongroom.audit.proof import seal as seals
from strongroom.audit.proof.check import Report
from strongroom.audit.proof.exported import MAX_LINE, Export, ExportMalformed, lines_of
from strongroom.audit.proof.redactions import Redactions
from strongroom.audit.proof.row import Row
from strongroom.audit.proof.seal import Seal, Statement
from tests.audit.proofs import (
    JSON,
    OTHER_KEY,
    PUBLIC,
    TIME,
    export_of,
    make_export,
    make_row,
    make_seals,
    redact,
)

KEYS = frozenset({PUBLIC})
Lines = list[bytes]
Document = dict[str, Any]


def verified(lines: Iterable[bytes], kept: dict[int, Statement] | None = None) -> Report:
    return offline.verify_export(Export(lines), keys=KEYS, kept=kept or {})


def codes(lines: Iterable[bytes], kept: dict[int, Statement] | None = None) -> set[str]:
    """What is wrong with an export; ``header`` where not even its first line can be read."""
    try:
        return {finding.code for finding in verified(lines, kept).findings}
    except ExportMalformed:
        return {"header"}


@pytest.mark.parametrize("seed", range(5))
def test_an_export_holds_as_it_was_made(seed: int) -> None:
    lines = make_export(random.Random(seed))
    report = verified(lines)
    assert report.findings == []
    assert report.entries + report.seals + 2 == len(lines)  # with the header and the end
    assert 0 < report.unsealed < 8


def test_an_export_may_begin_behind_a_seal() -> None:
    rows = [make_row(serial) for serial in range(1, 21)]
    made = make_seals(rows)
    lines = export_of(rows[10:], made[2:], begin=made[1])
    assert verified(lines).findings == []
    kept = {seal.statement.number: seal.statement for seal in made}
    assert codes(lines, kept) == set()
    other = make_seals([make_row(serial, text="red") for serial in range(1, 21)])
    assert codes(lines, {2: other[1].statement}) == {"seal_rewritten"}  # AU-12


def test_copies_of_seals_that_are_newer_than_the_export_say_nothing_about_it() -> None:
    rows = [make_row(serial) for serial in range(1, 21)]
    made = make_seals(rows)
    kept = {seal.statement.number: seal.statement for seal in made}
    assert codes(export_of(rows[:10], made[:2]), kept) == set()


def test_an_export_by_another_key_is_not_believed() -> None:
    report = offline.verify_export(
        Export(make_export(random.Random(1))), keys=frozenset({seals.public_key(OTHER_KEY)}), kept={}
    )
    assert {finding.code for finding in report.findings} == {"export_key", "seal_key"}


# ---- Sixty tamperings ------------------------------------------------------------------------------------------------


def sealed_entries(lines: Lines) -> list[int]:
    """The lines with sealed entries."""
    last_seal = max(
        at for at, line in enumerate(lines) if b'"seal"' in line[:60000] and b'{"leaves"' in line[:9]
    )
    count = orjson.loads(lines[last_seal])["seal"]["count"]
    return [at for at, line in enumerate(lines[: last_seal + count + 1]) if line.startswith(b'{"entry"')]


def sealing_lines(lines: Lines) -> list[int]:
    return [at for at, line in enumerate(lines) if line.startswith(b'{"leaves"')]


def edited(line: bytes, edit: Callable[[Document], None]) -> bytes:
    document = orjson.loads(line)
    edit(document)
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS) + b"\n"


def flip_a_bit(lines: Lines, chance: random.Random) -> None:
    at = chance.choice([0, *sealed_entries(lines), *sealing_lines(lines)])
    line = bytearray(lines[at])
    bit = chance.randrange(8 * len(line))
    line[bit // 8] ^= 1 << bit % 8
    lines[at : at + 1] = list(lines_of(BytesIO(bytes(line))))


def change_an_entry(lines: Lines, chance: random.Random) -> None:
    def edit(document: Document) -> None:
        part = document["entry"][chance.choice(["body", "origin", "person"])]
        name = chance.choice(sorted(part))
        value = part[name]
        part[name] = value[::-1][:-1] + "0" if name == "salt" else 9 if name.endswith("_id") else f"{value}x"
        part[name] = "00" * 16 if name == "salt" else part[name]

    at = chance.choice(sealed_entries(lines))
    lines[at] = edited(lines[at], edit)


def remove_a_line(lines: Lines, chance: random.Random) -> None:
    del lines[chance.choice([*sealed_entries(lines), *sealing_lines(lines)])]


def double_a_line(lines: Lines, chance: random.Random) -> None:
    """The first of the two says something else: who reads from above sees that."""
    at = chance.choice(sealed_entries(lines))
    lines.insert(at, edited(lines[at], lambda document: document["entry"].update(tag="test.other")))


def swap_lines(lines: Lines, chance: random.Random) -> None:
    one, two = chance.sample(sealed_entries(lines), 2)
    lines[one], lines[two] = lines[two], lines[one]


def swap_serials(lines: Lines, chance: random.Random) -> None:
    one, two = chance.sample(sealed_entries(lines), 2)
    first, second = (orjson.loads(lines[at])["entry"]["serial"] for at in (one, two))
    lines[one] = edited(lines[one], lambda document: document["entry"].update(serial=second))
    lines[two] = edited(lines[two], lambda document: document["entry"].update(serial=first))
    lines[one], lines[two] = lines[two], lines[one]


def truncate(lines: Lines, chance: random.Random) -> None:
    del lines[chance.randrange(1, sealed_entries(lines)[-1] + 1) :]


def change_a_seal(lines: Lines, chance: random.Random) -> None:
    def edit(document: Document) -> None:
        name = chance.choice(sorted(document["seal"].keys() - {"format"}))
        value = document["seal"][name]
        document["seal"][name] = (
            value + 1 if isinstance(value, int) else value[1:] + ("1" if value[0] != "1" else "2")
        )

    at = chance.choice(sealing_lines(lines))
    lines[at] = edited(lines[at], edit)


def redact_without_event(lines: Lines, chance: random.Random) -> None:
    at = chance.choice(sealed_entries(lines))
    entry = orjson.loads(lines[at])["entry"]
    row = make_row(entry["serial"], actor=entry["serial"] % 4, text=str(entry["serial"]))
    part = chance.choice(["body", "origin", "person"])
    hashed = redact(row, part).part_hash(part).hex()
    lines[at] = edited(lines[at], lambda document: document["entry"].update({part: {"hash": hashed}}))


def change_the_header(lines: Lines, chance: random.Random) -> None:
    name, value = chance.choice(
        [("newest", 1), ("time", "2020"), ("instance", "x"), ("begin", {}), ("key", "00" * 32)]
    )
    lines[0] = edited(lines[0], lambda document: document.update({name: value}))


def break_a_line(lines: Lines, chance: random.Random) -> None:
    at = chance.choice(sealed_entries(lines))
    lines[at] = chance.choice(
        [lines[at][:-1], b" " + lines[at], lines[at].replace(b":", b": ", 1), b"\n", b"\xff\n"]
    )


TAMPERINGS = (
    flip_a_bit,
    change_an_entry,
    remove_a_line,
    double_a_line,
    swap_lines,
    swap_serials,
    truncate,
    change_a_seal,
    redact_without_event,
    change_the_header,
    break_a_line,
)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_whatever_is_changed_in_the_file_is_found(
    tamper: Callable[[Lines, random.Random], None], seed: int
) -> None:  # AU-01
    chance = random.Random(seed)
    lines = make_export(chance)
    before = list(lines)
    tamper(lines, chance)
    assert lines != before
    assert codes(lines)


# ---- What lies behind the last seal ----------------------------------------------------------------------------------


def test_an_export_that_broke_off_says_which_seals_are_missing() -> None:
    lines = make_export(random.Random(1))
    second, last = sealing_lines(lines)[1], len(sealing_lines(lines))
    found = {finding.code: finding.message for finding in verified(lines[:second]).findings}
    assert found["seal_missing"] == f"Seals 2 to {last} are missing."
    assert "export_open" in found


def make_sealed() -> tuple[list[Row], list[Seal]]:
    rows = [make_row(serial) for serial in range(1, 11)]
    return rows, make_seals(rows)


def opened(lines: Lines) -> Lines:
    """An export whose end was taken off, so that something can be put in its place."""
    assert lines[-1].startswith(b'{"end"')
    return lines[:-1]


def excuse(serial: int) -> Row:
    """An event that explains every redaction there is, by whoever has no key."""
    facts = {"before": "9999-12-31T00:00:00.000000Z", "kind": "", "parts": ["body", "origin", "person"]}
    row = make_row(serial, text="x")._replace(tag="audit.aged", time="9999-01-01T00:00:00.000000Z")
    return row._replace(facts=orjson.dumps(facts).decode())


def test_nobody_without_the_key_explains_a_redaction() -> None:  # AU-01
    rows, made = make_sealed()
    rows[3] = redact(rows[3], "body")
    assert codes(export_of([*rows, excuse(11)], made)) == set()  # the site itself may
    assert codes(opened(export_of([*rows, excuse(11)], made))) == {"export_open"}
    others_end = list(exported.closed(opened(export_of([*rows, excuse(11)], made)), OTHER_KEY))
    assert codes(others_end) == {"export_malformed"}
    end_of_another_export = export_of(*make_sealed())[-1]
    assert codes([*opened(export_of([*rows, excuse(11)], made)), end_of_another_export]) == {
        "export_malformed"
    }


def test_an_entry_that_was_sealed_late_under_an_old_time_is_counted() -> None:
    rows = [make_row(serial) for serial in range(1, 11)]
    rows[6] = rows[6]._replace(time="2020-01-01T00:00:00.000000Z")
    report = verified(export_of(rows, make_seals(rows)))
    assert report.findings == []  # a clock may have been set back (AU-13)
    assert (report.backdated, report.first_backdated) == (1, 7)


def test_no_event_explains_that_an_explanation_is_gone() -> None:  # AU-01
    rows = [make_row(1), excuse(2)._replace(time=TIME), make_row(3), make_row(4), excuse(5)]
    made = make_seals(rows)
    rows[1] = redact(rows[1], "body")
    assert codes(export_of(rows, made)) == {"entry_redacted"}


def test_many_events_that_explain_redactions_take_no_long_time() -> None:
    some = Redactions()
    for number in range(1, 20_001):
        some.see(redact(make_row(number, actor=number), "origin"))
        facts = orjson.dumps({"before": f"20{number}", "kind": f"k{number}", "parts": ["origin"]}).decode()
        some.see(make_row(number)._replace(tag="audit.aged", facts=facts))
    began = time.thread_time()
    assert len(list(some.unexplained())) == 20_000
    assert time.thread_time() - began < 10  # all with all would be half a minute


def test_an_entry_under_no_seal_cannot_be_added_changed_or_removed() -> None:  # AU-01
    lines = make_export(random.Random(1))
    last = orjson.loads(lines[-2])["entry"]["serial"]
    added = exported.spell_row(make_row(last + 1)._replace(time="2020-01-01T00:00:00.000000Z"))
    changed = edited(lines[-2], lambda document: document["entry"].update(tag="test.other"))
    for forged in (
        [*lines[:-1], added, lines[-1]],
        [*lines, added],
        [*lines[:-2], changed, lines[-1]],
        [*lines[:-2], lines[-1]],
    ):
        assert codes(forged) == {"export_malformed"}
    assert codes(lines[:-2]) == {"export_open"}


def test_a_line_that_nests_deep_breaks_nothing() -> None:
    lines = make_export(random.Random(1))
    lines.insert(3, b'{"entry":' + b"[" * 400 + b"]" * 400 + b"}\n")
    assert "export_malformed" in codes(lines)


@pytest.mark.parametrize("is_seals", [True, False])
def test_what_stands_in_disorder_does_not_fill_memory(
    *, is_seals: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "MAX_AHEAD", 2**20)
    lines = make_export(random.Random(1))
    rows, made = make_sealed()
    one = exported.spell_seal(made[0]) if is_seals else exported.spell_row(rows[0])

    def hostile() -> Iterator[bytes]:
        nonlocal read
        yield lines[0]
        for read in range(10**9):  # noqa: B007  (it is counted)
            yield one

    read = 0
    assert "export_malformed" in codes(hostile())
    assert read * len(one) < 2 * exported.MAX_AHEAD


def test_a_malformed_line_is_named_and_what_was_found_before_is_kept() -> None:
    lines = make_export(random.Random(3))
    change_an_entry(lines, random.Random(3))
    lines.insert(-1, b"{}\n")
    found = verified(lines).findings
    assert [finding.code for finding in found] == ["entry_changed", "export_malformed"]
    assert found[1].message.startswith(f"Line {len(lines) - 1}: ")


@given(
    st.lists(
        st.binary(max_size=60) | JSON.map(lambda value: repr(value).encode("utf-8", "replace")), max_size=4
    )
)
def test_no_bytes_break_the_reader(garbage: Lines) -> None:
    assert codes(garbage) == {"header"}
    lines = make_export(random.Random(1))
    rest = list(lines_of(BytesIO(b"\n".join(garbage))))
    assert codes([*lines, *rest]) == ({"export_malformed"} if rest else set())


def _long_line() -> Iterator[bytes]:
    yield make_export(random.Random(1))[0]
    yield b'{"entry": "' + b"x" * MAX_LINE


def test_a_line_that_fills_memory_is_not_read_whole() -> None:
    class Endless(BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= MAX_LINE + 1
            return b"x" * size

    with pytest.raises(ExportMalformed):
        Export(lines_of(Endless()))
    report = offline.verify_export(Export(_long_line()), keys=KEYS, kept={})
    assert "export_malformed" in {finding.code for finding in report.findings}


def test_verifying_an_export_needs_no_django() -> None:
    program = (
        "import sys; import strongroom.cli.main, strongroom.cli.proving, strongroom.audit.proof.offline;"
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
