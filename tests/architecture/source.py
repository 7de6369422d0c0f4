"""The source as the rules look at it: modules, their syntax trees, what they import."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_SRC = ROOT / "src"


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its dotted name and its source."""

    name: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of Strongroom but its migrations."""
    paths = [path for path in sorted(_SRC.rglob("*.py")) if "migrations" not in path.parts]
    return tuple(Module(_dotted(path), path.read_text(encoding="utf-8")) for path in paths)


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(_SRC).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(module: Module) -> tuple[tuple[str, int], ...]:
    """What ``module`` imports and in which line: for ``from a import b`` it is ``a.b``, wherever it stands."""
    return tuple(_imports(module.tree))


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def committed_files() -> list[Path]:
    """Every file that git knows, or would take with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]
