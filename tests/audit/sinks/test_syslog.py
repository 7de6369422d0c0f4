"""Syslog to a real rsyslogd over UDP and TCP, to a TLS listener, and to nobody."""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from strongroom.audit.sinks.sink import Undelivered
from strongroom.audit.sinks.syslog import STREAM_SIZE, syslog
from tests.audit.sinks.entries import facts, said
from tests.support.patience import SECONDS
from tests.support.postgresql import free_port
from tests.support.rsyslog import Rsyslog, running_rsyslog
from tests.support.tls import certificate

HOSTNAME = "pkgs.example.org"


@pytest.fixture
def rsyslog(tmp_path: Path) -> Iterator[Rsyslog]:
    with running_rsyslog(tmp_path / "rsyslog") as running:
        yield running


def urls(rsyslog: Rsyslog) -> dict[str, str]:
    return {
        "udp": f"udp://127.0.0.1:{rsyslog.udp}",
        "tcp": f"tcp://127.0.0.1:{rsyslog.tcp}",
    }


def serials(messages: list[dict[str, str]]) -> list[int]:
    return [
        int(found[1])
        for message in messages
        if (found := re.search(r'serial="(\d+)"', message["structured"]))
    ]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_rsyslog_reads_each_part_of_a_message(rsyslog: Rsyslog, transport: str) -> None:
    name = 'blue "1" \\ ] €'
    with closing(syslog(urls(rsyslog)[transport], hostname=HOSTNAME)) as sink:
        sink.send([said(outcome="refused", reason="password_wrong", facts=facts(name=name))])
    (message,) = rsyslog.messages(1)
    assert (message["pri"], message["time"]) == ("108", "2026-11-03T12:00:00.123456Z")
    assert (message["hostname"], message["app"], message["procid"]) == (HOSTNAME, "strongroom", "-")
    assert message["msgid"] == "factor.key_added"
    assert message["text"].removeprefix("\ufeff") == "alice added the security key “blue”."
    assert message["structured"].startswith('[event@32473 serial="7" ')
    details = re.search(r'details="((?:[^"\\]|\\.)*)"', message["structured"])
    assert details is not None
    assert orjson.loads(re.sub(r"\\([\"\\\]])", r"\1", details[1])) == {"name": name}


def test_a_stream_carries_batches_in_order_and_long_messages_whole(rsyslog: Rsyslog) -> None:
    long = facts(names=["x" * 4000])
    with closing(syslog(urls(rsyslog)["tcp"], hostname=HOSTNAME)) as sink:
        for start in range(0, 1000, 200):
            sink.send([said(serial=start + number, facts=long) for number in range(200)])
    messages = rsyslog.messages(1000)
    assert serials(messages) == list(range(1000))
    assert all("x" * 4000 in message["structured"] for message in messages)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_no_message_is_longer_than_receivers_take(rsyslog: Rsyslog, transport: str) -> None:
    with closing(syslog(urls(rsyslog)[transport], hostname=HOSTNAME)) as sink:
        sink.send([said("🔑" * 10_000, serial=1), said(serial=2)])
    first, second = rsyslog.messages(2)
    assert set(first["text"].removeprefix("\ufeff")) == {"🔑"}
    assert second["text"].removeprefix("\ufeff") == "alice added the security key “blue”."


def test_after_a_restart_of_the_receiver_nothing_is_missing(rsyslog: Rsyslog) -> None:
    with closing(syslog(urls(rsyslog)["tcp"], hostname=HOSTNAME)) as sink:
        sink.send([said(serial=1)])
        rsyslog.messages(1)
        rsyslog.stop()
        with pytest.raises(Undelivered):
            sink.send([said(serial=2)])
        rsyslog.start()
        sink.send([said(serial=2)])
    assert serials(rsyslog.messages(2)) == [1, 2]


def test_a_receiver_that_closes_while_it_is_sent_to_has_not_got_it() -> None:
    """What was sent lies in its memory, unread: TCP says so with a reset."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sink = syslog(f"tcp://127.0.0.1:{server.getsockname()[1]}", hostname=HOSTNAME)

        def hang_up() -> None:
            server.accept()[0].close()

        accepted = threading.Thread(target=hang_up)
        accepted.start()
        with pytest.raises(Undelivered):
            for _ in range(3):
                sink.send([said()])
                accepted.join()
        sink.close()


def test_nobody_there_is_undelivered() -> None:
    for scheme in ("tcp", "tls"):
        sink = syslog(f"{scheme}://127.0.0.1:{free_port()}", hostname=HOSTNAME)
        with pytest.raises(Undelivered, match="refused"):
            sink.send([said()])
    sink = syslog("udp://no-such-host.invalid", hostname=HOSTNAME)
    with pytest.raises(Undelivered):
        sink.send([said()])


def test_nobody_at_the_port_is_told_over_udp_from_the_second_message_on() -> None:
    sink = syslog(f"udp://127.0.0.1:{free_port()}", hostname=HOSTNAME)
    with pytest.raises(Undelivered, match="refused"):
        sink.send([said(serial=serial) for serial in range(100)])


class _TlsListener:
    """Reads frames as RFC 5425 spells them."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.certificate = certificate(folder, *names)
        self.frames: list[bytes] = []
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(self.certificate.chain, self.certificate.key)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        plain, _ = self._server.accept()
        try:
            with self._context.wrap_socket(plain, server_side=True) as stream, stream.makefile("rb") as read:
                while length := _number(read):
                    self.frames.append(read.read(length))
        except OSError:
            return

    def end(self) -> None:
        self._thread.join(SECONDS)
        self._server.close()


def _number(read: object) -> int:
    digits = b""
    while (byte := read.read(1)) not in {b" ", b""}:  # type: ignore[attr-defined]
        digits += byte
    return int(digits or b"0")


def test_tls_carries_frames_to_whom_the_authorities_vouch_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = _TlsListener(tmp_path, "localhost", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(listener.certificate.authority))
    sink = syslog(f"tls://localhost:{listener.port}", hostname=HOSTNAME)
    sink.send([said(serial=1), said("x" * 20_000, serial=2)])
    sink.send([said(serial=3)])
    sink.close()
    listener.end()
    assert [re.search(rb'serial="(\d)"', frame)[1] for frame in listener.frames] == [b"1", b"2", b"3"]  # type: ignore[index]
    assert len(listener.frames[1]) == STREAM_SIZE


def test_tls_sends_nothing_to_anybody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = _TlsListener(tmp_path / "stranger", "localhost")
    sink = syslog(f"tls://localhost:{stranger.port}", hostname=HOSTNAME)
    with pytest.raises(Undelivered, match="certificate"):
        sink.send([said()])
    stranger.end()
    other = _TlsListener(tmp_path / "other", "other.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.certificate.authority))
    sink = syslog(f"tls://localhost:{other.port}", hostname=HOSTNAME)
    with pytest.raises(Undelivered, match="certificate"):
        sink.send([said()])
    other.end()
    assert stranger.frames + other.frames == []
