"""A project's description as safe HTML: rendered once, at upload, in a process that can be stopped."""

import atexit
from html import escape

from strongroom.projects.renderer import Renderer

RST = "rst"
GFM = "GFM"
COMMONMARK = "CommonMark"

_renderer = Renderer()
atexit.register(_renderer.stop)


def render(text: str, content_type: str) -> str:
    """``text`` as sanitized HTML; ``content_type`` is as in Description-Content-Type, and may be anything.

    What cannot be rendered, or takes too long, is shown as plain text; an upload never fails for it (UP-27).
    """
    if not text.strip():
        return ""
    markup = _markup(content_type)
    html = _renderer.render(text, markup) if markup else ""
    return html or f'<pre class="plain">{escape(text)}</pre>'


def _markup(content_type: str) -> str:
    """The markup, or ``""`` for plain text, which is everything that is not plainly something else (UP-29)."""
    if not content_type:
        return RST  # core metadata specification: "If a Description-Content-Type is not specified ..., text/x-rst"
    kind, *rest = (part.strip().lower() for part in content_type.split(";"))
    parameters = dict(part.partition("=")[::2] for part in rest)
    if parameters.pop("charset", "utf-8").strip('"') != "utf-8":
        return ""
    if kind == "text/x-rst" and not parameters:
        return RST
    if kind == "text/markdown" and set(parameters) <= {"variant"}:
        return {"gfm": GFM, "commonmark": COMMONMARK}.get(parameters.get("variant", "gfm").strip('"'), "")
    return ""
