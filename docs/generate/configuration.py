"""``docs/configuration.md``, from the models in ``strongroom.kernel.config`` and the docstrings of their attributes."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ByteSize
from pydantic.fields import FieldInfo

from strongroom.kernel import config
from strongroom.kernel.config import Config

_INTRO = """\
# Configuration

<!-- Written by `make docs` from src/strongroom/kernel/config.py; not edited by hand. -->

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
    found = [
        _setting("", key, field, Config) for key, field in Config.model_fields.items() if not _model(field)
    ]
    for name, model in _sections().items():
        found += [_setting(name, key, field, model) for key, field in model.model_fields.items()]
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


def _sections() -> dict[str, type[BaseModel]]:
    models = {key: _model(field) for key, field in Config.model_fields.items()}
    return {key: model for key, model in models.items() if model}


def _model(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _setting(section: str, key: str, field: FieldInfo, model: type[BaseModel]) -> Setting:
    return Setting(
        section=section,
        key=key,
        values=_values(field.annotation, field.metadata),
        default=_default(field.default),
        meaning=_markdown(_docstrings().get((model.__name__, key), "")),
    )


def _markdown(docstring: str) -> str:
    return docstring.replace("``", "`")


def _values(kind: Any, metadata: list[Any]) -> str:
    if get_origin(kind) in {Union, UnionType}:
        kind = next(part for part in get_args(kind) if part is not NoneType)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    return _plain(kind) + _bounds(metadata)


def _plain(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "list of texts"
    words = {str: "text", Path: "path", bool: "`true`, `false`", ByteSize: "size", float: "number"}
    return words.get(kind, "whole number")


def _bounds(metadata: list[Any]) -> str:
    """The bounds of a number or the length of a text, as ``(1 to 65535)``."""
    found = {
        name: getattr(item, name) for item in metadata for name in ("gt", "ge", "le") if hasattr(item, name)
    }
    least = found.get("ge", found["gt"] + 1 if "gt" in found else None)
    most = found.get("le")
    if least is None and most is None:
        return ""
    return f" ({least} to {most})" if most is not None else f" (from {least})"


def _default(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, ByteSize):
        return f"`{value.human_readable(separator='')}`".replace(".0", "")
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value) or "none"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _docstrings() -> dict[tuple[str, str], str]:
    """(class, attribute) -> the text that stands under the attribute."""
    tree = ast.parse(inspect.getsource(config))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {(node.name, key): text for node in classes for key, text in _documented(node)}


def _documented(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, following in zip(node.body, node.body[1:], strict=False):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            yield statement.target.id, inspect.cleandoc(str(following.value.value)).replace("\n", " ")
