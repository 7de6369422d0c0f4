"""Which rendering a client gets for its ``Accept`` header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.simple.negotiation import Kind, negotiate, of_format

V1_JSON = "application/vnd.pypi.simple.v1+json"
V1_HTML = "application/vnd.pypi.simple.v1+html"
LATEST_JSON = "application/vnd.pypi.simple.latest+json"
LATEST_HTML = "application/vnd.pypi.simple.latest+html"
PIP = f"{V1_JSON}, {V1_HTML}; q=0.1, text/html; q=0.01"
UV = f"{V1_JSON}, {V1_HTML};q=0.2, text/html;q=0.01"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


# IX-04
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", Kind.TEXT_HTML),
        ("*/*", Kind.TEXT_HTML),
        (BROWSER, Kind.TEXT_HTML),
        (PIP, Kind.JSON),
        (UV, Kind.JSON),
        ("text/html", Kind.TEXT_HTML),
        ("TEXT/HTML; charset=utf-8", Kind.TEXT_HTML),
        (V1_JSON, Kind.JSON),
        (V1_JSON.upper(), Kind.JSON),
        (V1_HTML, Kind.HTML),
        (LATEST_JSON, Kind.JSON),
        (LATEST_HTML, Kind.HTML),
        (f"{V1_JSON}, {V1_HTML}, text/html", Kind.JSON),
        (f"text/html, {V1_HTML}", Kind.HTML),
        (f"{V1_JSON};q=0.5, text/html", Kind.TEXT_HTML),
        (f"{V1_JSON}, */*", Kind.JSON),
        ("text/html, */*", Kind.TEXT_HTML),
        ("application/*", Kind.JSON),
        ("text/*", Kind.TEXT_HTML),
        ("text/html;q=0, */*", Kind.HTML),
        (f"{V1_JSON};q=0, application/*", Kind.HTML),
        (f"{V1_JSON};q=0.2, */*;q=0.1", Kind.JSON),
        ("application/json, */*;q=0.1", Kind.TEXT_HTML),
    ],
)
def test_the_best_of_what_is_acceptable(accept: str, kind: Kind) -> None:
    assert negotiate(accept) is kind


@pytest.mark.parametrize(
    "accept",
    ["application/json", "application/vnd.pypi.simple.v2+json", "*/*;q=0", f"{V1_JSON};q=0.000", "image/*"],
)
def test_nothing_acceptable_is_nothing(accept: str) -> None:
    assert negotiate(accept) is None


@pytest.mark.parametrize(
    "element",
    [
        "",
        ";",
        "text",
        "/",
        "text/",
        "te xt/html",
        "text/html;q=x",
        "text/html;q=2",
        "text/html;q=-1",
        "\x00/\x00",
    ],
)
def test_what_is_not_well_formed_is_ignored(element: str) -> None:
    assert negotiate(element) is Kind.TEXT_HTML
    assert negotiate(f"{element},{V1_JSON}") is Kind.JSON
    assert negotiate(f"application/xml,{element}") is None


NAMED = {
    V1_JSON: Kind.JSON,
    LATEST_JSON: Kind.JSON,
    V1_HTML: Kind.HTML,
    LATEST_HTML: Kind.HTML,
    "text/html": Kind.TEXT_HTML,
}
RANGES = [*NAMED, "*/*", "text/*", "application/*", "application/json", "image/png"]
elements = st.tuples(st.sampled_from(RANGES), st.integers(0, 10))


def weight_of(kind: Kind, elements: list[tuple[str, int]]) -> int:
    """RFC 9110 §12.5.1 in the words of its table: the most specific range that covers a type gives its weight."""
    for ranges in (
        {name for name, named in NAMED.items() if named is kind},
        {f"{kind.value.partition('/')[0]}/*"},
        {"*/*"},
    ):
        weights = [weight for name, weight in elements if name in ranges]
        if weights:
            return max(weights)
    return 0


# IX-04
@given(st.lists(elements, min_size=1, max_size=6), st.sampled_from([", ", ",", " , ,"]))
def test_no_kind_has_a_higher_weight_than_the_one_that_is_sent(
    elements: list[tuple[str, int]], comma: str
) -> None:
    accept = comma.join(f"{name} ; Q={weight / 10:.1f}" for name, weight in elements)
    weights = {kind: weight_of(kind, elements) for kind in Kind}
    chosen = negotiate(accept)
    if chosen is None:
        assert set(weights.values()) == {0}
    else:
        assert weights[chosen] == max(weights.values()) > 0


@given(st.text(max_size=200))
def test_any_text_is_a_defined_answer(accept: str) -> None:
    assert negotiate(accept) in {*Kind, None}


def test_a_long_header_is_read_in_no_time() -> None:
    assert negotiate(", ".join([PIP] * 2_000)) is Kind.JSON
    assert negotiate("a" * 100_000 + ";" * 100_000) is Kind.TEXT_HTML


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (V1_JSON, Kind.JSON),
        (LATEST_HTML, Kind.HTML),
        ("text/html", Kind.TEXT_HTML),
        ("json", None),
        ("*/*", None),
        ("", None),
    ],
)
def test_a_format_is_a_name_and_no_range(name: str, kind: Kind | None) -> None:
    assert of_format(name) is kind
