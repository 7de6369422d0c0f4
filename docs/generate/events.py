"""``docs/events.md``: every audit event under ``src/``, from the classes that declare them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).parent.parent.parent / "src"
_INTRO = """\
# Audit events

<!-- Written by `make docs` from the source; not edited by hand. -->

What the audit trail records. Every entry also has its time, its author (kind, name, how they proved who they are, which session
or token), where they came from, whether it was done or refused (then with the code of [refusals](refusals.md)), the account it is
about and the project. The fields named here are all that is stored beyond that.

| event | what happened | fields |
|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Declared:
    """One event class: its stable tag, its docstring on one line, its own fields, the module that declares it."""

    tag: str
    meaning: str
    fields: tuple[str, ...]
    module: str


def page() -> str:
    """The whole page, in Markdown, sorted by tag."""
    rows = [
        f"| `{event.tag}` | {event.meaning} | {', '.join(f'`{name}`' for name in event.fields) or '-'} |"
        for event in sorted(declared(), key=lambda event: event.tag)
    ]
    return _INTRO + "\n".join(rows) + "\n"


def declared() -> list[Declared]:
    """Every event class; an event without a tag or a docstring has an empty one."""
    found: list[Declared] = []
    for path in sorted(_SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += _declared_in(tree, module=path.relative_to(_SOURCE / "strongroom").as_posix())
    return found


def _declared_in(tree: ast.Module, *, module: str) -> Iterator[Declared]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id == "Event" for base in node.bases
        ):
            meaning = (
                (ast.get_docstring(node) or "").replace("\n", " ").replace("``", "`").replace("|", "\\|")
            )
            yield Declared(_tag(node), meaning, tuple(_fields(node)), module)


def _attributes(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr | None]]:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.value


def _tag(node: ast.ClassDef) -> str:
    value = dict(_attributes(node)).get("tag")
    return str(value.value) if isinstance(value, ast.Constant) else ""


def _fields(node: ast.ClassDef) -> list[str]:
    return [name for name, _ in _attributes(node) if name not in {"tag", "subject_id", "project"}]
