"""What is committed says nothing of the machine that it was written on, and names no registry by its host."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, committed_files

# Written in pieces, so that this file does not name them either.
HOSTS = ["pypi." + "org", "python" + "hosted", "npm" + "js", "debian." + "org", "deb." + "debian"]
PLACES = [
    "/" + "work/",
    "/" + "root/",
    "/" + r"home/\w+/",
    "/" + r"Users/\w+/",
    "/" + "opt/wheels",
    "/" + "opt/pypi",
]
FORBIDDEN = re.compile(
    "|".join([rf"(?i:{re.escape(host)})" for host in HOSTS] + [rf"(?<![\w.~-]){place}" for place in PLACES])
)


def found_in(text: str) -> list[str]:
    return [match.group() for match in FORBIDDEN.finditer(text)]


def _text(path: Path) -> str:
    """The text of a file, empty for one that is none (a picture, an archive)."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_committed_file_names_a_registry_host_or_a_place_on_a_machine() -> None:
    offenders = {str(path.relative_to(ROOT)): found_in(_text(path)) for path in committed_files()}
    assert offenders
    assert {path: found for path, found in offenders.items() if found} == {}


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_is_found_in_any_case(host: str) -> None:
    assert found_in(f"see https://{host.upper()}/simple/")


@pytest.mark.parametrize("place", ["work/main", "root/.cache", "home/alice/x", "opt/wheels"])
def test_a_place_on_a_machine_is_found_and_a_path_of_a_page_is_not(place: str) -> None:
    assert found_in(f'path = "/{place}"')
    assert not found_in(f"https://index.example/{place}")
