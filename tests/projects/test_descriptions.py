"""Descriptions as safe HTML, in bounded time, whatever they hold."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from strongroom.projects import description
from strongroom.projects.renderer import Renderer
from strongroom.projects.renderer_process import sanitize
from tests.support.patience import SECONDS

RST, GFM = "text/x-rst", "text/markdown"


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    made = Renderer()
    yield made
    made.stop()


def html_of(text: str, content_type: str = GFM) -> str:
    return description.render(text, content_type)


@pytest.mark.parametrize(
    ("content_type", "text", "html"),
    [
        (GFM, "**bold**", "<strong>bold</strong>"),
        ("text/markdown; charset=UTF-8; variant=GFM", "~~gone~~", "<del>gone</del>"),
        ("text/markdown; variant=CommonMark", "**bold**", "<strong>bold</strong>"),
        ('text/markdown; charset="utf-8"', "**bold**", "<strong>bold</strong>"),
        (RST, "**bold**", "<strong>bold</strong>"),
        ("", "**bold**", "<strong>bold</strong>"),
        ("TEXT/X-RST", "*it*", "<em>it</em>"),
        (GFM, "| a |\n|---|\n| b |", "<td>b</td>"),
        (GFM, "```python\nimport os\n```", '<span class="kn">import</span>'),
        (RST, ".. code:: python\n\n   import os", '<span class="kn">import</span>'),
        (RST, ".. note:: careful", "careful"),
    ],
)
def test_markup_is_rendered(content_type: str, text: str, html: str) -> None:
    assert html in html_of(text, content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/html",
        "text/markdown; charset=utf-7",
        "text/markdown; variant=Other",
        "text/markdown; unknown=1",
        "text/x-rst; variant=GFM",
        "text/markdown, text/html",
        "text/html; text/markdown",
        "nonsense",
        ";;;",
    ],
)
def test_everything_else_is_plain_text(content_type: str) -> None:  # UP-29
    text = "<b>**bold**</b> & more"
    assert html_of(text, content_type) == '<pre class="plain">&lt;b&gt;**bold**&lt;/b&gt; &amp; more</pre>'


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_no_description_is_nothing(text: str) -> None:
    assert html_of(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        ".. include:: /etc/passwd",
        ".. raw:: html\n\n   <script>alert(1)</script>",
        ".. raw:: html\n   :file: /etc/passwd",
        ".. raw:: html\n   :url: http://127.0.0.1/",
        ".. csv-table::\n   :file: /etc/passwd",
        ".. literalinclude:: /etc/passwd",
        "Title\n===\n\n`Unfinished",
        "|x|\n\n.. |x| image:: a\n.. |x| image:: b",
        ".. figure::",
        "`unclosed",
    ],
)
def test_what_reads_files_or_is_not_valid_is_shown_as_it_was_written(text: str) -> None:  # UP-27
    html = html_of(text, RST)
    assert html.startswith('<pre class="plain">')
    assert "root:x" not in html
    assert "<script" not in html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<style>body{display:none}</style>",
    "<div style='position:fixed'>x</div>",
    "<form action=/account/><input name=password></form>",
    "<iframe src=//evil.example></iframe>",
    "<object data=x></object><embed src=x>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<link rel=stylesheet href=//evil.example>",
    "![x](//evil.example/track.png)",
    "<picture><source srcset=//evil.example/x></picture>",
    "<details ontoggle=alert(1) open>x</details>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<button formaction=/>x</button>",
    "<a href='//evil.example' target=_blank>x</a>",
    "&#x3C;script&#x3E;alert(1)",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("content_type", [GFM, "text/markdown; variant=CommonMark"])
def test_nothing_active_comes_through(text: str, content_type: str) -> None:  # UP-28
    html = html_of(f"Hello\n\n{text}\n", content_type).lower()
    for forbidden in (
        "<script",
        "<style",
        "<form",
        "<input",
        "<iframe",
        "<object",
        "<embed",
        "<base",
        "<meta",
        "<link",
    ):
        assert forbidden not in html
    for forbidden in ("<svg", "<math", "<button", "<source", "javascript:", "data:text", "vbscript:"):
        assert forbidden not in html
    tags = [tag.partition(">")[0] for tag in html.split("<")[1:]]
    assert not [tag for tag in tags if " on" in tag or " style" in tag or " src" in tag or " srcset" in tag]


def test_pictures_are_left_out_and_their_texts_stand() -> None:  # UP-28
    html = html_of("![Build passing](https://ci.example/badge.svg) <img src=/logo.png alt=Logo width=10>")
    assert "src" not in html
    assert "Build passing" in html
    assert "Logo" in html


def test_ids_and_classes_of_the_site_can_not_be_taken() -> None:  # UP-28
    html = html_of("<p id=main class='button danger'>x</p>\n\n[to](#main)\n\n# Heading")
    assert 'id="main"' not in html
    assert "button" not in html
    assert "danger" not in html
    assert 'id="user-content-main"' in html or "id=" not in html.partition("Heading")[0]


def test_links_lend_no_reputation_and_open_nothing_of_ours() -> None:
    html = html_of("[x](https://example.org)")
    assert 'href="https://example.org"' in html
    assert "nofollow" in html
    assert "noopener" in html


def test_what_is_clean_stays_clean() -> None:
    html = html_of("# Hello\n\n- [x](https://example.org) *it* `code`\n\n> quote\n")
    assert sanitize(html) == html


def test_a_description_that_takes_too_long_is_given_up_and_the_next_is_rendered() -> None:  # UP-27
    with closing(_Closing(seconds=0.01)) as impatient:
        assert impatient.render("\n".join("  " * level + "- x" for level in range(3000)), "rst") == ""
        impatient._seconds = SECONDS
        assert "<em>" in impatient.render("*next*", "rst")


class _Closing(Renderer):
    def close(self) -> None:
        self.stop()


def test_a_renderer_that_died_is_started_again(renderer: Renderer) -> None:
    assert "<em>" in renderer.render("*one*", "rst")
    process = renderer._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert "<em>" in renderer.render("*two*", "rst")


def test_the_renderer_knows_nothing_of_the_server(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRONGROOM_DATABASE_URL", "postgresql://secret")
    renderer.stop()
    renderer.render("*x*", "rst")
    process = renderer._process
    assert process is not None
    about = Path(f"/proc/{process.pid}")
    assert b"renderer_process" in (about / "cmdline").read_bytes()
    assert b"STRONGROOM" not in (about / "environ").read_bytes()
    loaded = (about / "maps").read_text()
    assert "_sqlite3" not in loaded
    assert "psycopg" not in loaded


@pytest.mark.parametrize("text", ["\ud800", "a\0b", "é" * 10_000, "\r\n\r", "\u202e reversed"])
def test_no_text_stops_the_renderer(text: str) -> None:
    assert isinstance(html_of(text), str)
    assert "<em>" in html_of("*after*")
