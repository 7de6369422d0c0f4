"""JSON in which every reader finds the same: no name twice, no NaN, no deep nesting."""

import json
from typing import NoReturn

MAX_CONTAINERS = 128  # objects and arrays in one text, which bounds its depth as well


def parse_object(text: str) -> dict[str, object]:
    """The object that ``text`` is; raises ``ValueError``. The caller has bounded the length."""
    if text.count("{") + text.count("[") > MAX_CONTAINERS:
        raise ValueError("too many objects and arrays")
    parsed = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    if not isinstance(parsed, dict):
        raise ValueError("not an object")  # noqa: TRY004  # one kind of error for whoever reads
    return parsed


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
