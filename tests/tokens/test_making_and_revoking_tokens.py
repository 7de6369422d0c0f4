"""Tokens are made once, listed by their owner, and revoked by nobody else."""

from functools import partial

import pytest

from strongroom.audit.models import Entry
from strongroom.kernel.refused import Refused
from strongroom.tokens import find
from strongroom.tokens.mint import NewToken
from strongroom.tokens.models import Token
from strongroom.tokens.revoke import revoke, revoke_all
from tests.support.people import as_user, at_once, person, refusal_of
from tests.tokens.making import project_of, token_for

pytestmark = pytest.mark.django_db


def test_making_a_token_is_recorded_without_its_text() -> None:  # TK-12
    alice = person()
    demo = project_of(alice)
    made = token_for(alice, project=demo)
    entry = Entry.objects.get(tag="token.made")
    assert (entry.subject_id, entry.actor_id, entry.project) == (alice.pk, alice.pk, "demo")
    assert entry.details == {
        "name": "laptop",
        "token": made.token.identifier.hex[:8],
        "restrictions": [[3, str(alice.public_id)], [2, [str(demo.public_id)]]],
    }
    assert made.secret.startswith("strongroom-")
    assert made.secret not in repr(made)
    assert made.secret not in repr(Entry.objects.values())


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\0b", "\u202eabc"])
def test_a_name_is_one_line_that_can_be_read(name: str) -> None:
    assert refusal_of(lambda: token_for(person(), name=name)) == "token_name_invalid"
    assert not Token.objects.exists()
    assert not Entry.objects.filter(tag="token.made").exists()


def test_a_name_is_used_once_by_each_account() -> None:
    alice, bob = person(), person("bob")
    token_for(alice)
    token_for(bob)
    assert refusal_of(lambda: token_for(alice, name=" laptop ")) == "token_name_taken"
    assert Token.objects.filter(user=alice).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_tokens_of_one_name_at_once_there_is_one() -> None:  # TK-18
    alice = person()
    results = at_once([partial(token_for, alice)] * 6)
    assert len([result for result in results if isinstance(result, NewToken)]) == 1
    assert [result.code for result in results if isinstance(result, Refused)] == ["token_name_taken"] * 5
    assert Token.objects.count() == Entry.objects.filter(tag="token.made").count() == 1


def test_the_owner_lists_what_is_theirs() -> None:
    alice, bob = person(), person("bob")
    demo = project_of(alice, "Demo")
    token_for(alice, name="all")
    token_for(alice, name="one", project=demo)
    token_for(bob, name="bobs")
    listed = find.of(alice.pk)
    assert [(token.name, token.projects, token.last_used) for token in listed] == [
        ("one", ("Demo",), None),
        ("all", (), None),
    ]
    assert [token.name for token in find.of(bob.pk)] == ["bobs"]


def test_nobody_revokes_the_token_of_somebody_else() -> None:  # TK-14, D6
    alice, mallory = person(), person("mallory")
    made = token_for(alice)
    assert refusal_of(lambda: revoke(mallory.pk, made.token.pk, by=as_user(mallory))) == "token_unknown"
    assert Token.objects.filter(pk=made.token.pk).exists()
    assert not Entry.objects.filter(tag="token.revoked").exists()


def test_revoking_is_recorded() -> None:
    alice = person()
    made = token_for(alice, project=project_of(alice))
    revoke(alice.pk, made.token.pk, by=as_user(alice))
    entry = Entry.objects.get(tag="token.revoked")
    assert (entry.subject_id, entry.project) == (alice.pk, "demo")
    assert entry.details == {"name": "laptop", "token": made.token.identifier.hex[:8], "why": ""}
    assert not Token.objects.exists()


def test_all_tokens_of_one_account_can_be_revoked() -> None:
    alice, bob = person(), person("bob")
    for name in ("one", "two"):
        token_for(alice, name=name)
    token_for(bob)
    assert [token.name for token in revoke_all(alice.pk, by=as_user(alice))] == ["one", "two"]
    assert [token.user_id for token in Token.objects.all()] == [bob.pk]
    assert Entry.objects.filter(tag="token.revoked").count() == 2
