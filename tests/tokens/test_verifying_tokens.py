"""What a token lets its bearer do, and when it stops."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta

import pymacaroons
import pytest
from pypitoken import Token as TheirToken

from strongroom.accounts import standing
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.names import normalize
from strongroom.tokens import caveats, macaroon
from strongroom.tokens.models import Token
from strongroom.tokens.revoke import revoke
from strongroom.tokens.verify import VerifiedToken, note_use, still_stands, verify
from tests.support.people import as_user, person, refusal_of
from tests.tokens.making import project_of, seconds_from_now, token_for

pytestmark = pytest.mark.django_db

DEMO = normalize("demo")


def with_caveat(text: str, caveat: object) -> str:
    """``text`` narrowed by a caveat of any shape, as its bearer can."""
    theirs = pymacaroons.Macaroon.deserialize(text.removeprefix("strongroom-"))
    theirs.add_first_party_caveat(caveat if isinstance(caveat, str) else json.dumps(caveat))
    return "strongroom-" + theirs.serialize()


def test_a_token_is_verified_by_one_query(django_assert_num_queries: Callable) -> None:
    made = token_for(person())
    with django_assert_num_queries(1):
        verified = verify(made.secret)
        assert verified.owner.username == "alice"
    verified.require_project(DEMO, public_id=uuid.uuid4())
    verified.require_project(DEMO, public_id=None)


def test_blanks_around_a_token_are_dropped() -> None:
    made = token_for(person())
    assert verify(f" {made.secret}\n").id == made.token.pk


def test_a_revoked_token_is_unknown() -> None:  # TK-10
    alice = person()
    made = token_for(alice)
    revoke(alice.pk, made.token.pk, by=as_user(alice))
    assert refusal_of(lambda: verify(made.secret)) == "token_invalid"


def test_a_token_of_another_instance_or_made_without_its_key_is_refused() -> None:  # TK-11, D16
    made = token_for(person())
    identifier = str(made.token.identifier).encode()
    for key in (b"", bytes(32), bytes(made.token.nonce), made.token.identifier.bytes):
        forged = macaroon.dump(macaroon.mint(identifier, key=key))
        assert refusal_of(lambda text=forged: verify(text)) == "token_invalid"


def test_the_database_holds_nothing_that_signs() -> None:  # TK-11, W17
    made = token_for(person())
    row = Token.objects.values().get(pk=made.token.pk)
    signature = macaroon.load(made.secret).signature
    assert signature.hex() not in repr(row)
    assert not [value for value in row.values() if isinstance(value, bytes) and len(value) >= 32]


@pytest.mark.parametrize("text", ["", "strongroom-", "hunter2", "strongroom-\0", "pypi-AgEIcHlwaS5vcmc"])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert refusal_of(lambda: verify(text)) == "token_invalid"


def test_a_genuine_macaroon_with_an_identifier_that_is_no_uuid_is_refused() -> None:
    for identifier in (b"1", b"\xff\xfe", b"", b"00000000-0000-0000-0000-000000000000"):
        text = macaroon.dump(macaroon.mint(identifier, key=b"k"))
        assert refusal_of(lambda text=text: verify(text)) == "token_invalid"


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
    verified = verify(theirs.dump())
    verified.require_project(DEMO, public_id=demo.public_id)
    assert refuses(verified, "other", other.public_id)


def refuses(verified: VerifiedToken, name: str, public_id: uuid.UUID | None) -> bool:
    return refusal_of(lambda: verified.require_project(normalize(name), public_id=public_id)) == "token_scope"


def test_a_narrowed_token_can_not_be_widened_again() -> None:  # TK-03
    alice = person()
    demo, other = project_of(alice), project_of(alice, "other")
    narrow = token_for(alice, project=demo).secret
    wider = with_caveat(
        with_caveat(narrow, [2, [str(demo.public_id), str(other.public_id)]]), [1, ["demo", "other"]]
    )
    verified = verify(wider)
    verified.require_project(DEMO, public_id=demo.public_id)
    assert refuses(verified, "other", other.public_id)


def test_a_token_for_a_project_is_for_no_other_and_no_new_one() -> None:  # TK-06
    alice = person()
    demo, other = project_of(alice), project_of(alice, "demo.other")
    verified = verify(token_for(alice, project=demo).secret)
    verified.require_project(normalize("DEMO"), public_id=demo.public_id)
    assert refuses(verified, "demo.other", other.public_id)
    assert refuses(verified, "new", None)
    assert refuses(verified, "demo", None)


def test_a_token_for_a_name_makes_no_project_of_that_name() -> None:  # TK-06, TK-07
    verified = verify(with_caveat(token_for(person()).secret, [1, ["Demo", "d.e.m.o"]]))
    verified.require_project(DEMO, public_id=uuid.uuid4())
    verified.require_project(normalize("d-e-m-o"), public_id=uuid.uuid4())
    assert refuses(verified, "demo", None)


def test_a_project_made_again_under_the_name_is_another_project() -> None:  # TK-07
    alice = person()
    demo = project_of(alice)
    text = token_for(alice, project=demo).secret
    demo.delete()
    assert refusal_of(lambda: verify(text)) == "token_invalid"
    again = project_of(alice)
    whole = verify(with_caveat(token_for(alice).secret, json.loads(caveats.for_project(demo.public_id))))
    assert refuses(whole, "demo", again.public_id)


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
            assert verify(text).owner.id == alice.pk
        else:
            assert refusal_of(lambda: verify(text)) == code


def test_a_token_for_another_account_is_refused() -> None:
    alice, mallory = person(), person("mallory")
    text = with_caveat(token_for(alice).secret, [3, str(mallory.public_id)])
    assert refusal_of(lambda: verify(text)) == "token_scope"


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
    assert refusal_of(lambda: verify(text)) == "token_restriction_unknown"


def test_use_is_noted_to_the_minute(django_assert_num_queries: Callable) -> None:  # TK-19
    text = token_for(person()).secret
    with clock.frozen(clock.now()):
        note_use(verify(text))
        noted = Token.objects.get()
        assert noted.last_used == clock.now()
        used_again = verify(text)
        with django_assert_num_queries(0), clock.shifted(timedelta(seconds=60)):
            note_use(used_again)
        with clock.shifted(timedelta(seconds=61)):
            note_use(used_again)
            assert Token.objects.get().last_used == clock.now()


def test_parallel_uses_do_not_note_an_earlier_time() -> None:
    text = token_for(person()).secret
    stale = verify(text)
    with clock.shifted(timedelta(minutes=10)):
        note_use(verify(text))
        later = Token.objects.get().last_used
    note_use(stale)
    assert Token.objects.get().last_used == later


def test_a_token_stands_until_it_is_revoked_or_its_account_disabled() -> None:  # TK-09, TK-10
    alice, bob = person(), person("bob")
    of_alice, of_bob = verify(token_for(alice).secret), verify(token_for(bob).secret)
    assert still_stands(of_alice)
    assert still_stands(of_bob)
    revoke(alice.pk, of_alice.id, by=as_user(alice))
    standing.disable(bob, by=Actor.console())
    assert not still_stands(of_alice)
    assert not still_stands(of_bob)
