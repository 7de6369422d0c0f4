"""``docs/security-model.md``: the rules, and every attack with its tests, from two tables and the tests themselves."""

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docs.generate.attack_tests import ROOT, Mention, mentions

_TABLES = Path(__file__).parent
_INTRO = """\
# Security model

<!-- Written by `make docs` from docs/generate/attacks.toml, docs/generate/security_rules.toml and the comments in tests/. -->

**What is protected.** The right to publish under a name; the bytes that were published, and their names and digests on the
index; accounts with their passwords, seeds, tokens and addresses; the audit trail; and that installers get an answer.

**From whom.** Anybody on the network; a person with an account who wants another's; a maintainer who publishes what is
malformed or hostile; somebody with a stolen password, session, token, mailbox or copy of the database; another site in a
maintainer's browser. Operators of the machine are trusted: whoever reads the instance's key and its database together reads
everything that is sealed. A reverse proxy is believed only where the configuration names it.

**What holds everywhere**: a refusal has a stable code ([refusals.md](refusals.md)), leaves nothing behind but its audit event
([events.md](events.md)) and what was counted, and is never a 5xx.

## Rules

| | rule | where |
|---|---|---|
"""
_ATTACKS = """\

## Attacks

Each line names an attack, what comes of it, and the tests that try it. *Missing* says what is not there (yet), and why.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the design, and the places (paths) where it lives."""

    id: str
    rule: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attack:
    """One line. ``later`` says why there is no test, or what the tests leave out; else it is empty."""

    line: str
    attack: str
    outcome: str
    later: str = ""


def page() -> str:
    """The whole page, in Markdown."""
    tests: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions():
        tests[mention.line].append(mention)
    parts = [_INTRO + "\n".join(_rule(rule) for rule in rules()) + "\n", _ATTACKS]
    for title, attacks in sections().items():
        lines = [_attack(attack, tests[attack.line]) for attack in attacks]
        parts.append("\n".join(["", f"### {title}", "", *lines, ""]))
    return "".join(parts)


def rules() -> list[Rule]:
    """The rules, in order."""
    table = _read("security_rules.toml")
    return [Rule(row["id"], row["rule"], tuple(row["places"])) for row in table["rules"]]


def sections() -> dict[str, list[Attack]]:
    """Title of the section -> its lines, in order."""
    table = _read("attacks.toml")
    return {
        title: [Attack(f"{section}-{number}", **row) for number, row in table[section].items()]
        for section, title in table["titles"].items()
    }


def place(path: str) -> Path:
    """Where ``path`` of a rule is: below ``src/strongroom/``, or else from the root of the repository."""
    below = ROOT / "src" / "strongroom" / path
    return below if below.exists() else ROOT / path


def _rule(rule: Rule) -> str:
    places = ", ".join(f"[{path}](../{place(path).relative_to(ROOT).as_posix()})" for path in rule.places)
    return f"| **{rule.id}** | {rule.rule} | {places} |"


def _attack(attack: Attack, tests: list[Mention]) -> str:
    lines = [f"- **{attack.line}** {attack.attack} → {attack.outcome}."]
    if attack.later:
        lines.append(f"  - *Missing:* {attack.later}")
    by_file: dict[str, list[str]] = defaultdict(list)
    for mention in tests:
        by_file[mention.file].append(f"`{mention.test}`")
    lines += [
        f"  - [{file.removeprefix('tests/')}](../{file}): {', '.join(names)}"
        for file, names in by_file.items()
    ]
    return "\n".join(lines)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_TABLES / name).read_text(encoding="utf-8"))
