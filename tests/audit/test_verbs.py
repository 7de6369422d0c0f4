"""Every verb that takes an author leaves an event of what it did; every event is left by something."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import pytest

from docs.generate import events
from tests.architecture.source import Module, modules

RECORDERS = {"strongroom.audit.trail.record", "strongroom.audit.trail.refusals_of"}

# Functions that take an author and record nothing, each with the reason.
WITHOUT_EVENT: Mapping[str, str] = {
    "strongroom.accounts.primary_email.look": "changes nothing: it shows what a link would undo",
    "strongroom.accounts.stolen_password.tell": "mails; the refusal is recorded by whoever refuses",
    "strongroom.projects.files.add": "rows.add, its one caller, records the file with its journal row",
    "strongroom.projects.create.spend_on_new": "counts towards a limit",
    "strongroom.projects.journal.append": "the public journal; whoever appends to it records the event",
    "strongroom.publish.attesting.provenance": "verifies; the upload records what comes of it",
    "strongroom.publish.owners.tell": "mails about what its caller has recorded",
    "strongroom.recovery.proofs.require_approver": "only refuses; whoever asks it records that",
    "strongroom.signin.steps.begin_passkey": "makes a question; its answer is recorded",
    "strongroom.signin.stepup.require_password": "checks a password; whoever asks it records the refusal",
    "strongroom.trust.tell.owners": "mails about what its caller has recorded",
}
_FACES = ("strongroom.web", "strongroom.api", "strongroom.cli", "strongroom.asgi")


@dataclass
class Function:
    """One function: whether it takes an author by keyword, and what it calls, by dotted name."""

    name: str
    takes_author: bool = False
    calls: set[str] = field(default_factory=set)


@cache
def functions() -> dict[str, Function]:
    """Every function at the top of a module, by its dotted name; what nested ones call is theirs."""
    return {found.name: found for module in modules() for found in functions_of(module)}


def functions_of(module: Module) -> Iterator[Function]:
    tree = module.tree
    names = _imported(tree)
    names |= {
        node.name: f"{module.name}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)
    }
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            calls = {
                called
                for call in ast.walk(node)
                if isinstance(call, ast.Call) and (called := _called(call.func, names))
            }
            yield Function(f"{module.name}.{node.name}", _takes_author(node), calls)


def _imported(tree: ast.Module) -> dict[str, str]:
    """What a name stands for that some ``from … import …`` of the module brings."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _called(function: ast.expr, names: Mapping[str, str]) -> str:
    match function:
        case ast.Name(id=name):
            return names.get(name, "")
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{names[name]}.{attribute}" if name in names else ""
    return ""


def _takes_author(node: ast.FunctionDef) -> bool:
    return any(
        argument.arg == "by"
        and argument.annotation is not None
        and ast.unparse(argument.annotation) in {"Actor", "Identity"}
        for argument in node.args.kwonlyargs
    )


def records(name: str, known: Mapping[str, Function]) -> bool:
    """Whether a function records an event, or something that it calls does."""
    seen, waiting = set[str](), [name]
    while waiting:
        current = waiting.pop()
        if current in RECORDERS:
            return True
        if current in known and current not in seen:
            seen.add(current)
            waiting += known[current].calls
    return False


def verbs() -> list[str]:
    return [
        name
        for name, function in functions().items()
        if function.takes_author
        and not name.rpartition(".")[2].startswith("_")
        and not name.startswith(_FACES)
        and name not in RECORDERS
    ]


def test_every_verb_that_takes_an_author_records_an_event() -> None:
    found = verbs()
    assert len(found) > 80
    silent = [name for name in found if not records(name, functions())]
    assert sorted(silent) == sorted(WITHOUT_EVENT)


def test_every_event_is_recorded_somewhere() -> None:
    named = {
        node.id
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    } | {
        node.attr for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)
    }
    classes = {
        node.name
        for module in modules()
        if module.name.endswith(".events")
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
    }
    assert len(classes) == len(events.declared())
    assert sorted(classes - named) == []


@pytest.mark.parametrize(
    ("body", "is_recorded"),
    [
        ("trail.record(Removed(), by=by)", True),
        ("_inner(by=by)", True),
        ("other(by=by)", False),
        ("record(by)", False),
        ("pass", False),
    ],
)
def test_a_verb_that_records_nothing_is_noticed(body: str, is_recorded: bool) -> None:
    source = (
        "from strongroom.audit import trail\n"
        f"def remove(*, by: Actor):\n    {body}\n"
        "def _inner(*, by):\n    with trail.refusals_of(Removed(), by=by):\n        pass\n"
        "def other(*, by):\n    return 0\n"
    )
    known = {one.name: one for one in functions_of(Module("strongroom.x", source))}
    assert known["strongroom.x.remove"].takes_author
    assert records("strongroom.x.remove", known) is is_recorded
