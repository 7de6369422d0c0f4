"""``~/.pypirc``, in which ``twine`` and others look for credentials: one section is changed, all else stays as it is."""

import configparser
import os
import re
import tempfile
from pathlib import Path

import click

_HEADER = re.compile(r"\[(?P<name>[^]]+)\]")
_SERVERS = re.compile(r"index-servers\s*[=:]", re.IGNORECASE)
_DISTUTILS = "distutils"
_KNOWN_ANYWAY = ("pypi", "testpypi")  # what twine knows as long as no list names others


def store(path: Path, *, name: str, url: str, token: str) -> None:
    """Keep ``token`` for ``url`` in the section ``name``; the file is readable by its owner alone from then on.

    It is replaced as a whole or not at all. Raises ``click.ClickException``.
    """
    target = path.resolve()  # people link it from elsewhere
    try:
        before = target.read_text("utf-8") if target.exists() else ""
        _replace(target, with_section(before, name=name, url=url, token=token))
    except (configparser.Error, UnicodeDecodeError):
        raise click.ClickException(
            f"{path} cannot be read, so it is left alone. Put it right, or use --print to get the token."
        ) from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None


def with_section(text: str, *, name: str, url: str, token: str) -> str:
    """The text of the file with the section ``name`` in it, and the name in the list of servers.

    Comments and all other sections stay. Raises ``configparser.Error`` for what is no such file.
    """
    before = _parsed(text)
    kept = _without(text, name)
    listed = _with_server(kept, name, known=before.get(_DISTUTILS, "index-servers", fallback=None))
    section = f"[{name}]\nrepository = {url}\nusername = __token__\npassword = {token}\n"
    after = f"{listed.rstrip()}\n\n{section}" if listed.strip() else section
    _require_only_that(before, _parsed(after), name)
    return after


def _parsed(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser


def _without(text: str, name: str) -> str:
    """The text but for one section."""
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        if header := _HEADER.match(line):
            inside = header["name"] == name
        if not inside:
            kept.append(line)
    return "".join(kept)


def _with_server(text: str, name: str, *, known: str | None) -> str:
    """The text with ``name`` in the list; where there is no list, those are in it that were known without."""
    if known is not None:
        return text if name in known.split() else _behind(text, _SERVERS, f"    {name}\n")
    names = "".join(f"    {server}\n" for server in (*_KNOWN_ANYWAY, name))
    servers = f"index-servers =\n{names}"
    if any((header := _HEADER.match(line)) and header["name"] == _DISTUTILS for line in text.splitlines()):
        return _behind(text, re.compile(rf"\[{_DISTUTILS}\]"), servers)
    return f"[{_DISTUTILS}]\n{servers}\n{text}"


def _behind(text: str, pattern: re.Pattern[str], added: str) -> str:
    """The text with ``added`` behind the first line that begins so."""
    lines = (text if text.endswith("\n") else f"{text}\n").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if pattern.match(line))
    return "".join([*lines[: place + 1], added, *lines[place + 1 :]])


def _require_only_that(
    before: configparser.RawConfigParser, after: configparser.RawConfigParser, name: str
) -> None:
    """Raises ``configparser.Error`` unless the rest says what it said before, and the list names the section."""
    others = {section for section in before.sections() if section not in {name, _DISTUTILS}}
    same = all(
        after.has_section(section) and after.items(section) == before.items(section) for section in others
    )
    if not same or name not in after.get(_DISTUTILS, "index-servers", fallback="").split():
        raise configparser.Error("This file is written in a way that is not understood.")


def _replace(target: Path, text: str) -> None:
    """A whole file, mode 0600 from its beginning, takes the place of the other."""
    descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
