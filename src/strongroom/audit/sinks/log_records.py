"""Entries as OpenTelemetry log records, in the JSON of OTLP (opentelemetry-proto, ``ExportLogsServiceRequest``).

Field names are in lowerCamelCase, integers of 64 bits are decimal strings (OTLP, "JSON Protobuf Encoding").
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from strongroom import __version__
from strongroom.audit.document import document
from strongroom.audit.search import EVERYTHING
from strongroom.audit.sinks.sink import Said
from strongroom.audit.trail import printable

DETAILS: Final = "strongroom.audit.details."
"""What the attributes begin with that are the event's own fields."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_INT64: Final = range(-(2**63), 2**63)

# SeverityNumber, and the text of syslog that stands for it ("Mapping of SeverityNumber").
_NOTICE: Final = (10, "NOTICE")
_WARNING: Final = (13, "WARNING")


def request(batch: Sequence[Said], *, hostname: str) -> dict[str, Any]:
    """One ``ExportLogsServiceRequest`` with all of them, in their order."""
    resource = {"service.name": "strongroom", "service.version": __version__, "server.address": hostname}
    records = [_record(said) for said in batch]
    scope = {"scope": {"name": "strongroom.audit", "version": __version__}, "logRecords": records}
    return {"resourceLogs": [{"resource": {"attributes": _attributes(resource)}, "scopeLogs": [scope]}]}


def _record(said: Said) -> dict[str, Any]:
    number, text = _WARNING if said.entry.outcome == "refused" else _NOTICE
    nanoseconds = str((said.entry.time - _EPOCH) // _MICROSECOND * 1000)
    return {
        "timeUnixNano": nanoseconds,
        "observedTimeUnixNano": nanoseconds,
        "severityNumber": number,
        "severityText": text,
        "body": _value(said.sentence),
        "eventName": said.entry.tag,
        "attributes": _attributes(_facts(document(said.entry, EVERYTHING))),
    }


def _facts(found: Mapping[str, Any]) -> dict[str, Any]:
    """By the names of OpenTelemetry's conventions where there are some; what is empty is left out."""
    actor = found["actor"]
    named = {
        "strongroom.audit.serial": found["serial"],
        "strongroom.audit.outcome": found["outcome"],
        "strongroom.audit.reason": found["reason"],
        "strongroom.audit.actor.kind": actor["kind"],
        "user.id": str(actor["id"]) if actor["id"] is not None else "",
        "user.name": actor["name"],
        "strongroom.audit.subject.id": found["subject"],
        "strongroom.project": found["project"],
        "strongroom.audit.authenticated": found["authenticated"],
        "strongroom.audit.credential": found["credential"],
        "client.address": found["address"],
        "strongroom.audit.address_pseudonym": found["address_pseudonym"],
        "user_agent.original": found["client"],
        "strongroom.request.id": found["request_id"],
    }
    details = {f"{DETAILS}{name}": value for name, value in sorted(found["details"].items())}
    return {name: value for name, value in (named | details).items() if value not in (None, "")}


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A list of ``KeyValue``."""
    return [{"key": printable(name), "value": _value(value)} for name, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    """An ``AnyValue``; an empty one for ``None``."""
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case int() if value in _INT64:
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [_value(item) for item in value]}}
        case dict():
            return {"kvlistValue": {"values": _attributes(value)}}
        case _:
            return {"stringValue": printable(str(value))}
