"""A module that has grown too long is two modules."""

from tests.architecture.source import ROOT, committed_files

MAX_LINES = 400


def test_no_module_has_more_than_400_lines() -> None:
    paths = [path for path in committed_files() if path.suffix == ".py" and "migrations" not in path.parts]
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in paths}
    assert lengths
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}
