"""Reports of leaked tokens, signed as GitHub's secret scanning signs them."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.notices.models import QueuedMail
from strongroom.publish import leaks
from strongroom.throttle.models import Bucket
from strongroom.tokens.models import LeakReport, ReportKeys, Token
from tests.api.calling import Api, refused, text_of
from tests.support.configuration import configured
from tests.support.people import at_once, mails, person
from tests.tokens.making import HERE as PLACE
from tests.tokens.making import project_of, token_for, with_caveat
from tests.trust.serving import Site, document, down, later, silence, site, status

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/_/secrets/disclose-token"
KEYS = "/meta/public_keys/secret_scanning"
SCANNER = "192.0.2.30"


@dataclass(frozen=True)
class Scanner:
    """A secret scanner with one key, whose address is a site on this machine."""

    api: Api
    there: Site
    key: ec.EllipticCurvePrivateKey
    key_id: str = "f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d"

    def lists(self, *keys: Any) -> None:
        """Change what its address says."""
        listed = [{"key_identifier": self.key_id, "key": pem(key), "is_current": True} for key in keys]
        self.there.answers[KEYS] = document({"public_keys": listed})

    def sign(self, body: bytes) -> str:
        """The signature that its header holds."""
        return base64.b64encode(self.key.sign(body, ec.ECDSA(hashes.SHA256()))).decode()

    def report(self, *tokens: str, url: str = "https://github.com/acme/widget/blob/x/.env") -> httpx.Response:
        """A report of some tokens."""
        kind = "strongroom_api_token"
        return self.send([{"token": token, "type": kind, "url": url, "source": "commit"} for token in tokens])

    def send(self, entries: Any, **headers: str | None) -> httpx.Response:
        """Whatever report; a header of ``None`` is left out."""
        body = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
        signed = {
            "Github-Public-Key-Identifier": self.key_id,
            "Github-Public-Key-Signature": self.sign(body),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        given = {name: value for name, value in signed.items() if value is not None}
        return self.api.post(PATH, content=body, headers=given, address=SCANNER)


def pem(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.fixture
def scanner(api: Api) -> Iterator[Scanner]:
    with site() as there, configured("secret_scanning", keys_url=f"{there.origin}{KEYS}"):
        made = Scanner(api, there, ec.generate_private_key(ec.SECP256R1()))
        made.lists(made.key)
        yield made


@pytest.fixture
def alice() -> User:
    return person()


def nothing_done() -> bool:
    return not (
        LeakReport.objects.exists()
        or QueuedMail.objects.exists()
        or Entry.objects.filter(tag="token.revoked").exists()
    )


def test_a_leaked_token_is_revoked_and_its_owner_told(
    scanner: Scanner, alice: User, mailoutbox: list[Any]
) -> None:  # TK-16
    made = token_for(alice, name="build server", project=project_of(alice))
    kept = token_for(alice)
    answer = scanner.report(with_caveat(made.secret, ["version", "1.0"]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert Token.objects.get() == kept.token
    (entry,) = Entry.objects.filter(tag="token.revoked")
    assert (entry.subject_id, entry.project, entry.details["why"]) == (alice.pk, "demo", "leaked")
    assert (entry.actor_kind, entry.authenticated, entry.address) == ("system", "signature", SCANNER)
    (mail,) = mails(mailoutbox)
    assert mail.to == ["alice@example.org"]
    assert "build server" in mail.subject
    for part in ("commit", "https://github.com/acme/widget/blob/x/.env", "#security-history"):
        assert part in mail.body
    assert made.secret not in mail.body + json.dumps(entry.details)
    assert scanner.there.asked == [f"GET {KEYS}"]


def test_a_report_tells_nothing_of_what_it_names(scanner: Scanner, alice: User) -> None:  # TK-16
    made = token_for(alice).secret
    answers = [
        scanner.report(token)
        for token in ("strongroom-AAAA", "pypi-AAAA", "", "\0", made, made + " ", "x" * 20_000)
    ]
    assert {text_of(answer) for answer in answers} == {text_of(answers[0])}
    assert {answer.status_code for answer in answers} == {204}
    assert not Token.objects.exists()
    assert QueuedMail.objects.count() == 1


def test_one_report_names_many(scanner: Scanner, alice: User) -> None:
    texts = [token_for(alice, name=f"token {number}").secret for number in range(3)]
    assert scanner.report(texts[0], texts[1], texts[1]).status_code == 204
    assert Token.objects.get().name == "token 2"
    assert QueuedMail.objects.count() == 2


def test_a_report_that_is_not_signed_by_a_listed_key_does_nothing(
    scanner: Scanner, alice: User
) -> None:  # TK-16
    body = json.dumps([{"token": token_for(alice).secret, "type": "x", "url": ""}]).encode()
    stranger = Scanner(scanner.api, scanner.there, ec.generate_private_key(ec.SECP256R1()))
    answers = {
        "unsigned": scanner.send(body, Github_Public_Key_Signature=None, Github_Public_Key_Identifier=None),
        "no key id": scanner.send(body, Github_Public_Key_Identifier=None),
        "no signature": scanner.send(body, Github_Public_Key_Signature=None),
        "empty signature": scanner.send(body, Github_Public_Key_Signature=""),
        "no base64": scanner.send(body, Github_Public_Key_Signature="!"),
        "no signature at all": scanner.send(body, Github_Public_Key_Signature="AAAA"),
        "of another key": scanner.send(body, Github_Public_Key_Signature=stranger.sign(body)),
        "of another body": scanner.send(body, Github_Public_Key_Signature=scanner.sign(body + b" ")),
        "an unknown key": scanner.send(body, Github_Public_Key_Identifier="0" * 64),
    }
    codes = {case: refused(answer) for case, answer in answers.items()}
    assert codes.pop("an unknown key") == (403, "report_key_unknown")
    assert set(codes.values()) == {(403, "report_unsigned")}
    assert Token.objects.count() == 1
    assert nothing_done()


@pytest.mark.parametrize(
    "make",
    [
        lambda: rsa.generate_private_key(65537, 2048),
        lambda: ec.generate_private_key(ec.SECP384R1()),
        lambda: None,
    ],
    ids=["RSA", "P-384", "none"],
)
def test_a_key_of_another_kind_signs_nothing(scanner: Scanner, alice: User, make: Any) -> None:
    listed = make()
    scanner.lists(*([listed] if listed else []))
    if listed is None:
        keys = [{"key_identifier": scanner.key_id, "key": "no key"}]
        scanner.there.answers[KEYS] = document({"public_keys": keys})
    assert refused(scanner.report(token_for(alice).secret)) == (403, "report_unsigned")
    assert nothing_done()


def test_a_report_is_acted_upon_once(scanner: Scanner, alice: User) -> None:  # TK-16
    body = json.dumps([{"token": token_for(alice).secret}]).encode()
    signature = scanner.sign(body)
    assert scanner.send(body, Github_Public_Key_Signature=signature).status_code == 204
    for again in (signature, scanner.sign(body)):
        answer = scanner.send(body, Github_Public_Key_Signature=again)
        assert refused(answer) == (403, "report_replayed")
    assert QueuedMail.objects.count() == 1
    assert LeakReport.objects.count() == 1


def test_of_equal_reports_at_once_one_counts(scanner: Scanner, alice: User) -> None:  # TK-16
    body = json.dumps([{"token": token_for(alice).secret}]).encode()
    signature = leaks.Signature(key_id=scanner.key_id, value=scanner.sign(body))
    assert scanner.report("strongroom-AAAA").status_code == 204  # the keys are there

    def send() -> None:
        leaks.report(body, signature, fetch=lambda _address: {}, origin=PLACE)

    outcomes = at_once([send] * 8)
    codes = [getattr(outcome, "code", "done") for outcome in outcomes]
    assert sorted(codes) == ["done"] + ["report_replayed"] * 7
    assert Entry.objects.filter(tag="token.revoked").count() == 1
    assert QueuedMail.objects.count() == 1


def test_a_report_that_fails_half_way_can_be_sent_again(
    scanner: Scanner, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [token_for(alice, name=f"token {number}").secret for number in range(2)]
    with monkeypatch.context() as broken:
        broken.setattr("strongroom.publish.leaks.queue.send", _fail)
        assert scanner.report(*texts).status_code == 500
    assert nothing_done()
    assert Token.objects.count() == 2
    assert scanner.report(*texts).status_code == 204
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"[",
        b"\xff",
        b'[{"token": "a", "token": "b"}]',
        b"[" * 5000 + b"]" * 5000,
        b"[1]" * 2,
    ],
)
def test_what_is_no_list_is_refused(scanner: Scanner, alice: User, body: bytes) -> None:
    assert refused(scanner.send(body)) == (400, "report_malformed")
    assert nothing_done()


def test_an_odd_entry_keeps_no_other_token_alive(scanner: Scanner, alice: User) -> None:
    good = {"token": token_for(alice).secret, "url": {"x": 1}, "source": 5}
    odd = [None, 1, "x", [], {}, {"token": 1}, {"token": None, "url": ""}]
    assert scanner.send([*odd, good]).status_code == 204
    assert not Token.objects.exists()


def test_a_report_has_an_end(scanner: Scanner) -> None:
    assert scanner.send([{"token": "x"}] * 500).status_code == 204
    assert refused(scanner.send([{"token": "x"}] * 501)) == (400, "report_malformed")
    assert refused(scanner.send(b" " * (1024**2 + 1))) == (413, "body_too_large")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a\nb", "https://" + "a" * 600, "ftp://x", "https://x y"]
)
def test_what_is_no_web_address_is_in_no_mail(
    scanner: Scanner, alice: User, mailoutbox: list[Any], url: str
) -> None:
    assert scanner.report(token_for(alice).secret, url=url).status_code == 204
    (mail,) = mails(mailoutbox)
    assert url not in mail.body
    assert "It was found here" not in mail.body


def test_a_site_that_knows_no_scanner_has_no_such_address(api: Api) -> None:
    answer = api.post(PATH, content=b"[]", headers={"Github-Public-Key-Identifier": "x"})
    assert refused(answer) == (404, "reports_off")
    assert not Bucket.objects.exists()


def test_forgers_are_counted_and_the_scanner_is_not(scanner: Scanner) -> None:
    for _ in range(3):
        assert scanner.report("strongroom-AAAA", url=str(_)).status_code == 204
    assert not Bucket.objects.exists()
    codes = {refused(scanner.send(b"[]", Github_Public_Key_Signature="AAAA")) for _ in range(61)}
    assert codes == {(403, "report_unsigned"), (429, "too_many_attempts")}


# ---- The keys -------------------------------------------------------------------------------------------------------


def test_keys_are_kept_and_asked_for_at_most_once_a_minute(scanner: Scanner) -> None:
    with clock.frozen(clock.now()):
        for number in range(3):
            assert scanner.report(str(number)).status_code == 204
            unknown = scanner.send(b"[]", Github_Public_Key_Identifier=f"{number}")
            assert refused(unknown) == (403, "report_key_unknown")
        assert len(scanner.there.asked) == 1
        with later(minutes=1):
            scanner.send(b"[]", Github_Public_Key_Identifier="x")
            assert len(scanner.there.asked) == 2


def test_a_withdrawn_key_dies_and_a_new_one_is_found(scanner: Scanner) -> None:
    assert scanner.report("a").status_code == 204
    new = Scanner(scanner.api, scanner.there, ec.generate_private_key(ec.SECP256R1()), "another")
    new.lists(new.key)
    with later(minutes=2):
        assert new.report("b").status_code == 204
        assert refused(scanner.report("c")) == (403, "report_key_unknown")


def test_keys_are_good_for_a_day_while_their_address_is_away(scanner: Scanner) -> None:
    assert scanner.report("a").status_code == 204
    down(scanner.there)
    with later(hours=23):
        assert scanner.report("b").status_code == 204
    with later(hours=25):
        answer = scanner.report("c")
        assert refused(answer) == (403, "report_keys_unreachable")
        assert int(answer.headers["retry-after"]) <= 61


@pytest.mark.parametrize(
    "answer",
    [
        document([]),
        document({}),
        document({"public_keys": {}}),
        document({"public_keys": [{}] * 101}),
        status(500),
        document(b"x"),
    ],
    ids=["a list", "nothing", "an object", "too many", "500", "no JSON"],
)
def test_what_is_no_list_of_keys_is_as_good_as_none(scanner: Scanner, answer: Any) -> None:
    scanner.there.answers[KEYS] = answer
    assert refused(scanner.report("a")) == (403, "report_keys_unreachable")
    assert ReportKeys.objects.get().keys == {}


def test_entries_that_are_no_keys_are_left_out(scanner: Scanner) -> None:
    listed = [None, 1, {"key": 1, "key_identifier": "x"}, {"key_identifier": "y"}]
    good = {"key_identifier": scanner.key_id, "key": pem(scanner.key)}
    scanner.there.answers[KEYS] = document({"public_keys": [*listed, good]})
    assert scanner.report("a").status_code == 204
    assert set(ReportKeys.objects.get().keys) == {scanner.key_id}


def test_while_one_fetches_the_others_wait(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ReportKeys.objects.create(address=f"{scanner.there.origin}{KEYS}", tried=clock.now())
    monkeypatch.setattr("strongroom.api.endpoints.PATIENCE", 0.5)
    assert refused(scanner.report("a")) == (403, "report_keys_pending")
    scanner.there.answers[KEYS] = silence(0)
    ReportKeys.objects.filter(pk=row.pk).update(keys={scanner.key_id: pem(scanner.key)}, fetched=clock.now())
    assert scanner.report("a").status_code == 204
    assert scanner.there.asked == []


def test_old_reports_are_forgotten(scanner: Scanner) -> None:
    assert scanner.report("a").status_code == 204
    assert leaks.sweep() == 0
    with clock.shifted(timedelta(days=366)):
        assert leaks.sweep() == 1


def _fail(*_words: object, **_more: object) -> None:
    raise RuntimeError("no")
