"""What the upload form's field may look like: a JSON list of a few attestation objects, and not large."""

import json
from typing import Any
from unittest.mock import patch

import pytest

from strongroom.attestations.verify import MAX_BYTES
from tests.attestations.refusing import refusal_of, verified
from tests.attestations.samples import GITHUB, GITLAB


def test_an_empty_list_is_refused() -> None:
    # TP-32
    assert refusal_of(GITHUB, []).code == "attestation_empty"


@pytest.mark.parametrize("filler", [" ", "[", "{", "\u20ac", '"'], ids=ascii)
def test_ten_megabytes_are_refused_before_anything_is_read(filler: str) -> None:
    # TP-32
    with patch.object(json, "loads", side_effect=AssertionError):
        assert refusal_of(GITHUB, filler * 10_000_000).code == "attestation_too_large"


def test_the_bound_is_in_bytes_and_is_met_exactly() -> None:
    padding = MAX_BYTES - len(GITLAB.text)
    assert verified(GITLAB, GITLAB.text + " " * padding).predicates
    assert refusal_of(GITLAB, GITLAB.text + " " * (padding + 1)).code == "attestation_too_large"
    assert refusal_of(GITLAB, GITLAB.text + "\u00a0" * padding).code == "attestation_too_large"


def test_a_long_list_is_refused() -> None:
    assert refusal_of(GITHUB, GITHUB.objects() * 3).code == "attestation_too_large"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "null",
        "true",
        '"[]"',
        "{}",
        "[",
        "[]]",
        "[1",
        "[NaN]",
        "[Infinity]",
        "\ufeff[]",
        "\ud800",
        "\0",
        "[\x00]",
        "[" + "9" * 100_000 + "]",
        '[{"version":1,}]',
        "[//\n{}]",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_what_is_not_a_json_list_is_refused(text: str) -> None:
    assert refusal_of(GITHUB, text).code == "attestation_malformed"


@pytest.mark.parametrize("part", [None, 1, "x", [], {}, True, 1e300], ids=repr)
def test_a_member_that_is_no_attestation_object_is_refused(part: object) -> None:
    assert refusal_of(GITHUB, [part]).code == "attestation_malformed"
    assert refusal_of(GITHUB, [GITHUB.objects()[0], part]).code == "attestation_malformed"


@pytest.mark.parametrize("version", [0, 2, "1", None, [1]], ids=repr)
def test_another_version_of_the_format_is_refused(version: object) -> None:
    [attestation] = GITLAB.objects()
    attestation["version"] = version
    assert refusal_of(GITLAB, [attestation]).code == "attestation_malformed"


@pytest.mark.parametrize(
    "path",
    [
        ["version"],
        ["envelope"],
        ["envelope", "statement"],
        ["envelope", "signature"],
        ["verification_material"],
        ["verification_material", "certificate"],
        ["verification_material", "transparency_entries"],
    ],
    ids=".".join,
)
@pytest.mark.parametrize("value", [None, 0, [], {}, ["x"], [[]]], ids=repr)
def test_a_field_of_another_shape_is_refused(path: list[str], value: object) -> None:
    [attestation] = GITLAB.objects()
    _set(attestation, path, value)
    assert refusal_of(GITLAB, [attestation]).code == "attestation_malformed"


def test_a_name_that_stands_twice_is_refused_at_any_depth() -> None:
    text = GITLAB.text
    for name in ("version", "envelope", "statement", "certificate", "inclusionProof", "treeSize", "envelope"):
        doubled = text.replace(f'"{name}":', f'"{name}": 1, "{name}":', 1)
        assert doubled != text
        assert refusal_of(GITLAB, doubled).code == "attestation_malformed"


@pytest.mark.parametrize("depth", [300, 5_000, 120_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_deep_nesting_is_refused(opening: str, closing: str, depth: int) -> None:
    depth //= len(opening)
    nested = opening * depth + "1" + closing * depth
    assert refusal_of(GITLAB, f"[{nested}]").code == "attestation_malformed"
    assert refusal_of(GITLAB, nested).code == "attestation_malformed"


def test_nesting_in_a_member_that_nobody_reads_is_refused_too() -> None:
    [attestation] = GITLAB.objects()
    plain = verified(GITLAB).document
    assert verified(GITLAB, json.dumps([{**attestation, "note": [[], []]}])).document == plain
    for nested in ([[]] * 300, json.loads("[" * 300 + "]" * 300)):
        refused = refusal_of(GITLAB, [{**attestation, "note": nested}])
        assert refused.code == "attestation_malformed"


def test_an_attestation_with_two_log_entries_is_refused_because_one_would_go_unverified() -> None:
    [attestation] = GITLAB.objects()
    attestation["verification_material"]["transparency_entries"] *= 2
    assert refusal_of(GITLAB, [attestation]).code == "attestation_malformed"


def test_an_attestation_without_a_log_entry_is_refused() -> None:
    [attestation] = GITLAB.objects()
    attestation["verification_material"]["transparency_entries"] = []
    assert refusal_of(GITLAB, [attestation]).code == "attestation_malformed"


def test_spacing_and_the_order_of_members_do_not_matter() -> None:
    text = json.dumps(GITLAB.objects(), indent=4, sort_keys=True)
    assert verified(GITLAB, text) == verified(GITLAB)


def _set(attestation: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for each in parents:
        attestation = attestation[each]
    attestation[last] = value
