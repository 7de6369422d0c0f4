"""JSON in which every reader finds the same: no name twice, no NaN or infinity, no deep nesting."""

import json
import math
from collections.abc import Iterable
from typing import NoReturn

MAX_CONTAINERS = 128  # objects and arrays in one text
MAX_DEPTH = 128  # of one in another; how deep Python itself goes differs from version to version


def parse_object(text: str, *, max_containers: int = MAX_CONTAINERS) -> dict[str, object]:
    """The object that ``text`` is; raises ``ValueError``. The caller has bounded the length."""
    parsed = parse(text, max_containers=max_containers)
    if not isinstance(parsed, dict):
        raise ValueError("not an object")  # noqa: TRY004  # one kind of error for whoever reads
    return parsed


def parse(text: str, *, max_containers: int = MAX_CONTAINERS) -> object:
    """Whatever ``text`` is; raises ``ValueError``. The caller has bounded the length."""
    if text.count("{") + text.count("[") > max_containers:
        raise ValueError("too many objects and arrays")
    try:
        parsed: object = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise ValueError("too deeply nested") from None
    if max_containers > MAX_DEPTH:
        _check_depth(parsed)
    return parsed


def _check_depth(parsed: object) -> None:
    level = [parsed]
    for _ in range(MAX_DEPTH):
        level = [part for value in level for part in _parts(value)]
        if not level:
            return
    raise ValueError("too deeply nested")


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
