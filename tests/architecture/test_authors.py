"""No change without an author: what writes to the audit trail takes the actor as keyword-only `by`."""

import ast

import pytest

from tests.architecture.source import Module, modules

RECORDERS = {"record", "refusals_of"}


def _records(node: ast.AST) -> bool:
    """Whether ``node`` is a call such as ``trail.record(...)`` or ``record(...)``."""
    if not isinstance(node, ast.Call):
        return False
    match node.func:
        case ast.Name(id=name):
            return name in RECORDERS
        case ast.Attribute(value=ast.Name(id="trail" | "audit"), attr=name):
            return name in RECORDERS
    return False


def authorless(module: Module) -> list[str]:
    """Public functions and methods of ``module`` that record an event and have no keyword-only ``by``."""
    functions = [
        node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [
        f"{module.name}.{function.name}"
        for function in functions
        if not function.name.startswith("_")
        and any(_records(node) for node in ast.walk(function))
        and "by" not in {argument.arg for argument in function.args.kwonlyargs}
    ]


def test_every_public_verb_that_records_takes_its_author_by_keyword() -> None:
    below_the_faces = [
        module
        for module in modules()
        if not module.name.startswith(("strongroom.web", "strongroom.api", "strongroom.cli"))
    ]
    assert any(_records(node) for module in below_the_faces for node in ast.walk(module.tree))
    assert [name for module in below_the_faces for name in authorless(module)] == []


@pytest.mark.parametrize(
    ("signature", "is_fine"),
    [("user", False), ("user, by", False), ("user, *, by", True), ("user, *, actor", False)],
)
def test_a_verb_without_by_is_noticed(signature: str, is_fine: bool) -> None:
    source = f"def remove({signature}):\n    trail.record(Removed(), by=by)\n"
    assert authorless(Module("strongroom.accounts.x", source)) == (
        [] if is_fine else ["strongroom.accounts.x.remove"]
    )
