"""Syslog messages as RFC 5424 spells them, whatever is in an entry."""

import re
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.audit.sinks.rfc5424 import encode
from strongroom.audit.sinks.sink import Said
from tests.audit.sinks.entries import entry, facts, said

# The ABNF of RFC 5424 §6, rule by rule.
_PRINTUSASCII = r"[\x21-\x7e]"
_SD_NAME = r"[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}"  # PRINTUSASCII except '=', SP, ']', '"'
_TIME = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_PARAM = rf' (?P<name>{_SD_NAME})="(?P<value>(?:[^"\\\]]|\\["\\\]])*)"'
_ELEMENT = (
    rf"\[(?P<id>{_SD_NAME})(?P<params>(?:{_PARAM.replace('?P<name>', '?:').replace('?P<value>', '?:')})*)\]"
)
_MESSAGE = re.compile(
    rf"<(?P<pri>\d{{1,3}})>(?P<version>[1-9]\d{{0,2}}) (?P<time>-|{_TIME}) (?P<hostname>-|{_PRINTUSASCII}{{1,255}})"
    rf" (?P<app>-|{_PRINTUSASCII}{{1,48}}) (?P<procid>-|{_PRINTUSASCII}{{1,128}}) (?P<msgid>-|{_PRINTUSASCII}{{1,32}})"
    rf" (?P<structured>-|(?:{_ELEMENT.replace('?P<id>', '?:').replace('?P<params>', '?:')})+)(?: \ufeff(?P<text>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Parsed:
    pri: int
    hostname: str
    msgid: str
    time: str
    parameters: dict[str, str]
    text: str


def parse(message: bytes) -> Parsed:
    """Strictly: everything is UTF-8, and nothing is left over."""
    found = _MESSAGE.fullmatch(message.decode("utf-8"))
    assert found is not None, message
    element = re.fullmatch(_ELEMENT, found["structured"])
    assert element is not None
    assert element["id"] == "event@32473"
    pairs = [
        (pair["name"], re.sub(r'\\(["\\\]])', r"\1", pair["value"]))
        for pair in re.finditer(_PARAM, element["params"])
    ]
    assert (found["version"], found["app"], found["procid"]) == ("1", "strongroom", "-")
    assert len(dict(pairs)) == len(pairs)
    return Parsed(
        int(found["pri"]), found["hostname"], found["msgid"], found["time"], dict(pairs), found["text"]
    )


def test_an_entry_is_a_message_with_its_facts_and_its_sentence() -> None:
    message = encode(said(facts=facts(name='blue "1" \\ ]')), hostname="pkgs.example.org", limit=8192)
    assert message.startswith(
        b'<109>1 2026-11-03T12:00:00.123456Z pkgs.example.org strongroom - factor.key_added [event@32473 serial="7"'
    )
    parsed = parse(message)
    assert parsed.text == "alice added the security key “blue”."
    assert parsed.parameters == {
        "serial": "7",
        "time": "2026-11-03T12:00:00.123456Z",
        "tag": "factor.key_added",
        "outcome": "done",
        "actorKind": "user",
        "actorId": "3",
        "actorName": "alice",
        "subject": "3",
        "address": "203.0.113.7",
        "client": "Mozilla/5.0 (X11)",
        "requestId": "0123456789abcdef",
        "details": orjson.dumps({"name": 'blue "1" \\ ]'}).decode(),
    }


def test_a_refusal_is_a_warning() -> None:
    message = encode(said(outcome="refused", reason="password_wrong"), hostname="h", limit=8192)
    assert (parse(message).pri, parse(message).parameters["reason"]) == (13 * 8 + 4, "password_wrong")


def test_nobody_forges_a_line_or_an_element() -> None:
    # AU-07
    evil = 'x"] <109>1 - - - - - -\n\r\x00\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}\udc80'
    message = encode(said(evil, actor_name=evil, client=evil, tag=evil), hostname=evil, limit=8192)
    parsed = parse(message)
    assert parsed.parameters["actorName"].startswith('x"] <109>1')
    assert all(text.isprintable() for text in (parsed.text, *parsed.parameters.values()))


@pytest.mark.parametrize(
    ("limit", "columns", "left_out"),
    [
        (2048, {"facts": facts(names=["ä" * 900])}, {"details"}),
        (1024, {"facts": facts(names=["ä" * 900]), "client": "🔑" * 200, "actor_name": "ä" * 100}, {"details", "client"}),
        (8192, {"facts": facts(names=["ä" * 900])}, set()),
    ],
)  # fmt: skip
def test_what_is_too_long_goes_before_what_is_short(
    limit: int, columns: dict[str, Any], left_out: set[str]
) -> None:
    message = encode(said(**columns), hostname="h", limit=limit)
    parsed = parse(message)
    assert len(message) <= limit
    assert {"details", "client", "actorName"} - set(parsed.parameters) == left_out
    assert (parsed.parameters.get("truncated"), parsed.parameters["serial"]) == (
        "yes" if left_out else None,
        "7",
    )
    assert parsed.text == "alice added the security key “blue”."


def test_a_sentence_is_cut_between_characters() -> None:
    message = encode(said("🔑" * 5000), hostname="h", limit=2048)
    assert 2044 < len(message) <= 2048
    assert set(parse(message).text) == {"🔑"}


_ANY = st.text(st.characters(), max_size=200)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(
    sentence=st.text(st.characters(), max_size=3000),
    columns=st.fixed_dictionaries(
        {
            "client": _ANY,
            "actor_name": st.text(st.characters(), max_size=100),
            "address": st.text(max_size=45),
            "outcome": st.sampled_from(["done", "refused"]),
            "serial": st.integers(1, 2**63 - 1),
            "time": st.datetimes(timezones=st.just(UTC)),
        }
    ),
    details=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=20), _JSON, max_size=5),
    hostname=st.text(st.characters(), max_size=300),
    limit=st.integers(1024, 8192),
)
def test_every_message_keeps_to_the_grammar_and_the_limit(
    sentence: str, columns: dict[str, Any], details: dict[str, Any], hostname: str, limit: int
) -> None:
    try:
        text = facts(details=details)
    except TypeError:
        return
    found = entry(**columns, facts=text)
    message = encode(Said(found, sentence), hostname=hostname, limit=limit)
    parsed = parse(message)
    assert len(message) <= limit
    assert parsed.parameters["serial"] == str(columns["serial"])
    assert message.decode("utf-8").replace("\ufeff", "", 1).isprintable()
