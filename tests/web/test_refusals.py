"""The status of each refusal that a page shows."""

from docs.generate import refusals
from strongroom.web.refusals import DEFAULT, STATUS


def test_every_code_in_the_table_is_one_that_the_source_refuses_with() -> None:
    assert set(STATUS) - set(refusals.by_code()) == set()


def test_a_refusal_is_the_sender_s_affair() -> None:
    assert all(400 <= status < 500 for status in (*STATUS.values(), DEFAULT))
