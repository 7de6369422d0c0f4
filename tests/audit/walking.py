"""The source as a graph of calls: which functions take an author, record events, and write rows."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from tests.architecture.source import Module, modules

RECORD: Final = "strongroom.audit.trail.record"
REFUSALS: Final = "strongroom.audit.trail.refusals_of"
_FACES = ("strongroom.web.", "strongroom.api.", "strongroom.cli.", "strongroom.asgi")

# Methods of rows and querysets that change the database. Those of the first line take no positional arguments where they
# do, as ``dict.update`` and ``list.insert`` would.
_WRITE_BY_NAME: Final = frozenset({"update", "delete", "create", "get_or_create", "update_or_create", "save"})
_WRITE: Final = frozenset({"bulk_create", "bulk_update", "executemany"})
_INSERT: Final = "strongroom.prepared.insert.insert"


@dataclass
class Function:
    """A function at the top of a module, or a method: whether it takes an author by keyword, what it calls, whether it writes."""

    name: str
    takes_author: bool = False
    writes: bool = False
    calls: set[str] = field(default_factory=set)


@cache
def functions() -> Mapping[str, Function]:
    """Every function and method, by its dotted name; what nested ones do is theirs."""
    return {found.name: found for module in modules() for found in functions_of(module)}


def functions_of(module: Module) -> Iterator[Function]:
    """The functions of one module."""
    names = names_in(module)
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            own = {f"self.{one.name}": f"{module.name}.{node.name}.{one.name}" for one in _methods(node)}
            yield from (_function(one, own[f"self.{one.name}"], names | own) for one in _methods(node))
        elif _is_function(node):
            yield _function(node, names[node.name], names)


def names_in(module: Module) -> dict[str, str]:
    """What the names of a module stand for: its own functions, and what it imports from elsewhere."""
    own = {node.name: f"{module.name}.{node.name}" for node in module.tree.body if _is_function(node)}
    return _imported(module.tree) | own


def called_by(node: ast.AST, names: Mapping[str, str]) -> set[str]:
    """What is called in a piece of source, by dotted name."""
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    return {found for call in calls if (found := _called(call.func, names))} | _handed_on(calls, names)


def verbs(known: Mapping[str, Function]) -> set[str]:
    """Public functions below the faces that take an author."""
    return {
        name
        for name, function in known.items()
        if function.takes_author
        and not name.rpartition(".")[2].startswith("_")
        and not name.startswith(_FACES)
        and name not in {RECORD, REFUSALS}
    }


def reached(
    name: str, known: Mapping[str, Function], *, but_not_through: frozenset[str] | set[str]
) -> set[str]:
    """What a function calls, by itself and through others; ``but_not_through`` are called, and not looked into."""
    seen, waiting = set[str](), [*known[name].calls]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            if current in known and current not in but_not_through:
                waiting += known[current].calls
    return seen


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]


def _imported(tree: ast.Module) -> dict[str, str]:
    """What a name stands for that some ``from … import …`` of the module brings."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _function(node: ast.AST, name: str, names: Mapping[str, str]) -> Function:
    called = called_by(node, names)
    calls = (call for call in ast.walk(node) if isinstance(call, ast.Call))
    return Function(
        name,
        takes_author=_takes_author(node),
        writes=_INSERT in called or any(map(_writes, calls)),
        calls=called,
    )


def _called(function: ast.expr, names: Mapping[str, str]) -> str:
    match function:
        case ast.Name(id=name):
            return names.get(name, "")
        case ast.Attribute(value=ast.Name(id="self"), attr=attribute):
            return names.get(f"self.{attribute}", "")
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{names[name]}.{attribute}" if name in names else ""
    return ""


def _handed_on(calls: list[ast.Call], names: Mapping[str, str]) -> set[str]:
    """Functions that are given to others, which call them."""
    given = [
        *(one for call in calls for one in call.args),
        *(one.value for call in calls for one in call.keywords),
    ]
    return {found for one in given if (found := _called(one, names))}


def _writes(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
            return False  # whoever calls the method that stands over it writes
        case ast.Attribute(attr=name):
            return name in _WRITE or (name in _WRITE_BY_NAME and not call.args)
    return False


def _takes_author(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        argument.arg == "by"
        and argument.annotation is not None
        and ast.unparse(argument.annotation) in {"Actor", "Identity"}
        for argument in node.args.kwonlyargs
    )
