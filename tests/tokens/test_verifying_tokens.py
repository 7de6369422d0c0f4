"""What a token lets its bearer do, and when it stops."""

import uuid
from collections.abc import Callable

import pytest
from pypitoken import Token as TheirToken

from strongroom.accounts import standing
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.names import normalize
from strongroom.tokens import caveats, macaroon
from strongroom.tokens.models import Token
from strongroom.tokens.revoke import revoke
from strongroom.tokens.verify import VerifiedToken, owner_now
from tests.support.people import as_user, person, refusal_of
from tests.tokens.making import project_of, seconds_from_now, token_for, verified, with_caveat

pytestmark = pytest.mark.django_db

DEMO = normalize("demo")


def test_a_token_is_verified_by_one_query(django_assert_num_queries: Callable) -> None:
    made = token_for(person())
    with django_assert_num_queries(1):
        token = verified(made.secret)
        assert token.owner.username == "alice"
    token.require_project(DEMO, public_id=uuid.uuid4())
    token.require_project(DEMO, public_id=None)


def test_blanks_around_a_token_are_dropped() -> None:
    made = token_for(person())
    assert verified(f" {made.secret}\n").id == made.token.pk


def test_a_revoked_token_is_unknown() -> None:  # TK-10
    alice = person()
    made = token_for(alice)
    revoke(alice.pk, made.token.pk, by=as_user(alice))
    assert refusal_of(lambda: verified(made.secret)) == "token_invalid"


def test_a_token_of_another_instance_or_made_without_its_key_is_refused() -> None:  # TK-11, D16
    made = token_for(person())
    identifier = str(made.token.identifier).encode()
    for key in (b"", bytes(32), bytes(made.token.nonce), made.token.identifier.bytes):
        forged = macaroon.dump(macaroon.mint(identifier, key=key))
        assert refusal_of(lambda text=forged: verified(text)) == "token_invalid"


def test_the_database_holds_nothing_that_signs() -> None:  # TK-11, W17
    made = token_for(person())
    row = Token.objects.values().get(pk=made.token.pk)
    signature = macaroon.load(made.secret).signature
    assert signature.hex() not in repr(row)
    assert not [value for value in row.values() if isinstance(value, bytes) and len(value) >= 32]


@pytest.mark.parametrize("text", ["", "strongroom-", "hunter2", "strongroom-\0", "pypi-AgEIcHlwaS5vcmc"])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert refusal_of(lambda: verified(text)) == "token_invalid"


def test_a_genuine_macaroon_with_an_identifier_that_is_no_uuid_is_refused() -> None:
    for identifier in (b"1", b"\xff\xfe", b"", b"00000000-0000-0000-0000-000000000000"):
        text = macaroon.dump(macaroon.mint(identifier, key=b"k"))
        assert refusal_of(lambda text=text: verified(text)) == "token_invalid"


def test_a_token_narrowed_by_another_tool_is_narrower() -> None:  # TK-03
    alice = person()
    demo, other = project_of(alice), project_of(alice, "other")
    theirs = TheirToken.load(token_for(alice).secret).restrict(
        project_names=["demo"],
        project_ids=[str(demo.public_id)],
        not_before=seconds_from_now(-10),
        not_after=seconds_from_now(60),
        user_id=str(alice.public_id),
    )
    token = verified(theirs.dump())
    token.require_project(DEMO, public_id=demo.public_id)
    assert refuses(token, "other", other.public_id)


def refuses(token: VerifiedToken, name: str, public_id: uuid.UUID | None) -> bool:
    return refusal_of(lambda: token.require_project(normalize(name), public_id=public_id)) == "token_scope"


def test_a_narrowed_token_can_not_be_widened_again() -> None:  # TK-03
    alice = person()
    demo, other = project_of(alice), project_of(alice, "other")
    narrow = token_for(alice, project=demo).secret
    wider = with_caveat(
        with_caveat(narrow, [2, [str(demo.public_id), str(other.public_id)]]), [1, ["demo", "other"]]
    )
    token = verified(wider)
    token.require_project(DEMO, public_id=demo.public_id)
    assert refuses(token, "other", other.public_id)


