"""What a person sees of a page, and which of it went through gettext."""

from html.parser import HTMLParser

OPEN, CLOSE = "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}", "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"

_SHOWN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title", "data-copied"}
_UNSEEN = {"title", "script", "style", "svg"}  # a page's title is a heading and the site's name
_VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "path", "source", "wbr"}


class Untranslated(HTMLParser):
    """Collects the text with letters that stands outside the brackets of a translation.

    What is marked ``translate="no"`` is somebody's own text: names, addresses, code. Times are numbers and months.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._depth = 0
        self._left_out = [False]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in _VOID:
            outside = self._left_out[-1] or tag in _UNSEEN or tag == "time" or values.get("translate") == "no"
            self._left_out.append(outside)
        if not self._left_out[-1]:
            self.found += [
                f"{tag} {name}={value}"
                for name, value in attrs
                if name in _SHOWN_ATTRIBUTES and value and self._depth == 0 and OPEN not in value
            ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """``<path/>`` and the like open nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._left_out.pop()

    def handle_data(self, data: str) -> None:
        outside = ""
        for character in data:
            self._depth += {OPEN: 1, CLOSE: -1}.get(character, 0)
            outside += character if self._depth == 0 and character != CLOSE else ""
        if not self._left_out[-1] and any(character.isalpha() for character in outside):
            self.found.append(" ".join(outside.split()))


def untranslated(page: str) -> list[str]:
    """Everything a person reads on ``page`` that no translator has seen."""
    parser = Untranslated()
    parser.feed(page)
    parser.close()
    return parser.found
