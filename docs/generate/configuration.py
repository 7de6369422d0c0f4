"""``docs/configuration.md``, from the sections in ``strongroom.kernel.config`` and the docstrings of their attributes."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import NODEFAULT, Meta, Struct
from msgspec.structs import FieldInfo, fields

from strongroom.kernel import config, sections
from strongroom.kernel.config import Config
from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import ByteSize, Section

_INTRO = """\
# Configuration

<!-- Written by `make docs` from src/strongroom/kernel/sections.py; not edited by hand. -->

One TOML file (`--config FILE`, or `STRONGROOM_CONFIG`) and the environment, which wins. Everything has a default that suits
a try-out on one machine. `strongroom check` lists every mistake at once.
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. ``section`` is the TOML table, empty for the top of the file; ``meaning`` its docstring, if any."""

    section: str
    key: str
    values: str
    default: str
    meaning: str

    @property
    def name(self) -> str:
        """The name as in ``site.name``."""
        return f"{self.section}.{self.key}".removeprefix(".")

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return "STRONGROOM_" + self.name.replace(".", "__").upper()


def page() -> str:
    """The whole page, in Markdown."""
    parts = [_INTRO, _top()]
    for name, model in _sections().items():
        rows = [setting for setting in settings() if setting.section == name]
        parts.append(f"## `[{name}]`\n\n{_markdown(inspect.getdoc(model) or '')}\n\n{_table(rows)}")
    return "\n".join(parts)


def settings() -> list[Setting]:
    """Every setting there is, in the order of the source."""
    found = [_setting("", field, Config) for field in fields(Config) if not _section(field)]
    for name, section in _sections().items():
        found += [_setting(name, field, section) for field in fields(section)]
    return found


def _top() -> str:
    rows = [setting for setting in settings() if not setting.section]
    return f"## At the top\n\n{_table(rows)}"


def _table(rows: list[Setting]) -> str:
    lines = ["| setting | values | default | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{row.key}`<br>`{row.variable}` | {row.values} | {row.default} | {row.meaning} |" for row in rows
    ]
    return "\n".join(lines) + "\n"


def _sections() -> dict[str, type[Section]]:
    found = {field.name: _section(field) for field in fields(Config)}
    return {name: section for name, section in found.items() if section}


def _section(field: FieldInfo) -> type[Section] | None:
    return field.type if isinstance(field.type, type) and issubclass(field.type, Section) else None


def _setting(section: str, field: FieldInfo, owner: type[Struct]) -> Setting:
    return Setting(
        section=section,
        key=field.name,
        values=_values(field.type),
        default=_default(None if field.default is NODEFAULT else field.default),
        meaning=_markdown(_docstrings().get((owner.__name__, field.name), "")),
    )


def _markdown(docstring: str) -> str:
    return docstring.replace("``", "`")


def _values(kind: Any) -> str:
    bounds = ""
    if get_origin(kind) is Annotated:
        kind, meta = get_args(kind)
        bounds = _bounds(meta)
    if get_origin(kind) in {Union, UnionType}:
        kind = next(part for part in get_args(kind) if part is not NoneType)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    return _plain(kind) + bounds


def _plain(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "list of texts"
    words = {
        str: "text",
        Secret: "text",
        Path: "path",
        bool: "`true`, `false`",
        ByteSize: "size",
        date: "day",
    }
    return words.get(kind, "whole number")


def _bounds(meta: Meta) -> str:
    """The bounds of a number, as ``(1 to 65535)``."""
    if meta.ge is None and meta.le is None:
        return ""
    return f" ({meta.ge} to {meta.le})" if meta.le is not None else f" (from {meta.ge})"


def _default(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, ByteSize):
        return f"`{value // 2**30}GiB`"
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value) or "none"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _docstrings() -> dict[tuple[str, str], str]:
    """(class, attribute) -> the text that stands under the attribute."""
    trees = [ast.parse(inspect.getsource(module)) for module in (config, sections)]
    classes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    return {(node.name, key): text for node in classes for key, text in _documented(node)}


def _documented(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, following in zip(node.body, node.body[1:], strict=False):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            yield statement.target.id, inspect.cleandoc(str(following.value.value)).replace("\n", " ")
