"""Which tests name which lines of ``attacks.toml``, in comments such as ``# LT-04``."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_LINE = re.compile(r"\b([A-Z]{2}-\d{2})\b")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """One test that names a line. ``test`` is as pytest spells it behind ``::``, empty where no test was found."""

    line: str
    file: str
    test: str


def mentions() -> list[Mention]:
    """Every mention under ``tests/``, sorted."""
    found: set[Mention] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        source = path.read_text(encoding="utf-8")
        found |= set(mentions_in(source, file=path.relative_to(ROOT).as_posix()))
    return sorted(found)


def mentions_in(source: str, *, file: str) -> Iterator[Mention]:
    """The mentions in one file.

    A comment speaks of the test around it or right below, or else of every test that uses the name to which it stands: a
    table of cases.
    """
    tree, lines = ast.parse(source), source.splitlines()
    for row, text in _comments(source):
        for line in _LINE.findall(text):
            for test in _tests_at(tree, _spoken_of(lines, row)) or [""]:
                yield Mention(line, file, test)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """The comments by their row, but for the headings that part a file."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith("# ----"):
            yield token.start[0], token.string


def _spoken_of(lines: list[str], row: int) -> int:
    """The row below a block of comments that begins its rows; else the comment's own."""
    while row < len(lines) and lines[row - 1].startswith("#"):
        row += 1
    return row


def _tests_at(tree: ast.Module, row: int) -> list[str]:
    tests = list(_tests(tree))
    around = [name for name, node in tests if _first_row(node) <= row <= (node.end_lineno or 0)]
    if around:
        return around
    named = {
        name for node in tree.body if node.lineno <= row <= (node.end_lineno or 0) for name in _names(node)
    }
    return [name for name, node in tests if named & _used(node)]


def _tests(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    for node in tree.body:
        if isinstance(node, _Function) and node.name.startswith("test_"):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, _Function) and inner.name.startswith("test_"):
                    yield f"{node.name}::{inner.name}", inner


def _first_row(node: _Function) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.FunctionDef(name=name):
            return [name]
    return []


def _used(node: _Function) -> set[str]:
    return {found.id for found in ast.walk(node) if isinstance(found, ast.Name)}
