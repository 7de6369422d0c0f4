"""``docs/events.md``: every audit event under ``src/``, from the classes that declare them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from strongroom.audit.proof import redactions

_SOURCE = Path(__file__).parent.parent.parent / "src"
_INTRO = """\
# Audit events

<!-- Written by `make docs` from the source; not edited by hand. -->

What the audit trail records. Every entry also has its time, its author (kind, name, how they proved who they are, which session
or token), where they came from, whether it was done or refused (then with the code of [refusals](refusals.md)), the account it is
about and the project. The fields named here are all that is stored beyond that.

Fields marked with * say something about a person and can be deleted without breaking the seals. The sentences are those that
people read in English: first what is said when it was done, then, where the event is also recorded for attempts, when it was
refused.

| event | what happened | fields | in words |
|---|---|---|---|
"""
_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Declared:
    """One event class: tag, docstring on one line, own fields, those of them that are personal, its sentences, its module."""

    tag: str
    meaning: str
    fields: tuple[str, ...]
    personal: tuple[str, ...]
    sentences: tuple[str, ...]
    module: str


def page() -> str:
    """The whole page, in Markdown, sorted by tag."""
    rows = [
        f"| `{event.tag}` | {event.meaning} | {_fields_of(event)} | {_words_of(event)} |"
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


def _fields_of(event: Declared) -> str:
    return ", ".join(f"`{name}`{'*' if name in event.personal else ''}" for name in event.fields) or "-"


def _words_of(event: Declared) -> str:
    said = [_PLACE.sub(r"*\1*", sentence) for sentence in dict.fromkeys(event.sentences)]
    return "<br>".join(f"{sentence}." for sentence in said)


def _declared_in(tree: ast.Module, *, module: str) -> Iterator[Declared]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id == "Event" for base in node.bases
        ):
            meaning = (
                (ast.get_docstring(node) or "").replace("\n", " ").replace("``", "`").replace("|", "\\|")
            )
            own = [one for one in _attributes(node) if one.name not in {"subject_id", "project"}]
            fields = [one for one in own if not one.is_of_the_class]
            yield Declared(
                tag="".join(one.texts[0] for one in own if one.name == "tag"),
                meaning=meaning,
                fields=tuple(one.name for one in fields),
                personal=tuple(one.name for one in fields if one.is_personal),
                sentences=tuple(
                    text for one in own if one.is_of_the_class and one.name != "tag" for text in one.texts
                ),
                module=module,
            )


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str
    annotation: str
    value: ast.expr | None

    @property
    def is_of_the_class(self) -> bool:
        return self.annotation.startswith("ClassVar")

    @property
    def is_personal(self) -> bool:
        return "personal" in self.annotation.lower()

    @property
    def texts(self) -> list[str]:
        """The texts of the value: of a mapping those of its values."""
        if isinstance(self.value, ast.Dict):
            return [text for value in self.value.values for text in _texts(value)]
        return _texts(self.value) if self.value is not None else []


def _texts(value: ast.expr) -> list[str]:
    if isinstance(value, ast.Attribute):  # a tag that the proofs know, too
        return [str(getattr(redactions, value.attr))]
    return [
        node.value
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _attributes(node: ast.ClassDef) -> Iterator[_Attribute]:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield _Attribute(statement.target.id, ast.unparse(statement.annotation), statement.value)
