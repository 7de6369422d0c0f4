"""What a path asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.index.paths import FilePath, ListPath, MovedPath, ProjectPath, handles, parse
from strongroom.kernel.names import normalize
from strongroom.simple.address import file_path

SHA256 = "0123456789abcdef" * 4
FILE = f"/files/01/23/{SHA256[4:]}/demo-1.0.tar.gz"


@pytest.mark.parametrize(
    "path",
    [
        "/simple",
        "/simple/",
        "/simple/x",
        "/simple/x/",
        "/simple/a/b/c",
        FILE,
        "/files/",
        "/healthz",
        "/readyz",
    ],
)
def test_these_paths_are_the_indexs(path: str) -> None:
    assert handles(path)


@pytest.mark.parametrize(
    "path", ["", "/", "/simplex/", "/files", "/healthz/", "//simple/", "/Simple/", "/legacy/", "*"]
)
def test_these_are_not(path: str) -> None:
    assert not handles(path)


def test_the_list_of_projects() -> None:
    assert parse("/simple/") == ListPath()
    assert parse("/simple") == MovedPath("/simple/")


@pytest.mark.parametrize("spelled", ["Zope.Interface", "zope_interface", "zope--interface", "ZOPE-INTERFACE"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_any_spelling_of_a_name_moves_to_the_normalized_one(spelled: str, slash: str) -> None:
    assert parse(f"/simple/{spelled}{slash}") == MovedPath("/simple/zope-interface/")


def test_the_normalized_name_with_its_slash_is_the_page() -> None:
    assert parse("/simple/zope-interface/") == ProjectPath(normalize("zope-interface"))
    assert parse("/simple/zope-interface") == MovedPath("/simple/zope-interface/")


# IX-05
@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "-",
        "_x",
        "x_",
        "a/b",
        "a/../b",
        "/evil.example",
        "a//",
        "a b",
        "a;b",
        "a\x00",
        "a\n",
        "a\\b",
        "%2e%2e",
        "caf\N{LATIN SMALL LETTER E WITH ACUTE}",
        "\N{KELVIN SIGN}",
        "\N{REPLACEMENT CHARACTER}",
        "x" * 101,
        "x" * 100_000,
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_what_is_no_name_is_nothing(name: str, slash: str) -> None:
    assert parse(f"/simple/{name}{slash}") is None


def test_a_file_and_its_metadata() -> None:
    assert parse(FILE) == FilePath(SHA256, "demo-1.0.tar.gz", is_metadata=False)
    assert parse(f"{FILE}.metadata") == FilePath(SHA256, "demo-1.0.tar.gz", is_metadata=True)


# IX-05
@pytest.mark.parametrize(
    "path",
    [
        "/files/",
        f"/files/{SHA256}/demo.whl",
        f"/files/01/23/{SHA256[4:]}",
        f"/files/01/23/{SHA256[4:]}/",
        f"/files/01/23/{SHA256[4:]}/.metadata",
        f"/files/01/23/{SHA256[4:]}/.htaccess",  # IX-20
        f"/files/01/23/{SHA256[4:]}/a/b.whl",
        f"/files/01/23/{SHA256[4:]}/../demo.whl",
        f"/files/01/23/{SHA256[4:]}/demo\x00.whl",
        f"/files/01/23/{SHA256[4:]}/demo.whl\n",
        f"/files/01/23/{SHA256[4:]}/{'x' * 300}",
        f"/files/01/23/{SHA256[5:]}/demo.whl",
        f"/files/01/23/{SHA256[4:].upper()}/demo.whl",
        f"/files//01/23/{SHA256[4:]}/demo.whl",
        "/files/../../../etc/passwd",
    ],
)
def test_what_is_no_file_is_nothing(path: str) -> None:
    assert parse(path) is None


@given(st.text(max_size=40))
def test_no_path_is_an_error_and_every_redirect_goes_to_a_page(text: str) -> None:
    found = parse(f"/simple/{text}")
    if isinstance(found, MovedPath):
        assert isinstance(parse(found.path), ProjectPath | ListPath)


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789.-_+!", min_size=1, max_size=60))
def test_the_address_on_a_page_leads_to_the_file(filename: str) -> None:
    if not filename.startswith(".") and not filename.endswith(".metadata"):
        assert parse(f"/{file_path(SHA256, filename).replace('%2B', '+').replace('%21', '!')}") == FilePath(
            SHA256, filename, is_metadata=False
        )
