"""What runs in the renderer's process: markup in, sanitized HTML out, over pipes, under limits."""

import re
import resource
import select
import sys
from html import escape, unescape
from typing import IO

IDLE_SECONDS = 60.0
_MEMORY = 1024**3
_ID_PREFIX = "user-content-"
_PICTURE = re.compile(r'<img(?: [\w-]+="[^"]*")*>')  # as nh3 writes it
_ALTERNATIVE = re.compile(r' alt="([^"]*)"')


def write_message(sink: IO[bytes], text: str) -> None:
    """Write ``text`` behind its length in four bytes."""
    encoded = text.encode("utf-8", "replace")
    sink.write(len(encoded).to_bytes(4) + encoded)
    sink.flush()


def read_message(source: IO[bytes]) -> str | None:
    """The next text, or ``None`` at the end."""
    head = source.read(4)
    encoded = source.read(int.from_bytes(head)) if len(head) == 4 else b""
    if len(head) != 4 or len(encoded) != int.from_bytes(head):
        return None
    return encoded.decode()


def main() -> None:
    """Answer until there is no more to do, or nothing has come for a while."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while select.select([source], [], [], IDLE_SECONDS)[0] and (request := read_message(source)) is not None:
        markup, _, text = request.partition("\n")
        write_message(sink, render(text, markup))


def render(text: str, markup: str) -> str:
    """``text`` as sanitized HTML, or ``""`` where it is not valid markup."""
    try:
        return sanitize(_to_html(text, markup) or "")
    except Exception:  # docutils raises whatever its parsers do; the text is shown plain then
        return ""


def sanitize(html: str) -> str:
    """Only what a description needs, on top of what readme_renderer lets through (UP-28).

    Ids and classes of the site itself cannot be taken. Pictures are left out, their texts stand instead: a page of ours
    makes no request to an address that a stranger chose.
    """
    import nh3
    from readme_renderer.clean import ALLOWED_ATTRIBUTES, ALLOWED_TAGS

    clean = nh3.clean(
        html,
        tags=set(ALLOWED_TAGS) - {"input", "picture", "nav"},
        attributes=ALLOWED_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )
    return _PICTURE.sub(_text_of, clean)


def _text_of(picture: re.Match[str]) -> str:
    """What stands for a picture: its text, unless that is but an address, as docutils writes where there is none."""
    found = _ALTERNATIVE.search(picture[0])
    text = unescape(found[1]) if found else ""
    return "" if text.startswith(("http://", "https://")) else escape(text)


def _to_html(text: str, markup: str) -> str | None:
    from readme_renderer import markdown, rst

    if markup == "rst":
        return rst.render(text)
    return markdown.render(text, variant=markup)


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    match tag, attribute:
        case ("img", "src") | ("pre", "lang"):  # a programming language is none that HTML knows
            return None
        case _, "id":
            return value if value.startswith(_ID_PREFIX) else _ID_PREFIX + value
        case "a", "href" if value.startswith("#") and not value.startswith("#" + _ID_PREFIX):
            return f"#{_ID_PREFIX}{value[1:]}"
        case _, "class":
            return " ".join(name for name in value.split() if _is_markup(name)) or None
    return value


def _is_markup(name: str) -> bool:
    """Whether it is a class of highlighted code (Pygments has one to three letters), of an admonition or the like."""
    return bool(_HIGHLIGHT.fullmatch(name)) or name in _MARKUP_CLASSES


_HIGHLIGHT = re.compile(r"[a-z][a-z0-9]{0,2}")
_MARKUP_CLASSES = frozenset({"admonition", "admonition-title", "code", "literal-block", "markdown-alert"})

if __name__ == "__main__":
    main()
