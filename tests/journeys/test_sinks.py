"""A running site and its sinks: what happens there arrives at rsyslog and at a collector, also over deaths and absences."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from strongroom.audit.sinks.configured import OTLP, SYSLOG
from tests.support.console import console_of
from tests.support.patience import until
from tests.support.postgresql import free_port
from tests.support.publishing import add_person
from tests.support.rsyslog import Rsyslog, running_rsyslog
from tests.support.server import Server, running_server

pytestmark = pytest.mark.journey


class Collector:
    """Keeps the serials and the bodies of log records."""

    def __init__(self) -> None:
        self.port = free_port()
        self.records: list[tuple[int, str]] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        keep = self._keep

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                keep(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Not in tests."""

        with ThreadingHTTPServer(("127.0.0.1", self.port), Handler) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield
            server.shutdown()

    def _keep(self, body: bytes) -> None:
        request = json_format.Parse(body, ExportLogsServiceRequest())
        for record in request.resource_logs[0].scope_logs[0].log_records:
            found = {pair.key: pair.value for pair in record.attributes}
            self.records.append((found["strongroom.audit.serial"].int_value, record.body.string_value))


def from_rsyslog(rsyslog: Rsyslog) -> list[tuple[int, str]]:
    found = []
    for message in rsyslog.messages(0):
        serial = re.search(r'serial="(\d+)"', message["structured"])
        assert serial is not None
        found.append((int(serial[1]), message["text"].removeprefix("\ufeff")))
    return found


@pytest.fixture
def collector() -> Collector:
    return Collector()


@pytest.fixture
def rsyslog(tmp_path: Path) -> Iterator[Rsyslog]:
    with running_rsyslog(tmp_path / "rsyslog") as running:
        yield running


@pytest.fixture
def site(
    tmp_path: Path, rsyslog: Rsyslog, collector: Collector, fresh_database_url: str | None
) -> Iterator[Server]:
    env = {
        "STRONGROOM_AUDIT__SYSLOG": f"tcp://127.0.0.1:{rsyslog.tcp}",
        "STRONGROOM_AUDIT__OTLP_URL": f"http://127.0.0.1:{collector.port}/v1/logs",
        "STRONGROOM_SERVER__WORKERS": "2",
    }
    with running_server(tmp_path / "data", database_url=fresh_database_url, env=env) as server:
        yield server


def wait_for(names: list[str], received: Any) -> list[tuple[int, str]]:
    """What was received, once an account of each name is told of."""
    until(lambda: all(any(name in text for _, text in received()) for name in names), pause=0.1)
    return list(received())


def without_repeats(received: list[tuple[int, str]]) -> list[int]:
    return list(dict.fromkeys(serial for serial, _ in received))


def test_every_event_arrives_in_order_whatever_dies_in_between(
    site: Server, rsyslog: Rsyslog, collector: Collector
) -> None:
    names = ["first1", "second2", "third3", "fourth4"]
    with console_of(site) as console:
        until(lambda: {SYSLOG, OTLP} <= set(console("followers")))
    with collector.listening():
        add_person(site, names[0])
        for received in (lambda: from_rsyslog(rsyslog), lambda: collector.records):
            wait_for(names[:1], received)
    rsyslog.stop()  # now both are away
    add_person(site, names[1])
    until(lambda: "a sink of the audit trail takes no events" in site.log)
    site.kill()
    add_person(site, names[2])
    rsyslog.start()
    with collector.listening():
        site.start()
        add_person(site, names[3])
        syslog = wait_for(names, lambda: from_rsyslog(rsyslog))
        otlp = wait_for(names, lambda: collector.records)
    for arrived in (syslog, otlp):
        serials = without_repeats(arrived)
        assert serials == sorted(serials)
    assert without_repeats(syslog) == without_repeats(otlp)
