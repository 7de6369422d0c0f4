"""The colors of the stylesheet, measured: text has a contrast of 7:1 or more, edges and focus 3:1 (WCAG 2.2)."""

import re
from pathlib import Path

import pytest

import strongroom.web

_CSS = (Path(strongroom.web.__file__).parent / "static" / "strongroom.css").read_text()
_TOKEN = re.compile(r"--([\w-]+):\s*(?:light-dark\((#\w{6}),\s*(#\w{6})\)|(#\w{6}));")

TEXT = [
    *[(text, ground) for text in ("ink", "ink-soft", "accent") for ground in ("paper", "surface", "sunken")],
    *[(tone, ground) for tone in ("success", "warning", "danger") for ground in ("paper", "surface")],
    *[(tone, f"{tone}-surface") for tone in ("success", "warning", "danger")],
    ("ink", "warning-surface"),
    ("on-brass", "brass"),
    ("on-steel", "steel"),
    ("on-steel", "steel-raised"),
    ("on-steel-soft", "steel"),
]
EDGES = [
    *[(edge, ground) for edge in ("line-strong", "focus", "brass-deep") for ground in ("paper", "surface")],
    ("brass", "steel"),
]


def colors(scheme: int) -> dict[str, str]:
    """Token -> color in the light (0) or dark (1) scheme."""
    found = {name: (light or both, dark or both) for name, light, dark, both in _TOKEN.findall(_CSS)}
    return {name: pair[scheme] for name, pair in found.items()}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_measure_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read_by_most_eyes(text: str, ground: str, scheme: int) -> None:
    assert contrast(colors(scheme)[text], colors(scheme)[ground]) >= 7


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_and_focus_can_be_seen(edge: str, ground: str, scheme: int) -> None:
    assert contrast(colors(scheme)[edge], colors(scheme)[ground]) >= 3
