"""Requests to addresses that users chose: where they go, where never, and what comes back."""

import gc
import ipaddress
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from strongroom.kernel.outward import MAX_ANSWER, Outward, Unsent, is_public
from tests.support.patience import SECONDS
from tests.support.tls import certificate
from tests.trust.serving import Answer, Site, drip, flood, raw, redirect, silence, site, status

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture
def receiver() -> Iterator[Site]:
    with site() as running:
        yield running


def failure_of(outward: Outward, url: str) -> str:
    """Why nothing came of it, and that it did not take longer than agreed."""
    begin = time.monotonic()
    with pytest.raises(Unsent) as caught:
        outward.post(url, b"{}", headers={})
    assert time.monotonic() - begin < outward.seconds + 20
    return caught.value.failure.value


def always(*addresses: str) -> Outward:
    """Every name has these addresses."""
    return Outward(resolve=lambda _host, _port: list(addresses), seconds=SECONDS)


@pytest.mark.parametrize("url", ["", "localhost", "//localhost/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "https://", "https:///path", "https://alice@example.org/", "https://alice:secret@example.org/", "https://@example.org/", "https://example.org/#a", "https://example.org/#", "https://exa mple.org/", "https://example.org/\n", "https://example.org\\@127.0.0.1/", "https://ex\N{LATIN SMALL LETTER A WITH DIAERESIS}mple.org/", "https://[::1", "https://[fe80::1%25eth0]/", "https://[::1%eth0]/", "https://example.org:port/", "https://example.org:99999/", "https://example.org:0/", "https://a..b/", "https://.example.org/", "https://-a.example/", "https://" + "a" * 64 + ".example/", "https://example.org/" + "a" * 2000, "https://exa%6dple.org/"])  # fmt: skip
def test_what_is_no_plain_url_is_refused_without_looking_it_up(url: str) -> None:
    asked: list[str] = []
    outward = Outward(resolve=lambda host, _port: [asked.append(host) or "8.8.8.8"][:1])
    with pytest.raises(Unsent, match=r"^address_invalid$"):
        outward.check(url)
    assert failure_of(outward, url) == "address_invalid"
    assert asked == []


@pytest.mark.parametrize("port", [22, 25, 53, 110, 445, 587, 993, 1023])
def test_ports_of_machines_are_refused(port: int) -> None:
    assert failure_of(always("8.8.8.8"), f"https://example.org:{port}/") == "port_refused"


def test_plain_http_is_for_allowed_networks_alone() -> None:
    assert failure_of(always("8.8.8.8"), "http://example.org/") == "https_required"
    allowing = Outward(networks=LOOPBACK, resolve=lambda _host, _port: ["8.8.8.8"])
    assert failure_of(allowing, "http://example.org/") == "https_required"


@pytest.mark.parametrize("address", [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.9.9.9", "168.63.129.16", "169.254.169.254", "172.16.0.1",
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fec0::1", "ff02::1", "ff0e::1",
])  # fmt: skip
def test_addresses_that_are_not_anybodys_are_refused(address: str) -> None:  # SSRF
    assert not is_public(ipaddress.ip_address(address))
    assert failure_of(always(address), "https://example.org/") == "address_private"
    assert failure_of(always("8.8.8.8", address), "https://example.org/") == "address_private"


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_public_network_are_not(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "[::]", "0", "localhost", "[::ffff:7f00:1]"])  # fmt: skip
def test_this_machine_is_refused_in_every_spelling(host: str) -> None:
    """As the system's own resolver reads them."""
    with site() as running:
        running.answers["/"] = status(200)
        port = urlsplit(running.origin).port
        assert failure_of(Outward(seconds=SECONDS), f"https://{host}:{port}/") == "address_private"
        assert running.asked == []


def test_an_ip_address_is_vetted_before_anything_is_kept() -> None:
    for url in ("https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/meta-data/"):
        with pytest.raises(Unsent, match=r"^address_private$"):
            Outward().check(url)
    Outward(networks=LOOPBACK).check("http://127.0.0.1:8080/")


def test_a_name_server_that_answers_otherwise_the_second_time_gains_nothing(tmp_path: Path) -> None:
    # CR-12: DNS rebinding; the name is asked for once, and what was vetted is what is called
    made = certificate(tmp_path, "hooks.example")
    trusting = ssl.create_default_context(cafile=str(made.authority))
    with site(certificate=made) as good, site(host="127.0.0.2", certificate=made) as bad:
        good.answers["/"] = bad.answers["/"] = status(200)
        answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
        outward = Outward(
            networks=(ipaddress.ip_network("127.0.0.1/32"),),
            resolve=lambda _host, _port: next(answers),
            tls=trusting,
        )
        assert (
            outward.post(f"https://hooks.example:{urlsplit(good.origin).port}/", b"{}", headers={}).status
            == 200
        )
        assert failure_of(outward, f"https://hooks.example:{urlsplit(bad.origin).port}/") == "address_private"
        assert good.asked == ["POST /"]
        assert good.headers[0]["Host"] == f"hooks.example:{urlsplit(good.origin).port}"
        assert bad.asked == []


def test_the_certificate_must_be_for_the_name_that_was_called(tmp_path: Path) -> None:
    made = certificate(tmp_path / "one", "other.example")
    other = certificate(tmp_path / "two", "hooks.example")
    with site(certificate=made) as running:
        running.answers["/"] = status(200)
        for authority in (made.authority, other.authority):
            outward = Outward(
                networks=LOOPBACK,
                resolve=lambda _host, _port: ["127.0.0.1"],
                tls=ssl.create_default_context(cafile=str(authority)),
            )
            assert failure_of(outward, f"https://hooks.example:{urlsplit(running.origin).port}/") == "tls"
        assert running.asked == []


def test_the_usual_authorities_are_believed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path, "127.0.0.1")
    with site(certificate=made) as running:
        running.answers["/"] = status(200)
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        assert failure_of(Outward(networks=LOOPBACK), f"{running.origin}/") == "tls"
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
        assert Outward(networks=LOOPBACK).post(f"{running.origin}/", b"", headers={}).status == 200


