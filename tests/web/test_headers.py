"""What every page says about itself to browsers, caches and other sites."""

import re

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from strongroom.kernel.sections import SiteKind
from tests.support.configuration import changed
from tests.support.people import person
from tests.web.browsing import browser_of, nobody, operator, text_of
from tests.web.content import publish
from tests.web.routes import every_route, path_of

pytestmark = pytest.mark.django_db

_INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


@pytest.fixture
def browsers() -> list[Client]:
    alice = person("alice")
    publish(alice)
    return [nobody(), browser_of(alice), browser_of(operator())]


def gettable() -> list[str]:
    return [path_of(name) for name, page in every_route().items() if "GET" in page.permissions] + [
        "/nowhere/"
    ]


def test_every_answer_keeps_scripts_frames_and_sniffers_out(browsers: list[Client]) -> None:
    # SS-14, SS-15
    for path in gettable():
        for client in browsers:
            headers = client.get(path).headers
            policy = headers["Content-Security-Policy"]
            assert "unsafe" not in policy, path
            assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(
                policy.split("; ")
            )
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert "camera=()" in headers["Permissions-Policy"]
            assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]


def test_no_page_has_script_or_style_within(browsers: list[Client]) -> None:
    # SS-15
    for path in gettable():
        for client in browsers:
            assert not _INLINE.findall(text_of(client.get(path))), path


def test_no_page_loads_anything_from_elsewhere(browsers: list[Client]) -> None:
    # EM-17
    for path in gettable():
        for client in browsers:
            page = text_of(client.get(path))
            loaded = re.findall(r'<(?:link|script|img|iframe)[^>]*\s(?:href|src)="([^"]*)"', page)
            assert all(address.startswith("/static/") for address in loaded), path


def test_pages_of_signed_in_people_are_kept_nowhere(browsers: list[Client]) -> None:
    # SS-16
    _nobody, alice, olga = browsers
    for path in gettable():
        for client in (alice, olga):
            answer = client.get(path)
            assert answer.headers["Cache-Control"] == "no-store", path
            assert "Cookie" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "path",
    [
        "/account/verify-email/?token=x",
        "/account/reset-password/?token=x",
        "/operate/setup/?token=x",
        "/account/login/?next=%2Foperate%2Fsetup%2F%3Ftoken%3Dx",
    ],
)
def test_a_page_whose_address_holds_a_secret_sends_it_nowhere_and_is_not_kept(path: str) -> None:
    # EM-17. "no-referrer" would make the browser send "Origin: null" with the form on the page, which is refused.
    headers = nobody().get(path).headers
    assert headers["Referrer-Policy"] == "strict-origin"
    assert headers["Cache-Control"] == "no-store"


def test_over_https_browsers_are_told_to_stay_there(settings: Settings) -> None:
    assert "Strict-Transport-Security" not in nobody().get("/help/").headers
    settings.CONFIG = changed("site", base_url="https://index.example")
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert nobody().get("/help/").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_every_answer_has_an_id_of_its_own() -> None:
    ids = {nobody().get("/help/").headers["X-Request-Id"] for _ in range(10)}
    assert len(ids) == 10


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:8000", "a@localhost", ""]
)
def test_a_request_for_another_host_is_refused_with_a_sentence(host: str) -> None:
    # EM-16, PR-06
    answer = nobody().get("/", headers={"Host": host}, SERVER_NAME="evil.example")
    assert answer.status_code == 400
    assert settings.CONFIG.base_url in text_of(answer)


def test_a_forwarded_host_is_not_believed() -> None:
    # PR-06
    answer = nobody().get("/help/", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content


def test_a_test_site_says_so_on_every_page_and_keeps_search_engines_out(
    browsers: list[Client], settings: Settings
) -> None:
    settings.CONFIG = changed("site", kind=SiteKind.TEST, name="Rehearsal")
    for path in gettable():
        for client in browsers:
            answer = client.get(path)
            assert answer.headers["X-Robots-Tag"] == "noindex", path
            if answer.headers.get("Content-Type", "").startswith("text/html") and answer.content:
                assert 'class="test-site"' in text_of(answer), path
                assert '<meta name="robots" content="noindex">' in text_of(answer)
    assert "Disallow: /\n" in text_of(nobody().get("/robots.txt"))


def test_other_sites_say_nothing_of_a_test(browsers: list[Client]) -> None:
    answer = browsers[0].get("/")
    assert "X-Robots-Tag" not in answer.headers
    assert "test-site" not in text_of(answer)
