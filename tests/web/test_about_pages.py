"""Help, security policy, and the files for programs."""

import re
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from pytest_django import Settings

from strongroom.kernel import clock
from strongroom.web.wsgi import application
from tests.support.configuration import changed
from tests.web.browsing import main_of, nobody, text_of
from tests.web.routes import path_of

pytestmark = pytest.mark.django_db


def with_contacts(settings: Settings, **contacts: str) -> None:
    settings.CONFIG = changed("site", **contacts)


def test_security_txt_has_what_rfc_9116_asks_for(settings: Settings) -> None:
    with_contacts(settings, security_contact="security@example.org")
    answer = nobody().get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in text_of(answer).splitlines())
    assert fields["Contact"] == "mailto:security@example.org"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=150) < expires - clock.now() < timedelta(days=365)
    assert fields["Canonical"] == "http://localhost:8000/.well-known/security.txt"
    assert nobody().get(fields["Policy"].removeprefix("http://localhost:8000")).status_code == 200


def test_without_a_contact_security_txt_points_to_the_policy() -> None:
    assert "Contact: http://localhost:8000/security/\n" in text_of(nobody().get("/.well-known/security.txt"))


def test_the_policy_says_where_to_report_a_hole_and_where_a_bug(settings: Settings) -> None:
    with_contacts(settings, security_contact="security@example.org", bug_contact="https://bugs.example/new")
    page = main_of(nobody().get("/security/"))
    assert 'href="mailto:security@example.org"' in page
    assert 'href="https://bugs.example/new"' in page
    assert "STRONGROOM_SITE__" not in page


def test_without_contacts_the_policy_says_how_the_operator_sets_them() -> None:
    page = main_of(nobody().get("/security/"))
    assert "STRONGROOM_SITE__SECURITY_CONTACT" in page
    assert "STRONGROOM_SITE__BUG_CONTACT" in page


@pytest.mark.parametrize("anchor", ["install", "publish", "apitoken", "twofa", "totp", "verified-email"])
def test_help_has_the_anchors_that_other_pages_and_people_link_to(anchor: str) -> None:
    assert f'id="{anchor}"' in main_of(nobody().get("/help/"))


def test_help_tells_how_a_machine_logs_in_and_whose_code_never_to_approve() -> None:
    page = main_of(nobody().get("/help/"))
    section = page[page.index('id="terminal-login"') : page.index('id="narrowing"')]
    assert "strongroom login http://localhost:8000" in section
    assert "Approve a code only if you have just typed the command yourself." in section


def test_robots_keep_out_of_accounts() -> None:
    assert "Disallow: /manage/\n" in text_of(nobody().get("/robots.txt"))


def test_every_anchor_that_a_page_links_to_exists() -> None:
    for path in ("/", "/help/", "/security/", "/account/login/", "/account/register/"):
        for target in re.findall(r'href="(/help/|/security/)#([\w-]+)"', text_of(nobody().get(path))):
            assert f'id="{target[1]}"' in text_of(nobody().get(target[0])), (path, target)


def test_assets_are_served_for_ever_under_an_address_that_changes_with_them() -> None:
    page = text_of(nobody().get(path_of("home")))
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(assets) == 3
    for asset in assets:
        status, headers = asked(asset)
        assert status == "200 OK"
        assert "immutable" in headers["Cache-Control"]
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/static/", "/static/../wsgi.py", "/static/0000000000000000/strongroom.css"]
)
def test_nothing_else_is_served_as_an_asset(path: str) -> None:
    assert asked(path)[0] == "404 Not Found"


def asked(path: str) -> tuple[str, dict[str, str]]:
    """Status and headers of a GET to the WSGI application, assets included."""
    answer: dict[str, object] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        answer.update(status=status, headers=dict(headers))

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_HOST": "localhost:8000",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
    }
    body = application(environ, start_response)
    close = getattr(body, "close", None)
    if close:
        close()
    return str(answer["status"]), dict(answer["headers"])  # type: ignore[call-overload]
