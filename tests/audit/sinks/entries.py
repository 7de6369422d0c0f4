"""Entries for the tests of sinks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from strongroom.audit import trail
from strongroom.audit.events import DownloadsAsked
from strongroom.audit.models import Entry
from strongroom.audit.sinks.sink import Said
from strongroom.kernel.actor import Actor

NOON = datetime(2026, 11, 3, 12, 0, 0, 123456, tzinfo=UTC)


def entry(**columns: Any) -> Entry:
    """An entry that is in no database."""
    values = {
        "serial": 7,
        "time": NOON,
        "tag": "factor.key_added",
        "outcome": "done",
        "actor_kind": "user",
        "actor_id": 3,
        "actor_name": "alice",
        "subject_id": 3,
        "address": "203.0.113.7",
        "client": "Mozilla/5.0 (X11)",
        "request_id": "0123456789abcdef",
    }
    return Entry(**values | columns)


def said(sentence: str = "alice added the security key “blue”.", **columns: Any) -> Said:
    return Said(entry(**columns), sentence)


def facts(**values: Any) -> str:
    """What stands in the column of this name."""
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()


def record(*filenames: str) -> None:
    """An event for each name, in the database."""
    for filename in filenames:
        event = DownloadsAsked(filenames=(filename,), since="2026-11-01", until="2026-11-02", count=0)
        trail.record(event, by=Actor.console())


def say(entries: Sequence[Entry]) -> list[str]:
    """What such entries say here: the filename."""
    return [str(entry.details["filenames"][0]) for entry in entries]
