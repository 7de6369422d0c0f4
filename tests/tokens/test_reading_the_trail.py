"""The audit trail is read by tokens that were made to, and by no copy of another."""

from typing import Any

import pytest

from strongroom.kernel.refused import Refused
from strongroom.tokens import revoke
from strongroom.tokens.caveats import ACTIONS, AUDIT, UNNAMED
from strongroom.tokens.narrow import Narrowing, narrow
from strongroom.tokens.verify import require_made_to
from tests.support.people import as_user, person, refusal_of
from tests.tokens.making import token_for, verified, with_caveat

pytestmark = pytest.mark.django_db


def reads_the_trail(text: str) -> bool:
    try:
        require_made_to(verified(text), AUDIT)
    except Refused as refusal:
        assert refusal.code == "token_action"  # noqa: PT017
        return False
    return True


@pytest.mark.parametrize("actions", [("audit",), ("upload", "audit"), ACTIONS])
def test_a_token_that_was_made_to_read_the_trail_reads_it(actions: tuple[str, ...]) -> None:
    assert reads_the_trail(token_for(person(), actions=actions).secret)


@pytest.mark.parametrize("actions", [UNNAMED, ("read",), ("upload", "yank")])
@pytest.mark.parametrize(
    "added", [[], [["actions", ["audit"]]], [["actions", list(ACTIONS)]], [["actions", ["audit"]]] * 2]
)
def test_no_other_token_does_whatever_is_added_to_it(
    actions: tuple[str, ...], added: list[Any]
) -> None:  # TK-03, TK-20
    text = str(token_for(person(), actions=actions).secret)
    assert not reads_the_trail(with_caveat(text, *added) if added else text)


def test_a_copy_that_was_narrowed_to_something_else_does_not_read_it() -> None:  # TK-03
    text = str(token_for(person(), actions=ACTIONS).secret)
    assert reads_the_trail(narrow(text, Narrowing(actions=["audit", "read"])))
    assert not reads_the_trail(narrow(text, Narrowing(actions=["read"])))
    assert not reads_the_trail(with_caveat(text, ["actions", ["audit"]], ["actions", []]))


def test_a_token_that_names_no_actions_is_held_to_those_of_every_token() -> None:
    alice = person()
    assert ["actions", ["upload"]] in token_for(alice, name="a", actions=("upload",)).token.restrictions
    assert len(token_for(alice, name="b").token.restrictions) == 1
    every = token_for(alice, name="c", actions=ACTIONS).token.restrictions
    assert ["actions", ["upload", "yank", "read", "audit"]] in every


def test_a_token_that_was_revoked_meanwhile_reads_nothing() -> None:  # TK-10
    alice = person()
    made = token_for(alice, actions=("audit",))
    token = verified(made.secret)
    revoke.revoke(alice.pk, made.token.pk, by=as_user(alice))
    assert refusal_of(lambda: require_made_to(token, AUDIT)) == "token_invalid"
