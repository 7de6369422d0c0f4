"""Log records to a collector: judged by the messages of opentelemetry-proto, received over HTTP."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from strongroom import __version__
from strongroom.audit.sinks.otlp import Otlp
from strongroom.audit.sinks.sink import Undelivered
from strongroom.kernel import clock
from tests.audit.sinks.entries import NOON, facts, said


@dataclass
class Collector:
    """Listens on loopback; answers with ``status``, ``headers`` and ``body``."""

    status: int = 200
    largest: int = 10**9
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/logs"

    def requests(self) -> list[ExportLogsServiceRequest]:
        """Every field must be one of the real message's."""
        return [json_format.Parse(body, ExportLogsServiceRequest()) for _, _, body in self.asked]

    def records(self) -> list[Any]:
        return [
            record
            for request in self.requests()
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.asked.append((self.path, dict(self.headers), body))
            self.send_response(found.status if len(body) <= found.largest else 413)
            for name, value in {**found.headers, "Content-Length": str(len(found.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: Any) -> None:
            """Not in tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        serving.start()
        yield found
        server.shutdown()


@pytest.fixture
def otlp(collector: Collector) -> Iterator[Otlp]:
    opened = Otlp(
        collector.url, headers="authorization=Basic%20YTpi, x-scope = audit", hostname="pkgs.example.org"
    )
    yield opened
    opened.close()


def plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    match kind:
        case None:
            return None
        case "array_value":
            return [plain(item) for item in value.array_value.values]
        case "kvlist_value":
            return {pair.key: plain(pair.value) for pair in value.kvlist_value.values}
        case _:
            return getattr(value, kind)


def attributes(pairs: Any) -> dict[str, Any]:
    found = {pair.key: plain(pair.value) for pair in pairs}
    assert len(found) == len(pairs)
    return found


def test_an_entry_is_a_log_record_with_its_facts_and_its_sentence(collector: Collector, otlp: Otlp) -> None:
    otlp.send([said(facts=facts(name="blue"), project="demo", credential="t0ken", authenticated="passkey")])
    (record,) = collector.records()
    nanoseconds = int(NOON.timestamp()) * 10**9 + 123_456_000
    assert (record.time_unix_nano, record.observed_time_unix_nano) == (nanoseconds, nanoseconds)
    assert (record.severity_number, record.severity_text) == (10, "NOTICE")
    assert (record.event_name, plain(record.body)) == (
        "factor.key_added",
        "alice added the security key “blue”.",
    )
    assert attributes(record.attributes) == {
        "strongroom.audit.serial": 7,
        "strongroom.audit.outcome": "done",
        "strongroom.audit.actor.kind": "user",
        "user.id": "3",
        "user.name": "alice",
        "strongroom.audit.subject.id": 3,
        "strongroom.project": "demo",
        "strongroom.audit.authenticated": "passkey",
        "strongroom.audit.credential": "t0ken",
        "client.address": "203.0.113.7",
        "user_agent.original": "Mozilla/5.0 (X11)",
        "strongroom.request.id": "0123456789abcdef",
        "strongroom.audit.details.name": "blue",
    }
    (resource,) = collector.requests()[0].resource_logs
    assert attributes(resource.resource.attributes) == {
        "service.name": "strongroom",
        "service.version": __version__,
        "server.address": "pkgs.example.org",
    }
    assert resource.scope_logs[0].scope.name == "strongroom.audit"


def test_it_goes_with_the_configured_headers(collector: Collector, otlp: Otlp) -> None:
    otlp.send([said()])
    ((path, headers, _),) = collector.asked
    assert path == "/v1/logs"
    found = {name.lower(): value for name, value in headers.items()}
    assert (found["authorization"], found["x-scope"]) == ("Basic YTpi", "audit")
    assert found["content-type"] == "application/json"


def test_whatever_details_hold_arrives_as_it_is(collector: Collector, otlp: Otlp) -> None:
    details = {
        "a": [1, "two", None, True, {"x": [2.5]}],
        "b": 2**53,
        "c": False,
        "d": {"before": None, "after": -1},
        "e": 2**63,
    }
    otlp.send([said(facts=facts(**details))])
    found = attributes(collector.records()[0].attributes)
    kept = {name: found[f"strongroom.audit.details.{name}"] for name in details}
    assert kept == {**details, "e": str(2**63)}


def test_a_refusal_is_a_warning_and_nothing_forges_a_line(collector: Collector, otlp: Otlp) -> None:
    # AU-07
    evil = "x\r\n\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}"
    otlp.send([said(evil, outcome="refused", reason="password_wrong", client=evil)])
    (record,) = collector.records()
    assert (record.severity_number, record.severity_text) == (13, "WARNING")
    assert plain(record.body).isprintable()
    assert attributes(record.attributes)["user_agent.original"].isprintable()


def test_a_batch_is_one_request_in_its_order_and_the_connection_stays(
    collector: Collector, otlp: Otlp
) -> None:
    for start in (0, 200):
        otlp.send([said(serial=serial) for serial in range(start + 1, start + 201)])
    serials = [attributes(record.attributes)["strongroom.audit.serial"] for record in collector.records()]
    assert (len(collector.asked), serials) == (2, list(range(1, 401)))


@pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500, 502, 503, 504])
def test_what_is_not_taken_is_to_be_sent_again(collector: Collector, otlp: Otlp, status: int) -> None:
    collector.status, collector.headers = status, {"Location": "http://127.0.0.1:1/"}
    with pytest.raises(Undelivered) as failure:
        otlp.send([said()])
    assert (failure.value.reason, failure.value.retry_after) == (f"HTTP status {status}", None)
    assert len(collector.asked) == 1


def test_a_batch_that_is_too_large_for_the_collector_goes_in_parts(collector: Collector, otlp: Otlp) -> None:
    otlp.send([said(serial=1)])
    collector.largest = 3 * len(collector.asked.pop()[2])
    otlp.send([said(serial=serial) for serial in range(1, 11)])
    taken = [request for request in collector.asked if len(request[2]) <= collector.largest]
    assert len(taken) < len(collector.asked)
    collector.asked = taken
    serials = [attributes(record.attributes)["strongroom.audit.serial"] for record in collector.records()]
    assert serials == list(range(1, 11))
    collector.largest = 10
    with pytest.raises(Undelivered, match="HTTP status 413"):
        otlp.send([said(serial=serial) for serial in range(1, 11)])


def test_the_collector_says_how_long_to_wait(collector: Collector, otlp: Otlp) -> None:
    for status, header in ((429, "120"), (503, format_datetime(clock.now() + timedelta(seconds=120)))):
        collector.status, collector.headers = status, {"Retry-After": header}
        with pytest.raises(Undelivered) as failure:
            otlp.send([said()])
        assert failure.value.retry_after == pytest.approx(120, abs=5)
    collector.headers = {"Retry-After": "soon"}
    with pytest.raises(Undelivered) as failure:
        otlp.send([said()])
    assert failure.value.retry_after is None


def test_what_the_collector_rejects_is_logged_and_not_sent_again(
    collector: Collector, otlp: Otlp, caplog: pytest.LogCaptureFixture
) -> None:
    partial = {"partialSuccess": {"rejectedLogRecords": "3", "errorMessage": "too old"}}
    collector.body = json.dumps(partial).encode()
    with caplog.at_level(logging.ERROR):
        otlp.send([said()])
    (found,) = caplog.records
    assert (found.__dict__["count"], found.__dict__["reason"]) == (3, "too old")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"ok", b"[]", b'{"partialSuccess": null}', b'{"partialSuccess": 1}']
)
def test_any_other_answer_to_what_was_taken_means_that_it_was_taken(
    collector: Collector, otlp: Otlp, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    collector.body = body
    otlp.send([said()])
    assert caplog.records == []


def test_a_collector_that_is_away_and_comes_back() -> None:
    opened = Otlp("http://127.0.0.1:1/v1/logs", headers="", hostname="h")
    with pytest.raises(Undelivered, match="ConnectError"):
        opened.send([said()])
    opened.close()


@pytest.mark.parametrize("headers", ["authorization", "=value", "a=b,c"])
def test_headers_without_name_and_value_are_a_mistake(headers: str) -> None:
    with pytest.raises(ValueError, match="name=value"):
        Otlp("http://127.0.0.1:1/v1/logs", headers=headers, hostname="h")
