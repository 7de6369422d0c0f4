"""The security model says of every attack which test tries it, or why none does. That it is not stale: test_docs.py."""

import re

import pytest

from docs.generate.attack_tests import mentions, mentions_in
from docs.generate.security_model import Attack, place, rules, sections

ATTACKS = {attack.line: attack for attacks in sections().values() for attack in attacks}


def named() -> set[str]:
    return {mention.line for mention in mentions()}


def test_every_attack_has_a_test_or_a_reason_why_not() -> None:
    tested = named()
    missing = [line for line, attack in ATTACKS.items() if line not in tested and not attack.later]
    assert missing == []


def test_no_test_names_an_attack_that_there_is_not() -> None:
    known = {line.partition("-")[0] for line in ATTACKS}
    unknown = {line for line in named() if line.partition("-")[0] in known and line not in ATTACKS}
    assert unknown == set()


def test_every_mention_stands_at_a_test() -> None:
    known = {line.partition("-")[0] for line in ATTACKS}
    astray = [found for found in mentions() if not found.test and found.line.partition("-")[0] in known]
    assert astray == []


@pytest.mark.parametrize("title", sections())
def test_the_lines_of_a_section_are_numbered_without_a_gap(title: str) -> None:
    lines = [attack.line for attack in sections()[title]]
    assert [int(line.partition("-")[2]) for line in lines] == list(range(1, len(lines) + 1))


def test_every_attack_and_its_outcome_are_one_line_in_a_list() -> None:
    def is_clear(attack: Attack) -> bool:
        texts = (attack.attack, attack.outcome)
        return all(text and text == text.strip() and not re.search(r"[\n.]$", text) for text in texts)

    assert [attack.line for attack in ATTACKS.values() if not is_clear(attack)] == []


def test_every_rule_lives_where_it_says() -> None:
    assert [rule.id for rule in rules()] == [f"D{number}" for number in range(1, 18)]
    assert [(rule.id, path) for rule in rules() for path in rule.places if not place(path).exists()] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def test_a() -> None:  # LT-01, LT-02\n    pass\n", {("LT-01", "test_a"), ("LT-02", "test_a")}),
        ("@mark('x')  # LT-01\ndef test_a() -> None:\n    pass\n", {("LT-01", "test_a")}),
        (
            "class TestA:\n    def test_b(self) -> None:\n        pass  # LT-01\n",
            {("LT-01", "TestA::test_b")},
        ),
        ("CASES = [1]  # LT-01\n@mark(CASES)\ndef test_a() -> None:\n    pass\n", {("LT-01", "test_a")}),
        ("# LT-01\n# more\n@mark\ndef test_a() -> None:\n    pass\n", {("LT-01", "test_a")}),
        ("# LT-01\nimport sys\n", {("LT-01", "")}),
        ("def test_a() -> None:\n    'LT-01'\n", set()),
    ],
)
def test_a_comment_speaks_of_the_test_around_or_below_it_or_of_those_that_use_its_table(
    source: str, found: set[tuple[str, str]]
) -> None:
    assert {(mention.line, mention.test) for mention in mentions_in(source, file="x.py")} == found
