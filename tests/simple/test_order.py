"""The order in which versions and files are shown."""

from hypothesis import given
from hypothesis import strategies as st

from strongroom.simple.page import in_order, versions_of
from tests.simple.pages import entry

VERSIONS = ["1.10", "1.9", "2.0", "2.0rc1", "not-a-version", "1.0.post1", "1!0.1", "1.0"]
SORTED = ["not-a-version", "1.0", "1.0.post1", "1.9", "1.10", "2.0rc1", "2.0", "1!0.1"]


def test_versions_are_in_the_order_of_pep_440_each_once() -> None:
    files = [entry(f"{number}.whl", version=version) for number, version in enumerate(VERSIONS * 2)]
    assert list(versions_of(files)) == SORTED


@given(st.permutations(VERSIONS))
def test_files_are_in_the_order_of_their_versions_whatever_order_they_come_in(versions: list[str]) -> None:
    assert [file.version for file in in_order(entry(version=version) for version in versions)] == SORTED


def test_files_of_one_version_are_in_the_order_of_their_names() -> None:
    files = in_order(entry(name) for name in ["b.whl", "c.tar.gz", "a.whl"])
    assert [file.filename for file in files] == ["a.whl", "b.whl", "c.tar.gz"]
