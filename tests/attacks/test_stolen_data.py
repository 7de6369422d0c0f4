"""One person's whole way, in all its secrets; then what a thief finds in the database, the log and the mail queue."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import orjson
import pytest

from strongroom.kernel.secrets import Keyring
from strongroom.tokens import macaroon
from tests.attacks.loot import Tables, dump, plain_hashes, spellings, written_out
from tests.attacks.mailbox import running_mailbox, secrets_of_links
from tests.attacks.story import CREDENTIALS, NEW_PASSWORD, Browser, Story, play, refused
from tests.support.server import Server, running_server

pytestmark = pytest.mark.slow

KINDS = ["password", "link", "seed", "code", "challenge", "token", "signature", "cookie"]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url_of_module: str | None) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("stolen")
    with running_mailbox() as mailbox:
        mail = {"HOST": "127.0.0.1", "PORT": str(mailbox.port), "SECURITY": "none"}
        env = {f"STRONGROOM_MAIL__{key}": value for key, value in mail.items()}
        with running_server(folder / "data", database_url=database_url_of_module, env=env) as server:
            played = play(server, mailbox, database_url=database_url_of_module)
            server.stop()
            yield played


@pytest.fixture(scope="module")
def tables(story: Story) -> Tables:
    """The stolen database; what the queued mails say, which the thief cannot read, is among the secrets from here on."""
    stolen = dump(story.server.data, story.database_url)
    keyring = Keyring(story.server.data / "keys" / "instance.key")
    queued = [
        orjson.loads(keyring.unseal("notices", mail["sealed"], context=mail["address"]))[1]
        for mail in stolen["notices_queuedmail"]
    ]
    for path in ("confirm-login", "reset-password", "recover/start", "verify-email", "panic"):
        assert any(f"/account/{path}/?token=" in text for text in queued), path
    story.note("link", *(secret for text in queued for secret in secrets_of_links(text)))
    return stolen


@pytest.fixture(scope="module")
def loot(story: Story, tables: Tables) -> bytes:
    return written_out(tables, list(story.server.data.glob("strongroom.sqlite3*")))


def test_a_code_is_used_up_for_good_also_for_workers_started_later(story: Story) -> None:
    # LT-10: after a restart, in another spelling, and an older one
    assert story.replayed == ("totp_reused",) * 3


def test_everything_that_can_be_half_done_is_in_the_database(tables: Tables) -> None:
    """So that the tests below look at something."""
    assert {name for name, rows in tables.items() if rows} >= {
        *("accounts_user", "accounts_emailaddress", "accounts_maillink", "audit_entry", "notices_queuedmail"),
        *("factors_totp", "factors_totpenrollment", "factors_securitykey", "factors_challenge"),
        *("factors_recoverycode", "signin_session", "signin_ticket", "signin_browser", "signin_confirmation"),
        *("tokens_token", "tokens_tokenuses", "tokens_tokennetwork", "throttle_bucket"),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_database_holds_no_secret_that_can_be_used(story: Story, loot: bytes, kind: str) -> None:
    # SS-05, PR-10, RC-06, TK-11, TK-12: in rows; on SQLite also in deleted ones and in the log of the database
    assert b"alice@example.org" in loot
    assert story.secrets[kind]
    for secret in story.secrets[kind]:
        assert [spelled for spelled in spellings(secret) if spelled in loot] == [], kind


@pytest.mark.parametrize("kind", ["password", "code", "seed"])
def test_what_can_be_guessed_is_not_merely_hashed(story: Story, loot: bytes, kind: str) -> None:
    # RC-06: a thief who tries all codes finds none
    for secret in story.secrets[kind]:
        assert [spelled for spelled in plain_hashes(secret) if spelled in loot] == []


def test_the_key_of_the_instance_is_not_in_the_database(story: Story, loot: bytes) -> None:
    key = (story.server.data / "keys" / "instance.key").read_text()
    assert [spelled for spelled in spellings(key) if spelled in loot] == []
    assert bytes.fromhex(key) not in loot


@pytest.mark.parametrize("kind", KINDS)
def test_the_log_holds_no_secret(story: Story, tables: Tables, kind: str) -> None:
    # PR-10, TK-12
    log = story.server.log.encode()
    assert b"answers at" in log
    found = [secret for secret in story.secrets[kind] for text in spellings(secret) if text in log]
    assert found == []


def test_nothing_else_in_the_data_folder_holds_a_secret(story: Story, tables: Tables) -> None:
    # PR-10
    files = [path for path in story.server.data.rglob("*") if path.is_file()]
    assert files
    secrets = [secret for kind in story.secrets.values() for secret in kind]
    leaks = [(path, secret) for path in files for secret in secrets if secret.encode() in path.read_bytes()]
    assert leaks == []


@pytest.fixture(scope="module")
def running(story: Story, tables: Tables) -> Server:
    """The server, started again after the theft."""
    story.server.start()
    return story.server


@contextmanager
def holding(server: Server, name: str, value: str) -> Iterator[Browser]:
    """A browser into which a cookie was put."""
    browser = Browser(server)
    browser.client.cookies.set(name, value)
    yield browser


def test_the_digest_of_a_session_is_no_cookie(story: Story, tables: Tables, running: Server) -> None:
    # SS-05
    name, cookie = story.session
    digests = [row["digest"] for row in tables["signin_session"]]
    assert digests
    for value, status in [(cookie, 200), *((digest, 303) for digest in digests)]:
        with holding(running, name, value) as browser:
            assert browser.get("/manage/account/").status_code == status


def test_the_digest_of_a_link_is_no_link(tables: Tables, running: Server) -> None:
    # PR-10
    links = [(row["purpose"], row["digest"]) for row in tables["accounts_maillink"] if row["used"] is None]
    paths = {"verify": "verify-email", "reset": "reset-password", "recover": "recover/start"}
    assert {purpose for purpose, _digest in links} >= set(paths)
    for purpose, digest in links:
        if purpose in paths:
            new = {"password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
            thief = Browser(running)
            answer = thief.submit(f"/account/{paths[purpose]}/", at="/account/login/", token=digest, **new)
            assert refused(answer) == "link_invalid"


def test_the_digests_of_a_confirmation_confirm_nothing(story: Story, tables: Tables, running: Server) -> None:
    # LT-26
    name, cookie = story.waiting
    waiting = [row for row in tables["signin_confirmation"] if row["used"] is None]
    assert waiting
    for row in waiting:
        for value in (cookie, row["waiting"]):
            with holding(running, name, value) as browser:
                answer = browser.submit(f"/account/confirm-login/?token={row['digest']}", token=row["digest"])
                assert refused(answer) == "link_invalid"
                assert not any("session" in name for name in browser.client.cookies)


def test_the_digest_of_a_ticket_is_no_ticket(story: Story, tables: Tables, running: Server) -> None:
    # LT-15
    tickets = [row["digest"] for row in tables["signin_ticket"] if row["used"] is None]
    assert tickets
    for digest in tickets:
        with holding(running, story.waiting[0], digest) as browser:
            assert browser.get("/account/two-factor/").headers["Location"] == "/account/login/"


def test_the_digest_of_a_browser_is_not_remembered(story: Story, tables: Tables, running: Server) -> None:
    # SS-18
    name = story.session[0].replace("session", "browser")
    digests = [row["digest"] for row in tables["signin_browser"] if row["remembered_until"]]
    assert digests
    for digest in digests:
        with holding(running, name, digest) as browser:
            assert browser.done("/account/login/", **CREDENTIALS) == "/account/two-factor/"


def test_what_a_recovery_code_is_stored_as_is_no_recovery_code(
    story: Story, tables: Tables, running: Server
) -> None:
    # RC-06
    thief = Browser(running)
    thief.done("/account/login/", **CREDENTIALS)
    stored = [row["digest"] for row in tables["factors_recoverycode"]]
    assert len(stored) == len(story.secrets["code"])
    for digest in stored[:3]:
        answer = thief.submit("/account/recovery-code/", **{"with": "recovery", "code": digest})
        assert refused(answer) == "recovery_malformed"


def test_who_holds_a_challenge_is_told_by_no_digest(story: Story, tables: Tables, running: Server) -> None:
    # WA-36: the real key has signed a live challenge; the thief has read for whose browser it was
    answer = story.device.sign_in(story.asked, origin=running.base_url)
    holders = [row["holder"].partition(":")[2] for row in tables["factors_challenge"]]
    assert holders
    name = story.session[0].replace("session", "passkey")
    for holder in holders:
        with holding(running, name, holder) as browser:
            refusal = browser.submit("/account/login/passkey/", at="/account/login/", credential=answer)
            assert refused(refusal) == "webauthn_challenge_unknown"
            assert not any("session" in name for name in browser.client.cookies)


def test_no_row_of_a_token_publishes_anything(tables: Tables, running: Server) -> None:
    # TK-11
    row = tables["tokens_token"][0]
    for guess in (row["identifier"], bytes(row["nonce"]).hex(), row["id"]):
        assert upload_status(running, f"strongroom-{guess}") in {401, 403}


def test_what_counts_the_uses_of_a_token_signs_nothing(story: Story, tables: Tables, running: Server) -> None:
    # TK-11: whoever had the signature before the caveat that sets the number could leave that caveat out
    texts = [secret for secret in story.secrets["token"] if secret.startswith("strongroom-")]
    copies = [held for held in map(macaroon.load, texts) if held.caveats[-1] == b'["uses",1]']
    assert copies
    counted = [row["chain"] for row in tables["tokens_tokenuses"]]
    assert counted
    for held, chain in itertools.product(copies, counted):
        signature = bytes.fromhex(chain)
        for caveats in (held.caveats, held.caveats[:-1], held.caveats[:1], ()):
            forged = macaroon.dump(macaroon.Macaroon(held.identifier, caveats, signature))
            assert upload_status(running, forged) == 403
            keyed = macaroon.mint(held.identifier, key=signature, caveats=caveats)
            assert upload_status(running, macaroon.dump(keyed)) == 403


def upload_status(server: Server, token: str) -> int:
    """What an upload with a token is answered; one that is let in is told what is wrong with the form."""
    answer = httpx.post(
        f"{server.base_url}/legacy/",
        data={":action": "file_upload"},
        files={"content": b"x"},
        auth=("__token__", token),
        trust_env=False,
    )
    return answer.status_code


def test_a_real_token_is_let_in(story: Story, running: Server) -> None:
    """So that the refusals above mean something."""
    whole = min((secret for secret in story.secrets["token"] if secret.startswith("strongroom-")), key=len)
    assert upload_status(running, whole) == 400
