"""Every text that people see can be translated."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

import strongroom
from strongroom.accounts.models import User
from strongroom.audit import event as events
from strongroom.audit.models import Cursor
from strongroom.kernel import clock
from strongroom.kernel.sections import SiteKind
from strongroom.notices import queue
from strongroom.notices.notice import Recipient
from strongroom.publish import credentials
from strongroom.signin.notices import RecoveryCodeWasUsed
from strongroom.trust.models import Publisher
from strongroom.webhooks.models import Delivery, Webhook
from tests.support.configuration import changed
from tests.support.people import PASSWORD, as_user, person, signed_in, with_phone
from tests.web.browsing import browser_of, holding, nobody, operator, text_of
from tests.web.content import publish
from tests.web.routes import every_route, path_of
from tests.web.visible import CLOSE, OPEN, untranslated
from tests.webhooks.receiving import hook_of_account

pytestmark = pytest.mark.django_db

_TRANSLATING = ("gettext", "ngettext", "pgettext", "npgettext")


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language whose every text stands in brackets."""
    for name in _TRANSLATING:
        monkeypatch.setattr(translation._trans, name, _bracketed(getattr(translation._trans, name)))


def _bracketed(translate: Any) -> Any:
    return lambda *message: f"{OPEN}{translate(*message)}{CLOSE}" if message[0] else ""


@pytest.fixture
def pages(settings: Any) -> list[Client]:
    """Nobody, alice with much on her pages, bob who has nothing yet, an operator; on a test site."""
    settings.CONFIG = changed("site", kind=SiteKind.TEST)
    alice, bob = person("alice"), person("bob", verified=False)
    publish(
        alice,
        versions=("1.0", "2.0"),
        requires_python=">=3.11",
        keywords="vault",
        home_page="https://a.example",
    )
    credentials.make_token(alice, name="Laptop", by=as_user(alice))
    browser_of(alice)
    opened, _phone = with_phone(signed_in(alice))
    return [nobody(), holding(opened), browser_of(bob), browser_of(operator())]


def test_a_text_outside_the_brackets_is_noticed() -> None:
    assert untranslated(f"<p>{OPEN}seen{CLOSE} unseen</p>") == ["unseen"]
    assert untranslated(f'<p title="x" class="y">{OPEN}a <b>b</b> c{CLOSE}</p>') == ["p title=x"]
    assert untranslated(
        '<p><span translate="no">alice</span> <time>1 May</time> 17 % <code>c</code></p>'
    ) == ["c"]


def test_every_page_is_in_brackets(brackets: None, pages: list[Client]) -> None:
    for name, page in every_route().items():
        for client in pages:
            for method in sorted(set(page.permissions) - {"POST"}):
                shown = text_of(client.generic(method, path_of(name)))
                if shown.lstrip().startswith("<!doctype html>"):
                    assert untranslated(shown) == [], name


def test_every_form_that_was_sent_empty_is_in_brackets(brackets: None, pages: list[Client]) -> None:
    for name, page in every_route().items():
        if "POST" in page.permissions and name != "logout":
            for client in pages:
                shown = text_of(client.post(path_of(name)))
                if not name.endswith("-options"):  # JSON for a script, not text for a person
                    assert untranslated(shown) == [], name


def test_pages_that_follow_an_act_are_in_brackets(brackets: None, pages: list[Client]) -> None:
    visitor, alice, _bob, _olga = pages
    limits = {"expires": "2030-01-01", "not_before": "2029-01-01", "networks": "10.0.0.0/8", "uses": 2}
    files = {"version": "1.0", "sha256": "a1" * 32, "patterns": "acme-* other", "projects": "strong-box"}
    narrow = {"name": "CI", "scope": "some", "actions": ["upload", "yank"], **limits, **files}
    answers = [
        alice.post("/manage/account/token/", narrow),
        alice.post("/manage/account/token/", narrow | {"networks": "x", "uses": "x", "sha256": ""}),
        alice.post("/manage/account/token/", {"name": "All", "scope": "all", "projects": "strong-box"}),
        alice.get("/manage/account/"),
        alice.get("/manage/account/token/"),
        alice.post("/manage/account/sessions/end-others/", follow=True),
        alice.post("/manage/account/email/", {"email": "second@example.org"}, follow=True),
        alice.get("/project/strong-box/2.0/"),
        alice.get("/project/strong-box/1.0/"),
        visitor.post("/account/request-password-reset/", {"login": "alice"}),
        visitor.post("/account/login/", {"username": "alice", "password": "wrong"}),
        visitor.post("/account/login/", {"username": "alice", "password": PASSWORD}, follow=True),
        visitor.get("/nowhere/"),
        Client(enforce_csrf_checks=True).post("/account/login/"),
    ]
    for answer in answers:
        assert untranslated(text_of(answer)) == [], answer.request["PATH_INFO"]


