"""A refusal is recorded right after the transaction of what it refused was rolled back, so never within one."""

import ast
from collections.abc import Iterator, Mapping

import pytest

from tests.architecture.source import Module, modules
from tests.audit.walking import REFUSALS, Function, called_by, functions, functions_of, names_in, reached

# What calls such verbs within a transaction, each with the reason why their refusals are recorded all the same.
WITHIN: Mapping[str, str] = {
    "strongroom.publish.device_tokens.require_makeable": "records them itself, around what it rolls back",
    "strongroom.recovery.begin.begin_for": "records them itself, around its transaction",
    "strongroom.recovery.disown.disown": "records them itself, around its transaction",
    "strongroom.recovery.panic.stop": "what it stops refuses nothing: it looks first, with the rows held",
}


def nested(module: Module, known: Mapping[str, Function]) -> Iterator[str]:
    """The functions that record refusals within a transaction of theirs, or call within it what does."""
    names = names_in(module)
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef) and any(
            REFUSALS in {called, *(reached(called, known, but_not_through=set()) if called in known else ())}
            for statement in within_transactions(node)
            for called in called_by(statement, names)
        ):
            yield f"{module.name}.{node.name}"


def within_transactions(node: ast.FunctionDef) -> Iterator[ast.AST]:
    """What stands below ``with transaction.atomic()`` or its decorator, and what is entered after it."""
    if any(map(_is_atomic, node.decorator_list)):
        yield from node.body
    for block in ast.walk(node):
        if isinstance(block, ast.With):
            entered = [item.context_expr for item in block.items]
            places = [place for place, expression in enumerate(entered) if _is_atomic(expression)]
            if places:
                yield from (*entered[places[0] + 1 :], *block.body)


def _is_atomic(expression: ast.expr) -> bool:
    return "transaction.atomic" in ast.unparse(expression)


def test_no_refusal_is_recorded_where_it_is_rolled_back() -> None:
    assert {name for module in modules() for name in nested(module, functions())} == {*WITHIN}


@pytest.mark.parametrize(
    ("body", "is_nested"),
    [
        ("with trail.refusals_of(Removed(), by=by), transaction.atomic():\n        pass", False),
        ("with transaction.atomic(), trail.refusals_of(Removed(), by=by):\n        pass", True),
        ("with transaction.atomic():\n        other(by=by)", True),
        ("with transaction.atomic():\n        pass\n    other(by=by)", False),
    ],
)
def test_a_refusal_within_a_transaction_is_noticed(body: str, is_nested: bool) -> None:
    source = (
        "from django.db import transaction\nfrom strongroom.audit import trail\n"
        f"def remove(*, by: Actor):\n    {body}\n"
        "def other(*, by):\n    with trail.refusals_of(Removed(), by=by):\n        pass\n"
    )
    module = Module("strongroom.x", source)
    known = {one.name: one for one in functions_of(module)}
    assert [*nested(module, known)] == ["strongroom.x.remove"] * is_nested
