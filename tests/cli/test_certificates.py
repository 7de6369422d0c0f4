"""``serve`` and ``check`` look at the certificate before anybody else does."""

import ssl
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.support.clients import run
from tests.support.patience import SECONDS
from tests.support.postgresql import free_port
from tests.support.server import STRONGROOM, running_server
from tests.support.tls import Certificate, certificate


@pytest.fixture
def good(tmp_path: Path) -> Certificate:
    return certificate(tmp_path / "good", "localhost")


def settings(chain: Path, key: Path) -> dict[str, str]:
    return {"STRONGROOM_SERVER__TLS_CERTIFICATE": str(chain), "STRONGROOM_SERVER__TLS_KEY": str(key)}


def test_a_site_speaks_https_without_a_proxy(good: Certificate, tmp_path: Path) -> None:
    with running_server(tmp_path / "data", certificate=good) as server:
        assert server.base_url == f"https://localhost:{server.port}"
        trusting = ssl.create_default_context(cafile=str(good.authority))
        with httpx.Client(verify=trusting, trust_env=False, timeout=SECONDS) as client:
            told = client.get(f"{server.base_url}/_/oidc/audience").json()
            assert told == {"audience": server.base_url}
            answer = client.get(f"{server.base_url}/account/login/")
            assert "max-age=" in answer.headers["strict-transport-security"]
            assert "__Host-" in answer.headers["set-cookie"]
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.base_url}/healthz", trust_env=False, timeout=SECONDS)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://localhost:{server.port}/healthz", trust_env=False, timeout=SECONDS)


def test_a_good_certificate_is_let_be(good: Certificate, tmp_path: Path) -> None:
    checked = run([STRONGROOM, "check"], cwd=tmp_path, **settings(good.chain, good.key))
    assert checked.returncode == 0, checked.stderr
    assert "https://localhost:8000/" in checked.stdout


def test_what_cannot_be_served_is_told_before_it_is(good: Certificate, tmp_path: Path) -> None:
    other = certificate(tmp_path / "other", "localhost")
    nonsense, locked = tmp_path / "nonsense.pem", tmp_path / "locked.pem"
    nonsense.write_text("-----BEGIN CERTIFICATE-----\nno\n")
    secret = load_pem_private_key(good.key.read_bytes(), None)
    protection = BestAvailableEncryption(b"x")
    locked.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    cases = {
        "another key": (good.chain, other.key, "not the key of"),
        "no file": (tmp_path / "nowhere.pem", good.key, "No such file"),
        "a folder": (good.chain, tmp_path, "Is a directory"),
        "no certificate": (nonsense, good.key, "PEM files"),
        "the key twice": (good.key, good.key, "PEM files"),
        "a locked key": (good.chain, locked, "without a passphrase"),
    }
    for case, (chain, key, message) in cases.items():
        checked = run([STRONGROOM, "check"], cwd=tmp_path, **settings(chain, key))
        assert (checked.returncode, checked.stdout) == (2, ""), case
        assert message in checked.stderr, case
    served = run(
        [STRONGROOM, "serve", "--data", tmp_path / "data", "--port", str(free_port())],
        cwd=tmp_path, **settings(good.chain, other.key),
    )  # fmt: skip
    assert served.returncode == 1
    assert "not the key of" in served.stderr
    assert not (tmp_path / "data" / "strongroom.sqlite3").exists()


def test_half_of_a_pair_is_a_mistake(good: Certificate, tmp_path: Path) -> None:
    checked = run([STRONGROOM, "check"], cwd=tmp_path, STRONGROOM_SERVER__TLS_KEY=str(good.key))
    assert checked.returncode == 2
    assert "goes together with" in checked.stderr