def test_pages_of_publishers_are_in_brackets(brackets: None, pages: list[Client]) -> None:
    _visitor, alice, _bob, olga = pages
    project, account = "/manage/project/strong-box/publishing/", "/manage/account/publishing/"
    typed = {"identity-owner": "acme", "identity-repository": "box", "identity-workflow": "release.yml"}
    answers = [
        alice.get(f"{project}?provider=github"),
        alice.post(project, {"provider": "github", **typed}, follow=True),
        alice.post(project, {"provider": "github", **typed, "identity-workflow": "/"}),
        alice.post(account, {"provider": "github", "name": "box", **typed}, follow=True),
        alice.post(f"{project}try/", {"token": "a.b.c"}),
        olga.get("/operate/issuers/?like=forgejo-actions"),
    ]
    rows = Publisher.objects.all()
    new = {"names": ["acme", "gizmo"], "pins": {"repository_id": "1001", "repository_owner_id": "99"}}
    for noticed, renamed in (("renamed", {}), ("renamed", new), ("resurrected", {})):
        rows.update(noticed=noticed, added_by=None, renamed=renamed, last_environment="release")
        acts = ("confirm", "constrain", "remove")
        answers += [
            alice.get(project),
            *(alice.get(f"{project}{row.pk}/{act}/") for row in rows for act in acts),
        ]
    answers += [alice.post(account, {"provider": "github", "name": name, **typed}) for name in ("-", "re")]
    assert len(answers) == 20
    for answer in answers:
        assert untranslated(text_of(answer)) == [], answer.request["PATH_INFO"]


def test_pages_of_webhooks_are_in_brackets(brackets: None, pages: list[Client]) -> None:
    alice, path = pages[1], "/manage/account/webhooks/"
    kept = hook_of_account(
        User.objects.get(username="alice"), "https://hooks.example.org/in", events=("release",)
    )
    rows, now = Webhook.objects.filter(pk=kept.webhook.pk), clock.now()
    one = f"{path}{kept.webhook.public_id}/"
    for code in ("", "tls", "status_500", "redirect"):
        attempt = {"message": "evt_1", "serial": 1, "tag": "account.created", "attempt": 1, "took": 12}
        Delivery.objects.create(webhook=kept.webhook, time=now, code=code, **attempt)
    failing = {"failures": 2, "failing_since": now}
    states: list[dict[str, Any]] = [
        {},
        {"test_asked": now, "secret_before": b"x", "secret_before_until": now + timedelta(hours=1)},
        failing,
        *(
            failing | {"paused": now, "paused_why": why}
            for why in ("gone", "failing", "secret_lost", "doubtful")
        ),
        {"paused": None, "active": False},
    ]
    for state in states:
        rows.update(**state)
        for shown in (alice.get(path), alice.get(one)):
            assert untranslated(text_of(shown)) == [], state
    for page in ("change", "replay", "secret", "remove"):
        assert untranslated(text_of(alice.get(f"{one}{page}/"))) == [], page
    rows.update(active=True)
    User.objects.filter(username="alice").update(frozen=now)
    assert untranslated(text_of(alice.get(one))) == []


def test_what_operators_see_of_sinks_is_in_brackets(
    brackets: None, pages: list[Client], settings: Any
) -> None:
    settings.CONFIG = changed("audit", syslog="udp://127.0.0.1:514", otlp_url="http://127.0.0.1:4318/v1/logs")
    Cursor.objects.create(name="otlp", serial=1)
    assert untranslated(text_of(pages[3].get("/operate/audit/"))) == []


def test_every_sentence_of_the_history_is_in_brackets(brackets: None) -> None:
    ours = list(events.kinds().values())
    assert ours
    for kind in ours:
        for sentence in (kind.sentence, kind.refused, kind.own or kind.sentence, *kind.because.values()):
            assert str(sentence).startswith(OPEN), kind


MAIL_TEMPLATES = sorted(Path(strongroom.__file__).parent.glob("*/templates/*/mail/*.txt"))
_TRANSLATED = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}|{% translate .*?%}", re.DOTALL)
_CODE = re.compile(r"{%.*?%}|{{.*?}}")
_ADDRESSES_AND_SIGNS = re.compile(r"(?m)^(/\S*|- |-- )$")


@pytest.mark.parametrize("template", MAIL_TEMPLATES, ids=lambda path: path.stem)
def test_every_mail_can_be_translated_whole(template: Path) -> None:
    left = _CODE.sub("", _TRANSLATED.sub("", template.read_text(encoding="utf-8")))
    assert _ADDRESSES_AND_SIGNS.sub("", left).split() == []


def test_a_mail_is_written_in_its_reader_s_language_in_both_parts(brackets: None, mailoutbox: list) -> None:
    reader = Recipient("alice", ("alice@example.org",), language="de", panic_url="http://localhost:8000/x/")
    notice = RecoveryCodeWasUsed(when=datetime(2026, 5, 3, 8, tzinfo=UTC), address="203.0.113.7", left=2)
    queue.send(notice, to=reader)
    queue.deliver_due()
    (mail,) = mailoutbox
    html = mail.alternatives[0][0]
    assert mail.subject.startswith(OPEN)
    assert '<html lang="de" dir="ltr">' in html
    for part in (mail.body, html):
        assert f"{OPEN}Mai{CLOSE} 2026" in part  # Django's own German
        assert f"{OPEN}2 codes are left.{CLOSE}" in part
        assert f"{OPEN}Was this not you?" in part


def test_mail_follows_the_language_in_which_somebody_last_logged_in(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    alice = person("alice")
    for accepted, kept in (("de,en;q=0.5", "de"), ("tlh", "en"), ("de", "de"), ("en", "en")):
        sent = {"username": "alice", "password": PASSWORD}
        nobody().post("/account/login/", sent, headers={"accept-language": accepted})
        alice.refresh_from_db()
        assert alice.language == kept
    nobody().post("/account/login/", {**sent, "password": "wrong"}, headers={"accept-language": "de"})
    alice.refresh_from_db()
    assert alice.language == "en"
