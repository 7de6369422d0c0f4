"""The keys of issuers: found, refreshed, and no longer believed, with as few visits as possible."""

import json
import logging
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.trust import fetch, jwt
from strongroom.trust.issuer_keys import key_for
from strongroom.trust.models import IssuerKeys
from tests.trust.serving import (
    CONFIGURATION,
    VISIT,
    Answer,
    Known,
    Site,
    code_of,
    document,
    down,
    flood,
    later,
    publish,
    redirect,
    silence,
    site,
    status,
)
from tests.trust.signing import AUDIENCE, ec_pen, rsa_pen, sound

pytestmark = pytest.mark.django_db


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
    assert code_of(known) == "issuer_unreachable"
    assert IssuerKeys.objects.get().failed == "no complete answer in time"
