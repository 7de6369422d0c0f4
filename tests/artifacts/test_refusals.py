"""Every code is documented, raised somewhere, and tested somewhere."""

import ast
from pathlib import Path

import pytest

import strongroom.artifacts
from strongroom.artifacts.refusals import REFUSALS, quoted, refusal

ROOM = Path(strongroom.artifacts.__file__).parent


def raised_codes() -> set[str]:
    """The first argument of each call of ``refusal``, and what ``parse_headers`` is told to raise."""
    codes: set[str] = set()
    for module in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if (
                isinstance(node.func, ast.Name)
                and node.func.id == "refusal"
                and isinstance(node.args[0], ast.Constant)
            ):
                codes.add(node.args[0].value)
            codes |= {
                key.value.value
                for key in node.keywords
                if key.arg == "code" and isinstance(key.value, ast.Constant)
            }
    return codes | {"metadata_malformed"}


def test_the_documented_codes_are_those_that_are_raised() -> None:
    assert raised_codes() == set(REFUSALS)


def test_each_code_is_expected_by_a_test() -> None:
    # D14
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [code for code in REFUSALS if f'"{code}"' not in tests] == []


def test_each_code_is_documented_in_one_sentence() -> None:
    for code, meaning in REFUSALS.items():
        assert code == code.lower().replace("-", "_")
        assert meaning.endswith(".")
        assert "\n" not in meaning


def test_a_code_that_is_not_documented_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        refusal("nonsense", "No.")


@pytest.mark.parametrize(
    "text", ["", "demo", "x" * 10**6, "\0" * 500, "\u202e" * 500, "\U0001f600" * 500, "'\"" * 300, "\ud800", "a\r\nb: c"],
    ids=ascii,
)  # fmt: skip
def test_what_is_repeated_from_the_input_is_short_and_plain(text: str) -> None:
    shown = quoted(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) <= 200
    assert quoted("demo") == "'demo'"