def test_a_token_for_a_project_is_for_no_other_and_no_new_one() -> None:  # TK-06
    alice = person()
    demo, other = project_of(alice), project_of(alice, "demo.other")
    token = verified(token_for(alice, project=demo).secret)
    token.require_project(normalize("DEMO"), public_id=demo.public_id)
    assert refuses(token, "demo.other", other.public_id)
    assert refuses(token, "new", None)
    assert refuses(token, "demo", None)


def test_a_token_for_a_name_makes_no_project_of_that_name() -> None:  # TK-06, TK-07
    token = verified(with_caveat(token_for(person()).secret, [1, ["Demo", "d.e.m.o"]]))
    token.require_project(DEMO, public_id=uuid.uuid4())
    token.require_project(normalize("d-e-m-o"), public_id=uuid.uuid4())
    assert refuses(token, "demo", None)


def test_a_project_made_again_under_the_name_is_another_project() -> None:  # TK-07
    alice = person()
    demo = project_of(alice)
    text = token_for(alice, project=demo).secret
    whole = with_caveat(token_for(alice, name="all").secret, caveats.for_projects([demo.public_id]))
    demo.delete()
    again = project_of(alice)
    for narrow in (text, whole):
        assert refuses(verified(narrow), "demo", again.public_id)
        assert refuses(verified(narrow), "demo", None)


@pytest.mark.parametrize(
    ("seconds_to_end", "seconds_to_start", "code"),
    [
        (60, 0, None),
        (1, 0, None),
        (0, -60, "token_expired"),
        (-59, -60, "token_expired"),
        (60, 1, "token_not_yet_valid"),
        (3600, 59, "token_not_yet_valid"),
        (10**30, -(10**30), "token_restriction_unknown"),
    ],
)
def test_a_token_is_good_from_its_first_second_to_before_its_last(
    seconds_to_end: int, seconds_to_start: int, code: str | None
) -> None:  # TK-08
    alice = person()
    with clock.frozen(clock.now()):
        caveat = [0, seconds_from_now(seconds_to_end), seconds_from_now(seconds_to_start)]
        text = with_caveat(token_for(alice).secret, caveat)
        if code is None:
            assert verified(text).owner.id == alice.pk
        else:
            assert refusal_of(lambda: verified(text)) == code


def test_a_token_for_another_account_is_refused() -> None:
    alice, mallory = person(), person("mallory")
    text = with_caveat(token_for(alice).secret, [3, str(mallory.public_id)])
    assert refusal_of(lambda: verified(text)) == "token_scope"


@pytest.mark.parametrize(
    "caveat",
    [
        "",
        "null",
        "nonsense",
        "[]",
        "{}",
        '{"version": 1, "permissions": "user"}',
        "[4]",
        '[4, "id"]',
        "[99]",
        "[-1]",
        "[true, []]",
        "[false, 1, 2]",
        '["0", 1, 2]',
        "[0]",
        "[0, 1]",
        "[0, 1, 2, 3]",
        "[0, 99999999999.0, 1]",
        '[0, "99999999999", "1"]',
        "[0, null, null]",
        "[1]",
        '[1, "demo"]',
        "[1, [1]]",
        '[1, ["demo"], []]',
        "[2, [null]]",
        '[2, {"a": 1}]',
        "[3, 1]",
        '[3, ["x"]]',
        "[[0], 1, 2]",
        "[1e0, []]",
        "\0",
    ],
)
def test_what_is_not_understood_is_not_met(caveat: str) -> None:  # TK-04
    text = with_caveat(token_for(person()).secret, caveat)
    assert refusal_of(lambda: verified(text)) == "token_restriction_unknown"


def test_the_owner_of_a_token_is_asked_for_anew_until_it_is_revoked(
    django_assert_num_queries: Callable,
) -> None:
    # TK-09, TK-10
    alice = person()
    token = verified(token_for(alice).secret)
    assert owner_now(token) == token.owner
    standing.disable(alice, by=Actor.console())
    with django_assert_num_queries(1):
        assert owner_now(token).disabled
    revoke(alice.pk, token.id, by=as_user(alice))
    assert refusal_of(lambda: owner_now(token)) == "token_invalid"
