"""Documents from issuers: fetched within bounds of time, size and place, whatever the other side does."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from strongroom.trust import fetch
from strongroom.trust.fetch import MAX_BYTES, Unreachable, get_json
from tests.support.patience import SECONDS
from tests.support.tls import certificate
from tests.trust.serving import Answer, Site, document, drip, flood, raw, redirect, silence, site, status


@pytest.fixture
def issuer() -> Iterator[Site]:
    with site() as running:
        yield running


def reason_of(url: str, *, seconds: float = SECONDS) -> str:
    """Why nothing came of it, and that this did not take longer than agreed."""
    begin = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        get_json(url, seconds=seconds)
    assert time.monotonic() - begin < seconds + 20
    return caught.value.reason


def test_a_document_is_fetched(issuer: Site) -> None:
    issuer.answers["/a?b=c"] = document({"a": [1, {"b": None}]})
    assert get_json(f"{issuer.origin}/a?b=c") == {"a": [1, {"b": None}]}
    assert issuer.asked == ["GET /a?b=c"]
    assert issuer.headers[0]["Accept-Encoding"] == "identity"
    assert "Authorization" not in issuer.headers[0]
    assert "Cookie" not in issuer.headers[0]


@pytest.mark.parametrize("url", ["http://example.org/", "http://192.0.2.1/", "http://localhost.example.org/", "http://127.0.0.1.example.org/", "ftp://localhost/", "file:///etc/passwd", "data:application/json,{}", "//localhost/", "localhost", "", "https://", "https:///path", "https://alice@example.org/", "https://alice:secret@example.org/", "https://@example.org/", "https://example.org/#a", "https://exa mple.org/", "https://example.org/\n", "https://ex\N{LATIN SMALL LETTER A WITH DIAERESIS}mple.org/", "https://[::1", "https://example.org:port/", "https://example.org:99999/"])  # fmt: skip
def test_only_https_is_fetched_or_http_on_this_machine(url: str) -> None:  # TP-27, W25
    assert reason_of(url).startswith("the address ")


@pytest.mark.parametrize(("host", "is_local", "is_public"), [
    ("localhost", True, False), ("127.0.0.1", True, False), ("127.9.9.9", True, False), ("::1", True, False),
    ("localhost.", False, False), ("a.localhost", False, False), ("127.1", False, False), ("0x7f.1", False, False),
    ("2130706433", False, False), ("0.0.0.0", False, False), ("169.254.169.254", False, False), ("fe80::1", False, False),
    ("::ffff:127.0.0.1", False, False), ("metadata", False, False), ("10.0.0.1.", False, False), ("", False, False),
    ("keys.example.org", False, True), ("example.org.", False, True), ("xn--bcher-kva.example", False, True),
])  # fmt: skip
def test_hosts_are_told_apart_without_looking_them_up(host: str, is_local: bool, is_public: bool) -> None:
    # TP-27
    assert (fetch.is_loopback(host), fetch.is_public_name(host)) == (is_local, is_public)


@pytest.mark.parametrize(("answer", "reason"), [
    (status(404), "the answer has status 404"),
    (status(500), "the answer has status 500"),
    (status(204, body=b""), "the answer has status 204"),
    (status(206), "the answer has status 206"),
    (redirect("http://169.254.169.254/"), "the answer has status 302"),
    (redirect("/elsewhere"), "the answer has status 302"),
    (document([]), "the answer is not a JSON object"),
    (document(b""), "the answer is not a JSON object"),
    (document(b"<html>"), "the answer is not a JSON object"),
    (document(b'{"issuer": 1, "issuer": 2}'), "the answer is not a JSON object"),
    (document(b'{"a": NaN}'), "the answer is not a JSON object"),
    (document(b"\xff{}"), "the answer is not a JSON object"),
    (document(b"[" * 100_000), "the answer is not a JSON object"),
    (document(b'{"a":' + b"[" * 4000 + b"]" * 4000 + b"}"), "the answer is not a JSON object"),
    (document(gzip.compress(b"{}"), headers="Content-Encoding: gzip\r\n"), "the answer is packed, which was not asked for"),
    (document({"a": "x" * MAX_BYTES}), f"the answer is larger than {MAX_BYTES} bytes"),
    (flood(length=5 * 1024**3), f"the answer is larger than {MAX_BYTES} bytes"),
    (flood(length=None), f"the answer is larger than {MAX_BYTES} bytes"),
    (raw(b""), "no answer (RemoteProtocolError)"),
    (raw(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "no answer (RemoteProtocolError)"),
    (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), "no answer (RemoteProtocolError)"),
    (raw(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 200_000), "no answer (RemoteProtocolError)"),
])  # fmt: skip
def test_what_is_no_small_json_object_is_refused(issuer: Site, answer: Answer, reason: str) -> None:
    # TP-27, W25
    issuer.answers["/"] = answer
    issuer.answers["/elsewhere"] = document({})
    assert reason_of(f"{issuer.origin}/") == reason
    assert issuer.asked == ["GET /"]


def test_the_largest_document_is_fetched(issuer: Site) -> None:
    issuer.answers["/"] = document({"a": "x" * (MAX_BYTES - len(json.dumps({"a": ""})))})
    assert get_json(f"{issuer.origin}/")


@pytest.mark.parametrize("answer", [
    silence(10),
    drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"A: a\r\n" * 100 + b"\r\n{}", pause=0.05),
    drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{" + b" " * 98 + b"}", pause=0.02),
    drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, pause=0.05),
])  # fmt: skip
def test_patience_ends_however_an_answer_drips(issuer: Site, answer: Answer) -> None:  # TP-27
    issuer.answers["/"] = answer
    assert reason_of(f"{issuer.origin}/", seconds=0.5) == "no complete answer in time"


def test_nobody_there_is_said_at_once() -> None:  # TP-27
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert reason_of(f"http://127.0.0.1:{taken.getsockname()[1]}/") == "no answer (ConnectError)"


def test_patience_ends_with_one_who_takes_no_connection() -> None:  # TP-27
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        assert (
            reason_of(f"http://127.0.0.1:{listening.getsockname()[1]}/", seconds=0.5)
            == "no complete answer in time"
        )


def test_patience_ends_with_a_silent_name_server(monkeypatch: pytest.MonkeyPatch) -> None:  # TP-27
    answered = threading.Event()

    def silent(*_words: Any, **_names: Any) -> list[Any]:
        answered.wait(SECONDS)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    try:
        assert reason_of("https://issuer.example/", seconds=0.5) == "no complete answer in time"
    finally:
        answered.set()


def test_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = certificate(tmp_path / "ours", "127.0.0.1")
    with site(certificate=made) as running:
        running.answers["/"] = document({"a": 1})
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        assert reason_of(f"{running.origin}/") == "no answer (ConnectError)"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path / "other", "127.0.0.1").authority))
        assert reason_of(f"{running.origin}/") == "no answer (ConnectError)"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
        assert reason_of(f"{running.origin}/") == "no answer (FileNotFoundError)"
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
        assert get_json(f"{running.origin}/") == {"a": 1}
        assert reason_of(running.origin.replace("127.0.0.1", "localhost") + "/") == "no answer (ConnectError)"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
def test_no_proxy_stands_between_us_and_this_machine(
    issuer: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with site() as proxy:
        monkeypatch.setenv(name, proxy.origin)
        issuer.answers["/"] = document({"a": 1})
        assert get_json(f"{issuer.origin}/") == {"a": 1}
        assert proxy.asked == []


def test_the_way_out_may_lead_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with site() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert reason_of("https://issuer.example/") == "no answer (ProxyError)"
        assert proxy.asked == ["CONNECT issuer.example:443"]
