"""``docs/refusals.md``: every reason code under ``src/``, with the sentence of its first use."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).parent.parent.parent / "src"
_CALLS = {"Refused", "refusal"}
_TABLE = "REFUSALS"
_CHECKED = "refusal"  # looks its code up in the table when it runs, so it need not spell it out
_INTRO = """\
# Refusals

<!-- Written by `make docs` from the source; not edited by hand. -->

Whatever Strongroom refuses, it refuses for a reason with a stable code. Clients and tests may rely on the code; the sentence
may change. `…` stands for what depends on the case.

| code | what it says | where |
|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Reason:
    """One use of a code: ``code`` is None where the source does not spell it out. ``place`` is ``folder/module.py:12``."""

    code: str | None
    sentence: str
    module: str
    line: int
    in_table: bool = False

    @property
    def place(self) -> str:
        """Where it stands, for a person who looks for it."""
        return f"{self.module}:{self.line}"


def page() -> str:
    """The whole page, in Markdown: one line a code, sorted by code."""
    rows = [
        f"| `{code}` | {reason.sentence} | `{reason.module}` |" for code, reason in sorted(by_code().items())
    ]
    return _INTRO + "\n".join(rows) + "\n"


def by_code() -> dict[str, Reason]:
    """Code -> the use that explains it: its line in a table if it has one, or else the first in the source."""
    first: dict[str, Reason] = {}
    for reason in sorted(reasons(), key=lambda reason: (not reason.in_table, reason.module, reason.line)):
        if reason.code is not None:
            first.setdefault(reason.code, reason)
    return first


def reasons() -> list[Reason]:
    """Every use under ``src/``: calls of ``Refused`` and ``refusal``, and tables of codes named ``REFUSALS``."""
    found: list[Reason] = []
    for path in sorted(_SOURCE.rglob("*.py")):
        found += reasons_in(
            path.read_text(encoding="utf-8"), module=path.relative_to(_SOURCE / "strongroom").as_posix()
        )
    return found


def reasons_in(source: str, *, module: str) -> list[Reason]:
    """The uses in one module's source."""
    tree = ast.parse(source)
    wrapper_lines = set(_wrapper_lines(tree))
    found: list[Reason] = []
    for node in ast.walk(tree):
        found += _from_table(node, module)
        if isinstance(node, ast.Call) and _called(node) in _CALLS and node.lineno not in wrapper_lines:
            found += _from_call(node, module)
        if isinstance(node, ast.ClassDef) and any(_is_refused(base) for base in node.bases):
            found += [reason for call in _super_inits(node) for reason in _from_call(call, module)]
    return found


def _is_refused(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "Refused"


def _super_inits(node: ast.ClassDef) -> Iterator[ast.Call]:
    """The calls by which a kind of ``Refused`` says its code."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and _called(call) == "__init__":
            yield call


def _wrapper_lines(tree: ast.Module) -> Iterator[int]:
    """The lines of functions that take the code themselves: their callers spell it out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in _CALLS:
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _from_call(call: ast.Call, module: str) -> Iterator[Reason]:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    code = call.args[0] if call.args else named.get("code")
    message = call.args[1] if len(call.args) > 1 else named.get("message")
    sentence = _sentence(message) if message is not None else ""
    for one in [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]:
        literal = str(one.value) if isinstance(one, ast.Constant) else None
        if literal is not None or _called(call) != _CHECKED:
            yield Reason(literal, sentence, module, call.lineno)


def _from_table(node: ast.AST, module: str) -> Iterator[Reason]:
    if not (
        isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == _TABLE
    ):
        return
    if not isinstance(node.value, ast.Dict):
        return
    for key, value in zip(node.value.keys, node.value.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, ast.Constant):
            yield Reason(key.value, _sentence(value), module, key.lineno, in_table=True)


def _sentence(node: ast.expr) -> str:
    """The text as far as the source tells it, with ``…`` for the rest."""
    match node:
        case ast.Constant(value=value):
            text = str(value)
        case ast.JoinedStr(values=values):
            text = "".join(_sentence(value) if isinstance(value, ast.Constant) else "…" for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            text = _sentence(left) + _sentence(right)
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            text = _filled(_sentence(left), right)
        case ast.Call(func=ast.Name(id="_" | "gettext" | "gettext_lazy"), args=[argument]):
            text = _sentence(argument)
        case ast.Call(func=ast.Name(id="ngettext" | "ngettext_lazy"), args=[_, plural, *_rest]):
            text = _sentence(plural)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            text = _sentence(value)
        case _:
            text = "…"
    return text.replace("|", "\\|")


def _filled(text: str, values: ast.expr) -> str:
    if isinstance(values, ast.Dict):
        for key in values.keys:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                for kind in "sd":
                    text = text.replace(f"%({key.value}){kind}", "…")
        return text
    return text.replace("%s", "…").replace("%d", "…")
