"""Reading: what is asked for, and how many times a second it is answered (wrk, two threads, 32 connections)."""

import re
import subprocess
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx

from bench.corpus import BIG_BYTES, BIG_PROJECT, PAGE_FILES, PAGE_PROJECT
from bench.process import Failed
from bench.servers import Server

HTML = "application/vnd.pypi.simple.v1+html, text/html;q=0.9"
JSON = "application/vnd.pypi.simple.v1+json"
CONNECTIONS = 32

PAGE_HTML = "project page, HTML"
PAGE_JSON = "project page, JSON"
NOT_MODIFIED = "304 revalidation"
DOWNLOAD = "10 MB download"
CASES = [PAGE_HTML, PAGE_JSON, NOT_MODIFIED, DOWNLOAD]


@dataclass(frozen=True, slots=True)
class Request:
    """One request that wrk repeats."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)


def requests_of(server: Server) -> dict[str, Request]:
    """What to ask ``server`` for in each case that it knows; each is tried and its answer looked at."""
    page = f"{server.simple}{PAGE_PROJECT}/"
    html = Request(page, {"Accept": HTML})
    found = {PAGE_HTML: html}
    answer = _get(html)
    if answer.text.count("<a ") != PAGE_FILES:
        raise Failed(f"the page lists {answer.text.count('<a ')} files instead of {PAGE_FILES}")
    if (tag := answer.headers.get("etag")) and _is_revalidated(html, tag):
        found[NOT_MODIFIED] = Request(page, {**html.headers, "If-None-Match": tag})
    as_json = Request(page, {"Accept": JSON})
    if "json" in _get(as_json).headers["content-type"]:
        found[PAGE_JSON] = as_json
    found[DOWNLOAD] = Request(_first_file(server))
    return found


def static_files(server: Server) -> dict[str, bytes]:
    """The bytes with which ``server`` answers each case, for nginx to serve as files."""
    requests = requests_of(server)
    files = {"page.html": _get(requests[PAGE_HTML]).content, "file.whl": _get(requests[DOWNLOAD]).content}
    if PAGE_JSON in requests:
        files["page.json"] = _get(requests[PAGE_JSON]).content
    return files


def static_requests(server: Server, files: dict[str, bytes]) -> dict[str, Request]:
    """The same for nginx."""
    page = Request(f"{server.simple}page.html")
    tag = _get(page).headers["etag"]
    found = {
        PAGE_HTML: page,
        NOT_MODIFIED: Request(page.url, {"If-None-Match": tag}),
        DOWNLOAD: Request(f"{server.simple}file.whl"),
    }
    if "page.json" in files:
        found[PAGE_JSON] = Request(f"{server.simple}page.json")
    return found


def per_second(request: Request, *, seconds: int) -> float:
    """Run wrk for ``seconds``; raises ``Failed`` when anything but 2xx or 3xx was answered."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s"]
    for name, value in request.headers.items():
        command += ["-H", f"{name}: {value}"]
    result = subprocess.run(
        [*command, request.url], capture_output=True, text=True, check=False, timeout=seconds + 60
    )
    rate = re.search(r"Requests/sec:\s+([\d.]+)", result.stdout)
    if result.returncode or rate is None or "Non-2xx" in result.stdout or "Socket errors" in result.stdout:
        raise Failed(f"wrk: {result.stdout[-400:]} {result.stderr[-200:]}")
    return float(rate.group(1))


def _get(request: Request) -> httpx.Response:
    return _ask(request).raise_for_status()


def _ask(request: Request) -> httpx.Response:
    """One request, without compression, as wrk sends it."""
    headers = {"Accept-Encoding": "identity", **request.headers}
    return httpx.get(request.url, headers=headers, timeout=60, trust_env=False)


def _is_revalidated(request: Request, tag: str) -> bool:
    return _ask(Request(request.url, {**request.headers, "If-None-Match": tag})).status_code == 304


def _first_file(server: Server) -> str:
    page = _get(Request(f"{server.simple}{BIG_PROJECT}/", {"Accept": HTML}))
    link = re.search(r'<a\s[^>]*href="([^"#]+)', page.text)
    if link is None:
        raise Failed("the page of the large file has no link")
    url = urljoin(str(page.url), str(link.group(1)))
    if len(_get(Request(url)).content) < BIG_BYTES:
        raise Failed("the large file is too short")
    return url
