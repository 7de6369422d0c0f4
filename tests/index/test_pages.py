"""Pages, over the whole matrix of what a client can ask for."""

import gzip
import json
from itertools import product

import pytest

from strongroom.index.app import Index
from strongroom.simple.page import ProjectStatus
from tests.index.asking import Reply, ask
from tests.index.site import Site, digest, entry

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
LATEST = "application/vnd.pypi.simple.latest+json"
TYPES = {JSON: JSON, HTML: HTML, "text/html": "text/html; charset=utf-8", LATEST: JSON}
ENCODINGS = ["", "gzip", "identity", "br"]


@pytest.fixture
def site(site: Site) -> Site:
    for number in range(20):
        filename = f"demo_project-1.{number}.tar.gz"
        site.publish("Demo_Project", entry(filename, sha256=digest(filename.encode())))
    return site


def unpacked(reply: Reply) -> bytes:
    return gzip.decompress(reply.body) if reply.headers.get("content-encoding") == "gzip" else reply.body


# IX-04
@pytest.mark.parametrize("path", ["/simple/demo-project/", "/simple/"])
def test_every_variant_has_its_type_its_encoding_and_its_own_tag(index: Index, path: str) -> None:
    tags: dict[str, tuple[str, bool]] = {}
    for accept, encoding in product(TYPES, ENCODINGS):
        reply = ask(index, path, headers={"Accept": accept, "Accept-Encoding": encoding})
        assert reply.status == 200
        assert reply.headers["content-type"] == TYPES[accept]
        assert reply.headers["content-length"] == str(len(reply.body))
        assert reply.headers["vary"] == "Accept, Accept-Encoding"
        is_gzip = encoding == "gzip" and path != "/simple/"  # a list of one project is too short to gain
        assert reply.headers.get("content-encoding", "") == ("gzip" if is_gzip else "")
        variant = (TYPES[accept], is_gzip)
        assert tags.setdefault(reply.headers["etag"], variant) == variant
        assert unpacked(reply).startswith(b"{" if accept in {JSON, LATEST} else b"<!DOCTYPE html>")
    assert len(tags) == (6 if path != "/simple/" else 3)


def test_both_renderings_list_the_same_files(index: Index) -> None:
    listed = json.loads(ask(index, "/simple/demo-project/", headers={"Accept": JSON}).body)["files"]
    html = ask(index, "/simple/demo-project/").body.decode()
    assert len(listed) == html.count("<a ") == 20
    assert [file["url"] in html for file in listed] == [True] * 20


def test_a_page_carries_everything_that_clients_caches_and_mirrors_need(index: Index) -> None:
    headers = ask(index, "/simple/demo-project/").headers
    del headers["content-length"], headers["etag"]
    assert headers == {
        "content-type": "text/html; charset=utf-8",
        "vary": "Accept, Accept-Encoding",
        "cache-control": "public, max-age=0, must-revalidate",
        "x-pypi-last-serial": "20",
        "access-control-allow-origin": "*",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }


def test_the_serial_of_a_page_is_its_projects_and_that_of_the_list_everybodys(
    index: Index, site: Site
) -> None:
    site.create("other")
    assert ask(index, "/simple/demo-project/").headers["x-pypi-last-serial"] == "20"
    assert ask(index, "/simple/other/").headers["x-pypi-last-serial"] == "21"
    assert ask(index, "/simple/").headers["x-pypi-last-serial"] == "21"


def test_head_is_get_without_the_body(index: Index) -> None:
    for headers in ({}, {"Accept": JSON, "Accept-Encoding": "gzip"}):
        whole = ask(index, "/simple/demo-project/", headers=headers)
        head = ask(index, "/simple/demo-project/", method="HEAD", headers=headers)
        assert head.messages[0] == whole.messages[0]
        assert head.body == b""


# IX-07
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_who_has_the_page_is_told_so(index: Index, method: str, form: str, encoding: str) -> None:
    headers = {"Accept": JSON, "Accept-Encoding": encoding}
    whole = ask(index, "/simple/demo-project/", headers=headers)
    tags = form.format(whole.headers["etag"])
    reply = ask(index, "/simple/demo-project/", method=method, headers={**headers, "If-None-Match": tags})
    assert (reply.status, reply.body) == (304, b"")
    assert {"content-type", "content-length"}.isdisjoint(reply.headers)
    for name in ("etag", "vary", "cache-control", "x-pypi-last-serial"):
        assert reply.headers[name] == whole.headers[name]


# IX-07
def test_who_has_another_variant_or_an_older_page_gets_this_one(index: Index, site: Site) -> None:
    tag = ask(index, "/simple/demo-project/", headers={"Accept": JSON}).headers["etag"]
    for headers in ({"Accept": HTML}, {"Accept": JSON, "Accept-Encoding": "gzip"}):
        assert ask(index, "/simple/demo-project/", headers={**headers, "If-None-Match": tag}).status == 200
    site.upload("demo-project", "demo_project-2.0.tar.gz", b"new")
    reply = ask(index, "/simple/demo-project/", headers={"Accept": JSON, "If-None-Match": tag})
    assert reply.status == 200
    assert b"demo_project-2.0.tar.gz" in reply.body


