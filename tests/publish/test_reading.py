"""Who reads a private site: whoever holds a token that may read, as long as its owner may act."""

import base64
from collections.abc import Iterator
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connections, transaction

from strongroom.accounts import passwords, standing
from strongroom.accounts.models import EmailAddress, User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, Origin
from strongroom.projects.models import Project
from strongroom.publish.reading import TokenGate, TokenReader
from strongroom.tokens import last_use, revoke
from strongroom.tokens.models import Token, TokenUses
from tests.support.configuration import configured
from tests.support.people import PASSWORD, as_user, person, refusal_of
from tests.tokens.making import project_of, token_for, with_caveat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def connection() -> Iterator[None]:
    yield
    connections.close_all()


@pytest.fixture
def alice() -> User:
    return person("alice")


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def read(authorization: str, *, address: str = "203.0.113.7") -> TokenReader:
    return TokenGate().reader(authorization, origin=Origin(address=address, client="pip/26.0"))


def refused(authorization: str, **how: str) -> str:
    """The code, and that nothing was written."""
    before = (Entry.objects.count(), list(Token.objects.values_list("last_used", flat=True)))
    code = refusal_of(partial(read, authorization, **how))
    assert (Entry.objects.count(), list(Token.objects.values_list("last_used", flat=True))) == before
    return code


def made(user: User, **asked: Any) -> str:
    return str(token_for(user, name=f"t{Token.objects.count()}", **asked).secret)


def reads(reader: TokenReader, project: str) -> bool:
    try:
        reader.require(project)
    except Exception as refusal:
        assert getattr(refusal, "code", "") == "token_scope"  # noqa: PT017
        return False
    return True


def test_a_token_reads_by_basic_and_by_bearer(alice: User) -> None:
    for token in (made(alice), made(alice, actions=("read",)), made(alice, actions=("read", "yank"))):
        for header in (basic("__token__", token), f"Bearer {token}", f"token {token}"):
            assert read(header).reads_everything


def test_a_token_for_something_else_reads_nothing(alice: User) -> None:
    # TK-20
    for actions in (("upload",), ("yank",), ("upload", "yank")):
        assert refused(f"Bearer {made(alice, actions=actions)}") == "token_action"


def test_a_copy_that_was_narrowed_reads_what_is_left(alice: User) -> None:
    # TK-03
    token = made(alice)
    assert refused(f"Bearer {with_caveat(token, ['actions', ['upload']])}") == "token_action"
    assert not read(f"Bearer {with_caveat(token, ['projects', [], ['acme-*']])}").reads_everything


def test_a_password_reads_nothing_and_is_not_looked_at(alice: User) -> None:
    # TK-23
    with patch.object(passwords, "is_right", side_effect=AssertionError):
        for username, password in (("alice", PASSWORD), ("alice", "wrong"), ("nobody", "x"), ("", "")):
            assert refused(basic(username, password)) == "passwords_read_nothing"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "credentials_missing"),
        ("  ", "credentials_missing"),
        ("Digest x", "credentials_malformed"),
        ("Basic !", "credentials_malformed"),
        ("Basic", "credentials_malformed"),
        ("Basic bm9jb2xvbg==", "credentials_malformed"),
        ("Bearer", "token_invalid"),
        ("Bearer strongroom-x", "token_invalid"),
        ("Bearer \xff", "token_invalid"),
    ],
)
def test_what_cannot_be_read_is_refused(header: str, code: str) -> None:
    # TK-13
    assert refused(header) == code


def test_revoked_tokens_and_those_of_people_who_may_not_act_read_nothing(alice: User) -> None:
    # TK-09, TK-10
    header = f"Bearer {made(alice)}"
    with configured("sign_in", two_factor="everyone"):
        assert refused(header) == "two_factor_required"
    EmailAddress.objects.update(verified=None)
    assert refused(header) == "email_unverified"
    EmailAddress.objects.update(verified=clock.now())
    with transaction.atomic():
        standing.freeze(alice, clock.now(), by=as_user(alice))
    assert refused(header) in {"account_frozen", "token_invalid"}
    bob = person("bob")
    token = token_for(bob)
    standing.disable(bob, by=Actor.console())
    assert refused(f"Bearer {token.secret}") in {"account_disabled", "token_invalid"}
    carol = person("carol")
    token = token_for(carol)
    with transaction.atomic():
        revoke.revoke(carol.pk, token.token.pk, by=as_user(carol))
    assert refused(f"Bearer {token.secret}") == "token_invalid"


def test_a_token_reads_from_its_networks_alone(alice: User) -> None:
    header = f"Bearer {made(alice, networks=('203.0.113.0/24',))}"
    assert read(header).reads_everything
    assert refused(header, address="198.51.100.1") == "token_network"


def test_a_token_for_projects_reads_those_whatever_they_are_called_now(alice: User) -> None:
    # TK-07
    demo, other = project_of(alice, "demo"), project_of(alice, "other")
    reader = read(f"Bearer {made(alice, project=demo)}")
    assert not reader.reads_everything
    assert [reads(reader, name) for name in ("demo", "other", "nothing")] == [True, False, False]
    Project.objects.filter(pk=demo.pk).update(normalized="renamed", lookalike="renamed")
    Project.objects.filter(pk=other.pk).update(normalized="demo", lookalike="demo")
    reader = read(f"Bearer {made(alice, project=demo)}")
    assert [reads(reader, name) for name in ("renamed", "demo")] == [True, False]


def test_a_token_for_a_pattern_reads_what_fits_it(alice: User) -> None:
    reader = read(f"Bearer {made(alice, patterns=('acme-*',))}")
    assert [reads(reader, name) for name in ("acme-one", "acme-nothing", "acme", "demo")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_token_that_names_projects_by_name_reads_them_while_there_are_such(alice: User) -> None:
    project_of(alice, "demo")
    narrowed = with_caveat(made(alice), [1, ["demo", "nothing"]])
    reader = read(f"Bearer {narrowed}")
    assert [reads(reader, name) for name in ("demo", "nothing", "other")] == [True, False, False]


def test_reading_uses_up_no_use_but_is_noted(alice: User) -> None:
    header = f"Bearer {made(alice, uses=1)}"
    for _ in range(3):
        read(header)
    assert not TokenUses.objects.exists()
    token = Token.objects.get()
    assert token.last_used is not None
    assert (token.last_address, token.last_client) == ("203.0.113.7", "pip/26.0")


def test_reads_go_on_where_the_use_cannot_be_noted(alice: User) -> None:
    """Design, D15: such as on a full disk."""
    header = f"Bearer {made(alice)}"
    with patch.object(last_use, "note", side_effect=DatabaseError("disk full")):
        assert read(header).reads_everything


def test_a_database_that_cannot_be_asked_lets_nobody_in(alice: User) -> None:
    header = f"Bearer {made(alice)}"
    with (
        patch("strongroom.publish.reading.tokens.verify", side_effect=DatabaseError("gone")),
        pytest.raises(DatabaseError),
    ):
        read(header)
