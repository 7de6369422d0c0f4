"""Every event, each of its fields filled by somebody hostile, wherever people see or take it: it is only ever text."""

import csv
import json
import re
from dataclasses import fields
from io import StringIO
from typing import Any, get_type_hints

import pytest
from django.db import transaction

from strongroom.accounts.models import User
from strongroom.audit import event, trail
from strongroom.audit.event import Event
from strongroom.audit.models import Entry
from strongroom.audit.search import PAGE
from strongroom.audit.sinks import rfc5424
from strongroom.audit.sinks.log_records import request
from strongroom.audit.sinks.sink import Said
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.web import saying
from tests.support.people import person
from tests.web.browsing import browser_of, operator, text_of
from tests.web.content import publish

pytestmark = pytest.mark.django_db

HOSTILE = "=1+1<script>alert(1)</script>\"'onmouseover=x {{ request }}{% x %}%(actor)s javascript:x ]\\\r\n\x1b[2J\u202e\u2028"
TRACES = (
    "\"'onmouseover",
    "<script>alert",
    "\x1b",
    "\u202e",
    "\u2028",
    "WSGIRequest",
    'href="javascript:',
    "%(actor)s tried",
)


# SD-ID, then SD-PARAMs whose values hold '"', '\\' and ']' escaped alone (RFC 5424 §6.3.3).
ELEMENT = re.compile(r'event@32473(?: \w+="(?:[^"\\\]]|\\["\\\]])*")*')


def hostile(kind: type[Event], **columns: Any) -> Event:
    """One of ``kind`` whose every field is hostile, so far as its type lets it be."""
    hints = get_type_hints(kind)
    own = [field.name for field in fields(kind) if field.name not in {"subject_id", "project"}]
    return kind(**columns, **{name: _value(hints[name]) for name in own})


def _value(hint: Any) -> Any:
    if hint in (int, bool, float):
        return hint(7)
    text = str(hint)
    if "Mapping" in text or text.startswith("dict"):
        return {HOSTILE: [HOSTILE]}
    if text.startswith(("tuple", "list")):
        return [HOSTILE, [HOSTILE]]
    return 7 if hint == int | None else HOSTILE


def everything_happens(subject: User, *, by: Actor) -> int:
    with transaction.atomic():
        for kind in event.kinds().values():
            trail.record(hostile(kind, subject_id=subject.pk, project="strong-box"), by=by)
            trail.record(
                hostile(kind, subject_id=subject.pk, project="strong-box"), by=by, refused="totp_wrong"
            )
    return 2 * len(event.kinds())


@pytest.fixture
def alice(db: None) -> User:
    alice = person("alice")
    publish(alice)
    stranger = Actor(
        kind=ActorKind.TOKEN, origin=Origin("203.0.113.9", HOSTILE, "a" * 16), username=HOSTILE[:100]
    )
    assert everything_happens(alice, by=stranger) > 100
    return alice


@pytest.mark.parametrize("path", ["/manage/account/history/", "/manage/project/strong-box/history/", "/operate/audit/"])  # fmt: skip
def test_no_page_takes_a_field_for_more_than_text(alice: User, path: str) -> None:  # AU-07
    browser = browser_of(operator() if path.startswith("/operate") else alice)
    seen, before = 0, str(Entry.objects.latest("serial").serial + 1)
    while seen < 2 * len(event.kinds()):
        answer = browser.get(path, {"before": before})
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        text = text_of(answer)
        assert [trace for trace in TRACES if trace in text] == []
        seen, before = seen + PAGE, str(int(before) - PAGE)


@pytest.mark.parametrize("path", ["/manage/account/history/", "/manage/project/strong-box/history/", "/operate/audit/"])  # fmt: skip
def test_no_file_takes_a_field_for_a_formula_or_a_line(alice: User, path: str) -> None:  # AU-07, AD-08
    browser = browser_of(operator() if path.startswith("/operate") else alice)
    for name in ("csv", "jsonl"):
        answer = browser.get(f"{path}download/", {"format": name})
        assert answer.status_code == 200, text_of(answer)
        assert "no-store" in answer["Cache-Control"]
        assert answer["Content-Disposition"].startswith("attachment")
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        if name == "jsonl":
            assert all(json.loads(line) for line in text.split("\n") if line)
            continue
        rows = list(csv.reader(StringIO(text)))
        assert len(rows) > 2 * len(event.kinds())
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
        assert not [trace for trace in ("\x1b", "\u202e", "\u2028", "\n\n") if trace in text]


def test_no_sink_takes_a_field_for_a_line_or_an_element(alice: User) -> None:  # AU-07
    entries = list(Entry.objects.order_by("serial"))
    names = saying.names_of(entries)
    for entry in entries:
        said = Said(entry, saying.sentence(entry, names, shows_origin=True))
        message = rfc5424.encode(said, hostname=HOSTILE, limit=8192)
        assert {letter for letter in message.decode() if not letter.isprintable()} == {"\ufeff"}  # the BOM
        assert len(message) <= 8192
        element = message.partition(b" [")[2].partition(b"] \xef\xbb\xbf")[0].decode()
        assert ELEMENT.fullmatch(element), element
        sent = json.dumps(request([said], hostname=HOSTILE), ensure_ascii=False)
        assert not [trace for trace in ("\\u001b", "\x1b", "\u202e", "\u2028", "\\r", "\\n") if trace in sent]
