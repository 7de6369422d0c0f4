"""The HTML part of a mail, made from its text: there is one text to write, to translate and to trust."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.utils.translation import get_language_info

_SIGNATURE = "\n-- \n"  # RFC 3676 §4.3
_BULLET = "- "


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two empty lines: lines of text, the items of a list, or one address of this site alone.

    ``shown`` is what a reader sees of the address: where it leads, without the secret in it.
    """

    lines: tuple[str, ...]
    is_list: bool = False
    link: str = ""
    shown: str = ""


def as_html(text: str, *, subject: str, language: str, base_url: str) -> str:
    """A whole HTML document that says what ``text`` says.

    Only addresses of this site that stand on a line of their own become links: names that others have chosen, which a
    mail may quote, lead nowhere.
    """
    body, _, signature = text.partition(_SIGNATURE)
    blocks = [_block(lines, base_url) for lines in _split(body)]
    values = {
        "subject": subject,
        "language": language,
        "direction": _direction(language),
        "blocks": blocks,
        "foremost": next((block for block in blocks if block.link), None),
        "signature": [_block((line,), base_url) for line in signature.split("\n") if line.strip()],
    }
    return render_to_string("notices/mail/frame.html", values)


def _split(text: str) -> list[tuple[str, ...]]:
    """The lines of ``text`` in groups, divided by empty lines."""
    groups: list[list[str]] = [[]]
    for line in (line.strip() for line in text.split("\n")):
        if line:
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    return [tuple(group) for group in groups if group]


def _block(lines: tuple[str, ...], base_url: str) -> Block:
    if len(lines) == 1 and lines[0].startswith(f"{base_url}/") and not set(lines[0]) & set(" \"'<>"):
        parts = urlsplit(lines[0])
        return Block(lines, link=lines[0], shown=f"{parts.netloc}{parts.path}")
    if all(line.startswith(_BULLET) for line in lines):
        return Block(tuple(line.removeprefix(_BULLET) for line in lines), is_list=True)
    return Block(lines)


def _direction(language: str) -> str:
    try:
        return "rtl" if get_language_info(language)["bidi"] else "ltr"
    except KeyError:
        return "ltr"