def test_https_to_one_who_speaks_no_tls_is_said(receiver: Site) -> None:
    assert failure_of(Outward(networks=LOOPBACK), receiver.origin.replace("http:", "https:") + "/") == "tls"


def test_redirects_are_not_followed(receiver: Site) -> None:
    with site(host="127.0.0.2") as elsewhere:
        elsewhere.answers["/"] = status(200)
        receiver.answers["/"] = redirect(f"{elsewhere.origin}/")
        answer = Outward(networks=LOOPBACK).post(f"{receiver.origin}/", b"{}", headers={})
        assert (answer.status, answer.code) == (302, "redirect")
        assert elsewhere.asked == []


def test_a_proxy_of_the_environment_is_not_used(receiver: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        receiver.answers["/"] = status(200)
        assert Outward(networks=LOOPBACK).post(f"{receiver.origin}/", b"{}", headers={}).status == 200
        assert proxy.asked == []


def test_the_answer_comes_back_with_its_beginning(receiver: Site) -> None:
    receiver.answers["/a?b=c"] = status(503, headers="Retry-After: 7\r\n", body=b"x" * 5000)
    answer = Outward(networks=LOOPBACK).post(f"{receiver.origin}/a?b=c", b"{}", headers={"X-Test": "1"})
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "status_503", "7")
    assert answer.body == b"x" * MAX_ANSWER
    assert answer.is_private
    assert (receiver.asked, receiver.headers[0]["X-Test"]) == (["POST /a?b=c"], "1")


@pytest.mark.parametrize("length", [5 * 1024**3, None])
def test_an_endless_answer_is_not_read(
    receiver: Site, length: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers["/"] = flood(length=length)
    assert len(Outward(networks=LOOPBACK).post(f"{receiver.origin}/", b"{}", headers={}).body) == MAX_ANSWER
    gc.collect()
    assert (
        caplog.messages == []
    )  # such as "Task was destroyed but it is pending!", which who is sent to could fill a log with


@pytest.mark.parametrize("answer", [
    silence(10),
    drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"A: a\r\n" * 100 + b"\r\n{}", pause=0.05),
    drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, pause=0.05),
])  # fmt: skip
def test_patience_ends_however_an_answer_drips(receiver: Site, answer: Answer) -> None:
    receiver.answers["/"] = answer
    assert failure_of(Outward(networks=LOOPBACK, seconds=0.5), f"{receiver.origin}/") == "timeout"


def test_a_body_that_drips_does_not_undo_the_status(receiver: Site) -> None:
    receiver.answers["/"] = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 900, pause=0.01)
    answer = Outward(networks=LOOPBACK).post(f"{receiver.origin}/", b"{}", headers={})
    assert answer.code == ""
    assert 0 < len(answer.body) < 900


def test_patience_ends_with_a_silent_name_server() -> None:
    answered = threading.Event()

    def silent(_host: str, _port: int) -> list[str]:
        answered.wait(SECONDS)
        return []

    try:
        assert failure_of(Outward(resolve=silent, seconds=0.5), "https://hooks.example/") == "timeout"
    finally:
        answered.set()


@pytest.mark.parametrize("answer", [raw(b""), raw(b"SSH-2.0-OpenSSH_9.2p1\r\n"), raw(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 200_000)])  # fmt: skip
def test_what_is_no_http_is_said(receiver: Site, answer: Answer) -> None:
    receiver.answers["/"] = answer
    assert failure_of(Outward(networks=LOOPBACK), f"{receiver.origin}/") == "protocol"


def test_nobody_there_and_no_such_name_are_told_apart() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    with site() as gone:
        url = f"{gone.origin}/"
    assert failure_of(Outward(networks=LOOPBACK), url) == "connection"
    assert failure_of(Outward(resolve=unknown), "https://hooks.example/") == "address_unresolvable"
    assert failure_of(always(), "https://hooks.example/") == "address_unresolvable"


def test_the_next_address_is_tried_where_one_takes_no_connection(receiver: Site) -> None:
    receiver.answers["/"] = status(200)
    outward = Outward(networks=LOOPBACK, resolve=lambda _host, _port: ["127.0.0.3", "127.0.0.1"])
    port = urlsplit(receiver.origin).port
    assert outward.post(f"http://hooks.example:{port}/", b"{}", headers={}).status == 200
