"""The keys of issuers: found, refreshed, and no longer believed, with as few visits as possible."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from threading import Event, Thread

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.trust import fetch, issuer_keys, jwt
from strongroom.trust.issuer_keys import key_for, read_static
from strongroom.trust.jwk import MAX_KEYS
from strongroom.trust.models import IssuerKeys
from tests.support.people import at_once, refusal_of
from tests.trust.serving import (
    CONFIGURATION,
    Answer,
    Known,
    Site,
    Write,
    document,
    flood,
    publish,
    redirect,
    silence,
    site,
    status,
)
from tests.trust.signing import AUDIENCE, ec_pen, ed25519_pen, rsa_pen, sound

pytestmark = pytest.mark.django_db

VISIT = [f"GET {CONFIGURATION}", "GET /jwks"]


def down(there: Site) -> None:
    there.answers.clear()


def later(*, minutes: float = 0, hours: float = 0) -> AbstractContextManager[None]:
    return clock.shifted(timedelta(minutes=minutes, hours=hours))


def code_of(known: Known, key_id: str = "rsa") -> str:
    return refusal_of(partial(key_for, known, key_id))


@pytest.fixture
def there() -> Iterator[Site]:
    with site() as running, clock.frozen(clock.now()):
        publish(running, rsa_pen())
        yield running


@pytest.fixture
def known(there: Site) -> Known:
    return Known(there.origin)


def test_a_key_is_found_by_way_of_the_configuration(there: Site, known: Known) -> None:
    key = key_for(known, "rsa")
    assert key == {"kty": "RSA", "alg": "RS256", "n": rsa_pen().jwk["n"], "e": "AQAB"}
    assert there.asked == VISIT
    token = rsa_pen().token(sound(iss=there.origin))
    assert jwt.verify(token, key, issuer=there.origin, audience=AUDIENCE)
    row = IssuerKeys.objects.get()
    assert (row.issuer, row.fetched, row.tried, row.failed) == (there.origin, clock.now(), clock.now(), "")


def test_fresh_keys_are_read_from_the_row(there: Site, known: Known) -> None:
    key_for(known, "rsa")
    with later(minutes=9.9), CaptureQueriesContext(connection) as queries:
        key_for(known, "rsa")
    assert there.asked == VISIT
    assert len(queries) == 1


def test_keys_that_are_not_fresh_are_fetched_again(there: Site, known: Known) -> None:
    key_for(known, "rsa")
    with later(minutes=10):
        assert key_for(known, "rsa")
        assert key_for(known, "rsa")
    assert there.asked == VISIT * 2


def test_a_new_key_is_found_once_it_is_used(there: Site, known: Known) -> None:  # TP-26
    key_for(known, "rsa")
    publish(there, rsa_pen(), ec_pen())
    with later(minutes=1):
        assert key_for(known, "ES256")["crv"] == "P-256"
        assert key_for(known, "rsa")
    assert there.asked == VISIT * 2


def test_a_withdrawn_key_is_refused_within_ten_minutes(there: Site, known: Known) -> None:  # TP-26, W24
    key_for(known, "rsa")
    publish(there, ec_pen())
    with later(minutes=9.9):
        assert key_for(known, "rsa")
    with later(minutes=10):
        assert code_of(known) == "issuer_key_unknown"
        assert key_for(known, "ES256")
    assert there.asked == VISIT * 2


def test_an_issuer_may_withdraw_all_its_keys(there: Site, known: Known) -> None:  # TP-26
    key_for(known, "rsa")
    publish(there)
    with later(minutes=10):
        assert code_of(known) == "issuer_key_unknown"


def test_while_an_issuer_is_down_its_keys_are_good_for_a_day(
    there: Site, known: Known, caplog: pytest.LogCaptureFixture
) -> None:  # TP-26, TP-27
    key_for(known, "rsa")
    down(there)
    with later(hours=23.9):
        assert key_for(known, "rsa")
        assert code_of(known, "other") == "issuer_unreachable"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    caplog.clear()
    with later(hours=24):
        assert code_of(known) == "issuer_unreachable"
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert vars(record)["issuer"] == there.origin
    assert vars(record)["reason"] == "the answer has status 404"
    publish(there, rsa_pen())
    with later(hours=24, minutes=1):
        assert key_for(known, "rsa")


def test_keys_of_a_clock_that_was_ahead_are_not_fresh(there: Site, known: Known) -> None:
    with later(hours=1000):
        key_for(known, "rsa")
    publish(there, ec_pen())
    assert code_of(known) == "issuer_key_unknown"
    assert there.asked == VISIT * 2


def test_an_issuer_that_was_down_is_asked_again_after_a_minute(
    there: Site, known: Known
) -> None:  # TP-27, TP-28
    down(there)
    for _ in range(3):
        with pytest.raises(Refused) as caught:
            key_for(known, "rsa")
        assert (caught.value.code, caught.value.retry_after) == ("issuer_unreachable", 61)
    assert there.asked == VISIT[:1]
    publish(there, rsa_pen())
    with later(minutes=0.99):
        assert code_of(known) == "issuer_unreachable"
    with later(minutes=1):
        assert key_for(known, "rsa")
    assert there.asked == [*VISIT[:1], *VISIT]


@pytest.mark.parametrize("is_down", [False, True])
def test_invented_key_ids_cost_one_visit_a_minute(there: Site, known: Known, is_down: bool) -> None:
    # TP-28, W24
    key_for(known, "rsa")
    if is_down:
        down(there)
    there.asked.clear()
    expected = "issuer_unreachable" if is_down else "issuer_key_unknown"
    for minute in (1, 2):
        with later(minutes=minute):
            assert {code_of(known, f"bogus-{number}") for number in range(100)} == {expected}
            assert key_for(known, "rsa")
    assert there.asked == (VISIT[:1] if is_down else VISIT) * 2


def test_a_flood_of_key_ids_writes_nothing(known: Known) -> None:  # TP-28
    key_for(known, "rsa")
    with CaptureQueriesContext(connection) as queries:
        assert code_of(known, "bogus") == "issuer_key_unknown"
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


@pytest.mark.parametrize("key_id", ["", "../jwks", "' OR 1=1 --", "x" * 200, "\N{SNOWMAN}", "\0"])
def test_a_key_id_is_only_compared(known: Known, key_id: str) -> None:  # TP-03
    assert code_of(known, key_id) == "issuer_key_unknown"


def test_issuers_do_not_know_each_others_keys(there: Site, known: Known) -> None:  # TP-06
    with site() as other:
        publish(other, ec_pen())
        assert key_for(known, "rsa")
        assert key_for(Known(other.origin), "ES256")
        assert code_of(known, "ES256") == "issuer_key_unknown"
        assert code_of(Known(other.origin), "rsa") == "issuer_key_unknown"


def test_one_issuer_that_is_down_holds_no_other_up(there: Site, known: Known) -> None:  # TP-27
    with site() as other:
        assert code_of(Known(other.origin)) == "issuer_unreachable"
        assert key_for(known, "rsa")
        assert IssuerKeys.objects.get(issuer=other.origin).failed == "the answer has status 404"


@pytest.mark.parametrize(("path", "answer"), [
    (CONFIGURATION, status(500)),
    (CONFIGURATION, redirect("http://169.254.169.254/latest/meta-data/")),
    (CONFIGURATION, redirect("/moved")),
    (CONFIGURATION, flood(length=5 * 1024**3)),
    (CONFIGURATION, document([])),
    (CONFIGURATION, document({})),
    ("/jwks", status(404)),
    ("/jwks", redirect("/moved")),
    ("/jwks", flood(length=None)),
    ("/jwks", document({})),
    ("/jwks", document({"keys": {}})),
    ("/jwks", document(b'{"keys": [], "keys": []}')),
])  # fmt: skip
def test_an_issuer_that_answers_badly_is_as_good_as_down(
    there: Site, known: Known, path: str, answer: Answer
) -> None:
    # TP-27, W25
    key_for(known, "rsa")
    there.answers["/moved"] = there.answers[path]
    there.answers[path] = answer
    with later(minutes=10):
        assert key_for(known, "rsa")
        assert code_of(known, "other") == "issuer_unreachable"
    assert "GET /moved" not in there.asked
    row = IssuerKeys.objects.get()
    assert row.failed
    assert row.fetched == clock.now()
    assert row.tried == clock.now() + timedelta(minutes=10)


@pytest.mark.parametrize(
    "said", ["{origin}/", "{origin}#", "https://accounts.example", "", None, ["{origin}"], 1]
)
def test_a_configuration_is_of_exactly_this_issuer(there: Site, known: Known, said: object) -> None:
    # TP-27, W25
    wrong = json.loads(json.dumps(said).replace("{origin}", there.origin))
    there.answers[CONFIGURATION] = document({"issuer": wrong, "jwks_uri": f"{there.origin}/jwks"})
    assert code_of(known) == "issuer_unreachable"
    assert there.asked == VISIT[:1]
    assert IssuerKeys.objects.get().failed == "the configuration is of another issuer"


@pytest.mark.parametrize("address", ["http://keys.example/jwks", "http://localhost:{port}/jwks", "http://127.0.0.1:{other}/jwks", "http://127.0.0.2:{port}/jwks", "https://localhost/jwks", "https://169.254.169.254/jwks", "https://10.0.0.1/jwks", "https://2130706433/jwks", "https://127.1/jwks", "https://[::1]/jwks", "https://a.localhost/jwks", "https://metadata/jwks", "file:///etc/passwd", "/jwks", "//127.0.0.1/jwks", "https://alice:secret@127.0.0.1:{port}/jwks", "http://127.0.0.1:{port}@127.0.0.1:{other}/jwks", "", None, 1, ["http://127.0.0.1:{port}/jwks"]])  # fmt: skip
def test_keys_are_fetched_from_the_issuer_or_by_https_from_a_public_name(
    there: Site, known: Known, address: object
) -> None:  # TP-27, W25
    with site() as other:
        other.answers["/jwks"] = there.answers["/jwks"]
        ports = {"port": there.origin.rpartition(":")[2], "other": other.origin.rpartition(":")[2]}
        wrong = address.format(**ports) if isinstance(address, str) else address
        there.answers[CONFIGURATION] = document({"issuer": there.origin, "jwks_uri": wrong})
        assert code_of(known) == "issuer_unreachable"
        assert (there.asked, other.asked) == (VISIT[:1], [])
        reason = IssuerKeys.objects.get().failed
        assert reason.startswith(
            ("the address ", "the configuration names ", "the configuration does not say")
        )


def test_keys_on_another_public_name_are_fetched_by_https(
    there: Site, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Google's are: the attempt is seen at the proxy through which the way out leads."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", there.origin)
    there.answers[CONFIGURATION] = document({"issuer": there.origin, "jwks_uri": "https://keys.example/jwks"})
    assert code_of(known) == "issuer_unreachable"
    assert there.asked == [*VISIT[:1], "CONNECT keys.example:443"]


@pytest.mark.parametrize("url", ["http://issuer.example", "http://10.0.0.1", "ftp://localhost", "issuer", ""])
def test_an_issuer_without_https_is_not_visited(url: str) -> None:
    assert code_of(Known(url)) == "issuer_unreachable"
    assert IssuerKeys.objects.get().failed.startswith("the address ")


def test_an_issuer_may_have_a_path(there: Site) -> None:
    url = f"{there.origin}/tenants/7/"
    there.answers[f"/tenants/7{CONFIGURATION}"] = document(
        {"issuer": url, "jwks_uri": f"{there.origin}/jwks"}
    )
    assert key_for(Known(url), "rsa")


def test_a_slow_issuer_costs_five_seconds_in_all(
    there: Site, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    # TP-27; made shorter, as both documents share the time
    monkeypatch.setattr(fetch, "SECONDS", 1.0)
    configuration = there.answers[CONFIGURATION]
    there.answers[CONFIGURATION] = lambda write: (time.sleep(0.7), configuration(write))[1]
    there.answers["/jwks"] = silence(0.7)
    begin = time.monotonic()
    assert code_of(known) == "issuer_unreachable"
    assert time.monotonic() - begin < 1.4
    assert IssuerKeys.objects.get().failed == "no complete answer in time"


# ---- What a key set may hold ----------------------------------------------------------------------------------------


def test_what_is_no_usable_key_is_passed_over(there: Site, known: Known) -> None:  # TP-01, TP-26
    sound_keys = [dict(rsa_pen().jwk), dict(ec_pen().jwk), dict(ed25519_pen().jwk)]
    rsa, ec, _ = sound_keys
    bad: list[object] = [
        None, 1, "key", [], {}, {"kty": "RSA"}, {**rsa, "kid": None}, {**rsa, "kid": 1}, {**rsa, "kid": ""},
        {**rsa, "kid": "x" * 201}, {**rsa, "kid": "a\0"}, {"kty": "oct", "kid": "oct", "k": "c2VjcmV0"},
        {"kty": "oct", "kid": "hs", "k": "c2VjcmV0", "alg": "HS256"}, {**rsa, "kid": "enc", "use": "enc"},
        {**rsa, "kid": "other", "alg": "RSA-OAEP"}, {**ec, "kid": "curve", "crv": "P-521"}, {**rsa, "kid": "n", "n": None},
        {**dict(rsa_pen("short", bits=1024).jwk), "kid": "short"}, {**rsa, "kid": "ops", "key_ops": ["encrypt"]},
    ]  # fmt: skip
    there.answers["/jwks"] = document({"keys": [*bad, *sound_keys]})
    assert {
        code_of(known, kid) for kid in ("oct", "hs", "enc", "other", "curve", "n", "short", "ops", "")
    } == {"issuer_key_unknown"}
    for key in sound_keys:
        assert key_for(known, str(key["kid"]))
    stored = json.loads(IssuerKeys.objects.get().jwks)
    assert [key["kid"] for key in stored["keys"]] == [key["kid"] for key in sound_keys]


def test_a_private_key_is_not_kept(there: Site, known: Known) -> None:
    there.answers["/jwks"] = document({"keys": [{**rsa_pen().jwk, "d": "c2VjcmV0", "p": "c2VjcmV0"}]})
    assert key_for(known, "rsa").keys() == {"kty", "alg", "n", "e"}
    assert "c2VjcmV0" not in IssuerKeys.objects.get().jwks


def test_keys_that_share_an_id_are_all_unknown(there: Site, known: Known) -> None:
    publish(there, rsa_pen(), ec_pen())
    there.answers["/jwks"] = document(
        {"keys": [dict(rsa_pen().jwk), {**ec_pen().jwk, "kid": "rsa"}, dict(ec_pen().jwk)]}
    )
    assert code_of(known, "rsa") == "issuer_key_unknown"
    assert key_for(known, "ES256")


def test_a_key_set_is_read_up_to_a_limit(there: Site, known: Known) -> None:
    keys = [{**ed25519_pen().jwk, "kid": f"key-{number}"} for number in range(2000)]
    there.answers["/jwks"] = document({"keys": keys})
    assert key_for(known, f"key-{MAX_KEYS - 1}")
    assert code_of(known, f"key-{MAX_KEYS}") == "issuer_key_unknown"
    assert len(IssuerKeys.objects.get().jwks) < 20_000


# ---- Keys given by operators ----------------------------------------------------------------------------------------


def test_given_keys_are_used_and_nobody_is_asked(there: Site) -> None:
    given = Known(there.origin, json.dumps({"keys": [dict(ec_pen().jwk)]}))
    assert key_for(given, "ES256")["crv"] == "P-256"
    assert code_of(given, "rsa") == "issuer_key_unknown"
    assert there.asked == []
    assert not IssuerKeys.objects.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}]}', "keys", "\0"])  # fmt: skip
def test_given_keys_must_be_a_key_set(text: str) -> None:
    with pytest.raises(ValueError):
        read_static(text)


def test_given_keys_are_told_apart() -> None:
    assert set(read_static(json.dumps({"keys": [dict(rsa_pen().jwk), dict(ec_pen().jwk)]}))) == {
        "rsa",
        "ES256",
    }


# ---- Many at once ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_goes_and_the_others_are_told_to_wait(there: Site, known: Known) -> None:
    # TP-28
    let_go, answer = Event(), there.answers["/jwks"]
    there.answers["/jwks"] = lambda write: (let_go.wait(10), answer(write))[1]

    Thread(target=lambda: (time.sleep(2), let_go.set()), daemon=True).start()
    outcomes = at_once([partial(key_for, known, "rsa")] * 32)
    waiting = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert {(refused.code, refused.retry_after) for refused in waiting} == {("issuer_keys_pending", 1)}
    assert len(waiting) == 31
    assert there.asked == VISIT
    assert key_for(known, "rsa")


@pytest.mark.django_db(transaction=True)
def test_while_one_looks_for_a_new_key_the_others_go_on_with_the_old_ones(there: Site, known: Known) -> None:
    key_for(known, "rsa")
    publish(there, rsa_pen(), ec_pen())
    let_go, answer = Event(), there.answers["/jwks"]
    there.answers["/jwks"] = lambda write: (let_go.wait(10), answer(write))[1]
    with later(minutes=11):
        visitor = Thread(target=lambda: (key_for(known, "ES256"), connections.close_all()))
        visitor.start()
        while len(there.asked) < 4:
            time.sleep(0.01)
        assert key_for(known, "rsa")
        assert code_of(known, "ES256") == "issuer_keys_pending"
        let_go.set()
        visitor.join()
        assert key_for(known, "ES256")
    assert there.asked == VISIT * 2


def test_a_visit_that_never_ended_is_given_up(there: Site, known: Known) -> None:
    IssuerKeys.objects.create(issuer=there.origin, tried=clock.now())
    assert code_of(known) == "issuer_keys_pending"
    with later(minutes=0.2):
        assert code_of(known) == "issuer_unreachable"
    assert there.asked == []
    with later(minutes=1):
        assert key_for(known, "rsa")


def test_a_visit_that_was_overtaken_stores_nothing(there: Site, known: Known) -> None:  # W24
    """A process that was stopped during its visit comes back with keys that have been withdrawn since."""
    key_for(known, "rsa")
    since = clock.now() + timedelta(minutes=1)
    IssuerKeys.objects.update(tried=since, fetched=since, jwks=json.dumps({"keys": []}))
    issuer_keys._visit(there.origin, clock.now())
    there.answers.clear()
    issuer_keys._visit(there.origin, clock.now())
    assert IssuerKeys.objects.get().failed == ""
    assert json.loads(IssuerKeys.objects.get().jwks) == {"keys": []}


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_during_a_visit(there: Site, known: Known) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        key_for(known, "rsa")
    assert there.asked == []
    seen = []
    answer = there.answers["/jwks"]

    def peeking(write: Write) -> None:
        seen.append(IssuerKeys.objects.get().tried)  # another connection sees that the visit has begun
        connections.close_all()
        answer(write)

    there.answers["/jwks"] = peeking
    assert key_for(known, "rsa")
    assert seen == [clock.now()]
