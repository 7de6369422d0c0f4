"""Which rendering a client gets (PEP 691; RFC 9110 §12.5.1)."""

import re
from enum import Enum


class Kind(Enum):
    """A media type of the Simple API; its value is what answers say."""

    JSON = "application/vnd.pypi.simple.v1+json"
    HTML = "application/vnd.pypi.simple.v1+html"
    TEXT_HTML = "text/html"


_NAMED = {
    "application/vnd.pypi.simple.v1+json": Kind.JSON,
    "application/vnd.pypi.simple.latest+json": Kind.JSON,
    "application/vnd.pypi.simple.v1+html": Kind.HTML,
    "application/vnd.pypi.simple.latest+html": Kind.HTML,
    "text/html": Kind.TEXT_HTML,
}
_WILDCARDS = {"application/*": (Kind.JSON, Kind.HTML), "text/*": (Kind.TEXT_HTML,), "*/*": tuple(Kind)}
_PREFERENCE = {Kind.JSON: 2, Kind.HTML: 1, Kind.TEXT_HTML: 0}
_RANGE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def negotiate(accept: str) -> Kind | None:
    """The kind for an ``Accept`` header (several are joined with commas), ``None`` where none is acceptable: 406.

    The highest weight wins, then the kind that is named over one that only a wildcard covers, then JSON over HTML.
    Elements that are not well-formed are ignored. No header, none that is well-formed, and ``*/*`` alone get ``text/html``,
    which PEP 691 asks for the sake of older clients.
    """
    weights = [weighted for element in accept.split(",") if (weighted := _weighted(element))]
    if not weights:
        return Kind.TEXT_HTML
    found = dict.fromkeys(Kind, (0, 0.0))  # how specific the range that decides is, and its weight
    for media_range, weight in weights:
        kinds, specific = _covered(media_range)
        for kind in kinds:
            found[kind] = max(found[kind], (specific, weight))
    return _best(found)


def of_format(name: str) -> Kind | None:
    """The kind that ``?format=`` asks for (PEP 691), which overrules the header; ``None`` where there is none such."""
    return _NAMED.get(name.lower())


def _weighted(element: str) -> tuple[str, float] | None:
    """The media range and its weight; ``None`` for what is not well-formed. Other parameters are ignored."""
    media_range, *parameters = (part.strip().lower() for part in element.split(";"))
    if not _RANGE.fullmatch(media_range):
        return None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            weight = value.strip()
            return (media_range, float(weight)) if _WEIGHT.fullmatch(weight) else None
    return media_range, 1.0


def _covered(media_range: str) -> tuple[tuple[Kind, ...], int]:
    """The kinds that a range covers, and how specific it is: 3 for a name, 2 for a half, 1 for everything."""
    if kind := _NAMED.get(media_range):
        return (kind,), 3
    return _WILDCARDS.get(media_range, ()), 1 if media_range == "*/*" else 2


def _best(found: dict[Kind, tuple[int, float]]) -> Kind | None:
    acceptable = {kind: decided for kind, decided in found.items() if decided[1] > 0}
    if not acceptable:
        return None

    def rank(kind: Kind) -> tuple[float, int, int]:
        specific, weight = acceptable[kind]
        preference = -_PREFERENCE[kind] if specific == 1 else _PREFERENCE[kind]
        return weight, specific, preference

    return max(acceptable, key=rank)
