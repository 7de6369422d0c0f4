"""Every mail is text and HTML, made from one source."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st

from strongroom.accounts.notices import PasswordWasChanged, VerifyEmail
from strongroom.kernel import clock
from strongroom.notices import queue
from strongroom.notices.html import as_html
from strongroom.notices.models import QueuedMail
from strongroom.notices.notice import Recipient

BASE = "http://localhost:8000"
SOURCE = Path(queue.__file__).parents[1]
ALICE = Recipient("alice", ("alice@example.org",))
LINK = f"{BASE}/account/verify-email/?token=sesame"


def html_of(text: str, *, language: str = "en") -> str:
    return as_html(text, subject="About your account", language=language, base_url=BASE)


def html_part(mail: Any) -> str:
    (part,) = mail.alternatives
    assert part.mimetype == "text/html"
    return str(part.content)


@pytest.fixture
def mail(db: None, mailoutbox: list) -> Iterator[Any]:
    queue.send(VerifyEmail(url=LINK, hours=24), to=ALICE)
    assert queue.deliver_due() == 1
    return mailoutbox[0]


def test_a_mail_is_text_and_html_that_say_the_same(mail: Any) -> None:
    message = mail.message()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.get_payload()] == ["text/plain", "text/html"]
    shown = unescape(re.sub(r"<[^>]*>", " ", html_part(mail).partition("</head>")[2]))
    for sentence in (line for line in mail.body.split("\n") if line and not line.startswith(("http", "--"))):
        assert sentence.strip() in shown


def test_the_link_of_a_mail_is_a_button_that_shows_where_it_leads_without_its_secret(mail: Any) -> None:
    assert f'<a class="button foremost" href="{LINK}">localhost:8000/account/verify-email/</a>' in html_part(
        mail
    )


def test_of_several_links_the_first_stands_out() -> None:
    html = html_of(f"Look:\n\n{BASE}/manage/account/\n\nElse:\n\n{BASE}/account/panic/?token=x\n")
    assert f'class="button foremost" href="{BASE}/manage/account/"' in html
    assert f'class="button" href="{BASE}/account/panic/?token=x"' in html


def test_a_mail_asks_for_no_automatic_answer(mail: Any) -> None:
    assert mail.message()["Auto-Submitted"] == "auto-generated"


def test_the_html_names_its_language_and_loads_nothing(mail: Any) -> None:  # EM-17
    html = html_part(mail)
    assert '<html lang="en" dir="ltr">' in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert not re.search(r"<(img|script|link|iframe|form)|url\(|@import|src=", html)


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("de", "ltr"), ("tlh", "ltr")]
)
def test_the_direction_is_that_of_the_language(language: str, direction: str) -> None:
    assert f'<html lang="{language}" dir="{direction}">' in html_of("Hello", language=language)


def test_lines_that_begin_with_a_hyphen_are_a_list() -> None:
    assert "<ul><li>laptop</li><li>server</li></ul>" in html_of("Revoked:\n\n- laptop\n- server\n")


def test_what_follows_the_signature_mark_is_the_foot() -> None:
    foot = html_of(f"Hello\n\n-- \nStrongroom\n{BASE}/\n").partition("<footer>")[2]
    assert "<p>Strongroom</p>" in foot
    assert f'<a href="{BASE}/">localhost:8000/</a>' in foot


@pytest.mark.parametrize(
    "line",
    [
        "http://evil.example/account/panic/",
        "http://localhost:8000.evil.example/",
        f"Open {BASE}/",
        f'{BASE}/" onclick="x',
        f"{BASE}/ now",
        "javascript:alert(1)",
    ],
)
def test_only_an_address_of_this_site_alone_on_its_line_is_a_link(line: str) -> None:
    assert "<a " not in html_of(f"{line}\n")


@given(st.text(max_size=200))
def test_no_text_makes_markup(text: str) -> None:
    html = html_of(f"x {text}").partition("<main>")[2]
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "br", "ul", "li", "footer", "a"}
    assert all(address.startswith(BASE) for address in re.findall(r'href="([^"]*)', html))


@pytest.mark.django_db
def test_a_point_in_time_is_written_out_in_utc(mailoutbox: list) -> None:
    when = datetime(2026, 11, 21, 8, 5, tzinfo=timezone(timedelta(hours=2)))
    queue.send(PasswordWasChanged(when=when, address="203.0.113.7"), to=ALICE)
    queue.deliver_due()
    assert "on 21 November 2026, 06:05 (UTC) from 203.0.113.7" in mailoutbox[0].body
    assert when.astimezone(UTC).hour == 6


@pytest.mark.django_db
def test_a_mail_that_an_older_version_has_queued_is_still_delivered(mailoutbox: list) -> None:
    text = orjson.dumps(["Hello", f"Open this:\n\n{LINK}\n"])
    sealed = django_settings.KEYRING.seal("notices", text, context="alice@example.org")
    now = clock.now()
    QueuedMail.objects.create(address="alice@example.org", sealed=sealed, queued=now, due=now)
    assert queue.deliver_due() == 1
    assert mailoutbox[0].body.startswith("Open this:")
    assert f'href="{LINK}"' in html_part(mailoutbox[0])


@pytest.mark.django_db
@pytest.mark.parametrize("panic_url", ["", f"{BASE}/account/panic/?token=sesame"])
def test_a_mail_offers_the_panic_link_where_there_is_one(panic_url: str, mailoutbox: list) -> None:
    to = Recipient("alice", ("alice@example.org",), panic_url=panic_url)
    queue.send(PasswordWasChanged(when=clock.now(), address="203.0.113.7"), to=to)
    queue.deliver_due()
    body, _, signature = mailoutbox[0].body.partition("\n-- \n")
    assert ("Was this not you?" in body) == bool(panic_url)
    assert panic_url in body
    assert "panic" not in signature  # which mail programs fold away
    assert ("localhost:8000/account/panic/</a>" in html_part(mailoutbox[0])) == bool(panic_url)


def test_no_template_formats_a_date_that_is_written_out_already() -> None:
    templates = [*SOURCE.glob("*/templates/*/mail/*.txt")]
    assert templates
    assert [path.name for path in templates if re.search(r"\|\s*(date|time)\b", path.read_text())] == []