# IX-04
def test_nothing_acceptable_is_406_and_says_what_there_is(index: Index) -> None:
    reply = ask(index, "/simple/demo-project/", headers={"Accept": "application/json"})
    assert reply.status == 406
    assert JSON.encode() in reply.body
    assert reply.headers["vary"] == "Accept"


def test_several_accept_lines_are_one_list(index: Index) -> None:
    request = [(b"accept", b"text/html;q=0.1"), (b"accept", JSON.encode())]
    for lines in (request, request[::-1]):
        reply = ask(index, "/simple/demo-project/", lines=lines)
        assert reply.headers["content-type"] == JSON


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"format={JSON}", JSON),
        (f"format={JSON.replace('+', '%2B')}", JSON),
        (f"a=b&format={LATEST}", JSON),
        ("format=text/html", "text/html; charset=utf-8"),
        ("formatting=1", HTML),
        ("format=", HTML),
    ],
)
def test_a_format_in_the_query_overrules_the_header(index: Index, query: str, found: str) -> None:
    reply = ask(index, "/simple/demo-project/", query=query.encode(), headers={"Accept": HTML})
    assert (reply.status, reply.headers["content-type"]) == (200, found)


def test_an_unknown_format_is_406(index: Index) -> None:
    assert ask(index, "/simple/demo-project/", query=b"format=json").status == 406


# IX-03
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/evil"},
        {"X-Original-URL": "/simple/other/", "X-Rewrite-URL": "/simple/other/"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Forwarded": "host=evil.example"},
        {"Content-Length": "4"},
    ],
)
@pytest.mark.parametrize("path", ["/simple/demo-project/", "/simple/", "/simple/Demo.Project"])
def test_nothing_but_path_query_and_accept_chooses_the_answer(
    index: Index, path: str, headers: dict[str, str]
) -> None:
    plain, poisoned = ask(index, path), ask(index, path, headers=headers)
    assert poisoned.messages == plain.messages
    assert b"evil" not in poisoned.body


# IX-03
def test_a_query_that_means_nothing_changes_nothing(index: Index) -> None:
    plain = ask(index, "/simple/demo-project/")
    assert ask(index, "/simple/demo-project/", query=b"utm=1&x=<script>").messages == plain.messages


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/simple", "/simple/"),
        ("/simple/demo-project", "/simple/demo-project/"),
        ("/simple/Demo.Project/", "/simple/demo-project/"),
        ("/simple/not_there", "/simple/not-there/"),
    ],
)
@pytest.mark.parametrize("query", ["", "format=text/html"])
def test_other_spellings_redirect_on_this_host_with_the_query(
    index: Index, path: str, location: str, query: str
) -> None:
    reply = ask(index, path, query=query.encode(), headers={"Host": "evil.example", "Accept": "image/png"})
    assert reply.status == 301
    assert reply.headers["location"] == location + ("?" + query if query else "")


def test_a_project_that_is_not_there_is_not_found_and_is_found_once_it_is(index: Index, site: Site) -> None:
    for _ in range(2):
        reply = ask(index, "/simple/later/", headers={"If-None-Match": "*"})
        assert (reply.status, reply.body) == (404, b"Not found.\n")
        assert "max-age=0" in reply.headers["cache-control"]
    site.create("Later")
    assert ask(index, "/simple/later/").status == 200


# IX-05, IX-20
@pytest.mark.parametrize(
    "path", ["/simple/../", "/simple/a/b/", "/simple/%2e%2e/", "/simple/.git/", "/files/", "/files/x"]
)
def test_no_other_path_leads_anywhere(index: Index, path: str) -> None:
    reply = ask(index, path)
    assert (reply.status, reply.body) == (404, b"Not found.\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "BREW"])
@pytest.mark.parametrize("path", ["/simple/", "/simple/demo-project/", "/files/x", "/healthz"])
def test_only_get_and_head_are_answered(index: Index, method: str, path: str) -> None:
    reply = ask(index, path, method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


# IX-17
def test_a_quarantined_project_shows_no_file_and_none_can_be_had(index: Index, site: Site) -> None:
    entry = site.upload("bad", "bad-1.0.tar.gz", b"malware", metadata=b"Name: bad\n" * 200)
    path = f"/files/{entry.sha256[:2]}/{entry.sha256[2:4]}/{entry.sha256[4:]}/bad-1.0.tar.gz"
    assert [ask(index, path).status, ask(index, f"{path}.metadata").status] == [200, 200]
    site.create("bad", status=ProjectStatus.QUARANTINED)
    page = json.loads(ask(index, "/simple/bad/", headers={"Accept": JSON}).body)
    assert (page["files"], page["project-status"]) == ([], {"status": "quarantined"})
    assert [ask(index, path).status, ask(index, f"{path}.metadata").status] == [404, 404]


def test_the_process_is_healthy_and_says_whether_it_is_ready(site: Site) -> None:
    ready: list[object] = [True, False, OSError("no database")]

    def is_ready() -> bool:
        answer = ready.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    index = site.index(ready=is_ready)
    assert [ask(index, "/readyz").status for _ in range(3)] == [200, 503, 503]
    reply = ask(index, "/healthz")
    assert (reply.status, reply.body, reply.headers["cache-control"]) == (200, b"ok\n", "no-store")
