"""A token goes into ~/.pypirc, and nothing else in it changes."""

import configparser
import stat
from pathlib import Path

import click
import pytest
from twine.utils import get_config

from strongroom.cli import pypirc

URL = "https://index.example/legacy/"
TOKEN = "strongroom-AAAA"

OTHERS = """\
# mine
[distutils]
index-servers =
    pypi
    acme

[pypi]
username = __token__
password = pypi-x  ; with a comment

; acme's own
[acme]
repository: https://acme.example/
username = bob
password = 100%certain
"""


def stored(tmp_path: Path, text: str | None = None, *, name: str = "index.example") -> str:
    path = tmp_path / ".pypirc"
    if text is not None:
        path.write_text(text)
    pypirc.store(path, name=name, url=URL, token=TOKEN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [".pypirc"]
    return path.read_text()


def read(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser


def test_twine_finds_the_token(tmp_path: Path) -> None:
    for text in (None, "", OTHERS, "[pypi]\nusername = a\n", "[distutils]\nindex-servers = pypi"):
        stored(tmp_path, text)
        found = get_config(str(tmp_path / ".pypirc"))["index.example"]
        assert (found["repository"], found["username"], found["password"]) == (URL, "__token__", TOKEN)


def test_all_else_stays(tmp_path: Path) -> None:
    text = stored(tmp_path, OTHERS)
    before, after = read(OTHERS), read(text)
    for section in ("pypi", "acme"):
        assert after.items(section) == before.items(section)
    for line in OTHERS.splitlines():
        assert line in text.splitlines()
    assert after.get("distutils", "index-servers").split() == ["index.example", "pypi", "acme"]


def test_a_second_token_takes_the_place_of_the_first(tmp_path: Path) -> None:
    once = stored(tmp_path, OTHERS)
    again = stored(tmp_path, once.replace(TOKEN, "strongroom-BBBB").replace(URL, "https://old.example/"))
    assert again == once
    moved = "[index.example]\npassword = old\n\n" + OTHERS.replace("    acme", "    acme\n    index.example")
    text = stored(tmp_path, moved)
    assert "old" not in text
    assert text.count("[index.example]") == 1
    assert read(text).get("acme", "password") == "100%certain"


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("", ["pypi", "testpypi", "index.example"]),
        ("[pypi]\nusername = a\n", ["pypi", "testpypi", "index.example"]),
        ("[distutils]\n[pypi]\nusername = a\n", ["pypi", "testpypi", "index.example"]),
        ("[distutils]\nindex-servers = acme\n", ["acme", "index.example"]),
        ("[distutils]\nINDEX-SERVERS: acme other\n", ["acme", "other", "index.example"]),
        ("[distutils]\nindex-servers = acme index.example\n", ["acme", "index.example"]),
        ("[distutils]\nindex-servers =\n  acme", ["acme", "index.example"]),
    ],
)
def test_the_list_of_servers_names_it_and_loses_none(tmp_path: Path, text: str, servers: list[str]) -> None:
    after = read(stored(tmp_path, text))
    assert sorted(after.get("distutils", "index-servers").split()) == sorted(servers)


@pytest.mark.parametrize(
    "content",
    [
        b"no section\n",
        b"[a]\nx = 1\n[a]\nx = 2\n",
        b"\xff\xfe",
        b"[distutils]\n x\n  index-servers = a\n[",
        b"[distutils\nindex-servers = a\n",
    ],
)
def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ".pypirc"
    path.write_bytes(content)
    with pytest.raises(click.ClickException, match="left alone"):
        pypirc.store(path, name="index.example", url=URL, token=TOKEN)
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == [".pypirc"]


def test_a_file_that_is_linked_from_elsewhere_stays_linked(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, link = tmp_path / "dotfiles" / "pypirc", tmp_path / ".pypirc"
    real.write_text(OTHERS)
    link.symlink_to(real)
    pypirc.store(link, name="index.example", url=URL, token=TOKEN)
    assert link.is_symlink()
    assert TOKEN in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="cannot be written"):
        pypirc.store(tmp_path / "nowhere" / ".pypirc", name="x", url=URL, token=TOKEN)
