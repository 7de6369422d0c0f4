"""Every path means what the index or a page means by it, or nothing; nothing else in the folders can be had."""

import pytest

from tests.attacks.target import Target
from tests.attacks.wire import get

NOWHERE = [
    "/simple/../../etc/passwd",
    "/simple/%2e%2e/%2e%2e/etc/passwd",
    "/simple//",
    "/simple//demo/",
    "/simple/demo//",
    "/simple/%00/",
    "/simple/%ff/",
    "/simple/%c0%ae%c0%ae/",
    "/simple/demo;a=b/",
    "/simple/demo%0d%0aX:y/",
    "/SIMPLE/demo/",
    "//simple/demo/",
    "/files/",
    "/files/%2e%2e/%2e%2e/keys/instance.key",
    "/files/..%2f..%2fkeys/instance.key",
    "/files/../keys/instance.key",
    "/files/%c0%ae%c0%ae/keys/instance.key",
    "/static/",
    "/static/../settings.py",
    "/static/%2e%2e/%2e%2e/settings.py",
    "/static/..%2f..%2fsettings.py",
    "/static//etc/passwd",
    "/project/%00/",
    "/user/%2e%2e/",
    "/legacy/%2e%2e/",
    "/%0d%0aX:y",
    "/%00",
    "/%ff",
    "*",
]
PRIVATE = [
    "/.git/config",
    "/.env",
    "/.well-known/",
    "/admin/",
    "/debug/",
    "/__debug__/",
    "/metrics",
    "/server-status",
    "/strongroom.sqlite3",
    "/var/strongroom.sqlite3",
    "/keys/instance.key",
    "/outbox/",
    "/blobs/",
    "/static/.htaccess",
    "/settings.py",
    "/help/~",
    "/help.bak",
    "/index.html",
    "/i18n/setlang/",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_a_trick_in_a_path_leads_nowhere(target: Target, path: str) -> None:
    # IX-05
    heard = get(target.server.port, path)
    assert heard.statuses == [404]
    assert "\r\nx:y" not in heard.head
    assert (target.server.data / "keys" / "instance.key").read_bytes() not in heard.raw


@pytest.mark.parametrize("change", ["upper", "dots", "%", "slash", "other name", "other digest", "parent"])
def test_a_file_has_one_address(target: Target, change: str) -> None:
    # IX-05
    path = target.file_path
    first, digest, name = path[:13], path[13:73], path[74:]
    changed = {
        "upper": first + digest.upper() + "/" + name,
        "dots": first + digest + "/./" + name,
        "%": first + digest + "%2f" + name + "%2f",
        "slash": path + "/",
        "other name": first + digest + "/other-1.0-py3-none-any.whl",
        "other digest": first + digest[::-1] + "/" + name,
        "parent": first + digest + "/../" + digest + "/" + name,
    }[change]
    assert get(target.server.port, path).statuses == [200]
    assert get(target.server.port, changed).statuses == [404]


def test_other_spellings_of_a_project_lead_to_the_one_page(target: Target) -> None:
    # IX-05
    for path in ("/simple/Demo/", "/simple/demo", "/simple/%64emo", "/simple/DEMO"):
        heard = get(target.server.port, path)
        assert heard.statuses == [301]
        assert "\r\nlocation: /simple/demo/\r\n" in heard.head


@pytest.mark.parametrize("path", PRIVATE)
def test_what_is_for_nobody_is_not_there(target: Target, path: str) -> None:
    # IX-20
    heard = get(target.server.port, path)
    assert heard.statuses == [404]
    assert b"Traceback" not in heard.raw
    assert b"Index of" not in heard.raw


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "DELETE", "PUT", "PATCH", "OPTIONS", "PROPFIND"])
def test_other_methods_do_nothing(target: Target, method: str) -> None:
    # SS-08
    for path in ("/simple/demo/", target.file_path, "/healthz", "/help/"):
        (status,) = get(target.server.port, path, method=method).statuses
        assert status in {403, 405}, path
    assert get(target.server.port, target.file_path).statuses == [200]
