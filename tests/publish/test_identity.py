"""Who is behind an Authorization header."""

import base64
from datetime import timedelta
from functools import partial
from unittest.mock import patch

import pytest
from django.db import transaction

from strongroom.accounts import passwords, standing
from strongroom.accounts.models import EmailAddress
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, Origin
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.refused import Refused
from strongroom.projects import policy
from strongroom.projects.events import PublishingSwitchedForAll
from strongroom.publish.identity import Identity, identify, require_standing
from strongroom.throttle.models import Bucket
from strongroom.tokens.models import Token
from tests.support.configuration import configured
from tests.support.people import PASSWORD, as_user, at_once, person, refusal_of
from tests.tokens.making import token_for

pytestmark = pytest.mark.django_db

HERE = Origin(address="203.0.113.7", client="twine", request_id="1")


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def who(header: str, *, address: str = "203.0.113.7") -> Identity:
    return identify(header, origin=Origin(address=address, client="twine", request_id="1"))


def refusal(header: str, **options: str) -> str:
    return refusal_of(partial(who, header, **options))


def nothing_written() -> bool:
    return not Entry.objects.filter(tag="publisher.refused").exists() and not Bucket.objects.exists()


def test_a_token_names_its_account() -> None:
    alice = person()
    made = token_for(alice)
    for header in (
        basic("__token__", made.secret),
        f"Bearer {made.secret}",
        f"bearer  {made.secret}",
        f"token {made.secret}",
        basic("__token__", f"{made.secret}\n"),
    ):
        identity = who(header)
        assert (identity.user_id, identity.actor.username) == (alice.pk, "alice")
        assert (identity.actor.kind, identity.actor.authenticated) == ("token", "token")
        assert identity.actor.credential == made.token.short_id
        assert identity.actor.origin == HERE
        assert identity.token is not None
    assert Token.objects.get().last_used is not None


def test_a_password_names_its_account() -> None:
    alice = person()
    for username in ("alice", "ALICE"):
        identity = who(basic(username, PASSWORD))
        assert (identity.user_id, identity.actor.kind, identity.actor.authenticated) == (
            alice.pk,
            "user",
            "password",
        )
        assert identity.token is None


def test_a_password_that_is_changed_meanwhile_publishes_nothing() -> None:  # UP-36, SS-02
    alice = person()
    identity = who(basic("alice", PASSWORD))
    with transaction.atomic():
        require_standing(identity)
        passwords.store(alice, passwords.encode("walnut teapot gravel monsoon"), by=as_user(alice))
        assert refusal_of(lambda: require_standing(identity)) == "credentials_wrong"


def test_a_password_with_colons_and_letters_of_any_script_is_read_whole() -> None:
    alice = person()
    chosen = "größte:umbrella:ελληνικά"
    type(alice).objects.filter(pk=alice.pk).update(password=passwords.encode(passwords.normalize(chosen)))
    assert who(basic("alice", chosen)).user_id == alice.pk


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "credentials_missing"),
        ("   ", "credentials_missing"),
        ("Basic", "credentials_malformed"),
        ("Basic ", "credentials_malformed"),
        ("Basic !!!", "credentials_malformed"),
        ("Basic " + base64.b64encode(b"no colon").decode(), "credentials_malformed"),
        ("Basic " + base64.b64encode(b"\xff\xfe:x").decode(), "credentials_malformed"),
        ("Basic " + base64.b64encode(b"a\0b:x").decode(), "credentials_malformed"),
        ("Basic YWxpY2U6\u00e9", "credentials_malformed"),
        ("Digest username=alice", "credentials_malformed"),
        ("Negotiate x", "credentials_malformed"),
        ("Bearer", "token_invalid"),
        ("Bearer x", "token_invalid"),
        ("Bearer \u00e9", "token_invalid"),
        (basic("__token__", ""), "token_invalid"),
        (basic("__token__", "hunter2"), "token_invalid"),
        (basic("__token__", "pypi-AgEIcHlwaS5vcmc"), "token_invalid"),
        (basic("__token__", "strongroom-" + "A" * 200), "token_invalid"),
    ],
)
def test_what_is_no_credential_is_refused_and_costs_nothing(header: str, code: str) -> None:  # TK-13
    assert refusal(header) == code
    assert nothing_written()


def test_a_token_under_another_name_is_a_wrong_password() -> None:  # TK-13
    alice = person()
    assert refusal(basic("alice", token_for(alice).secret)) == "credentials_wrong"


def test_a_password_in_place_of_a_token_tells_nothing() -> None:  # TK-23
    person()
    assert refusal(basic("__token__", PASSWORD)) == refusal(basic("__token__", "wrong")) == "token_invalid"


def message(header: str) -> str:
    with pytest.raises(Refused) as caught:
        who(header)
    return caught.value.message


def test_nobody_learns_which_of_name_and_password_was_wrong() -> None:  # D17
    alice = person()
    bob = person("bob")
    standing.switch_publishing(bob, MayPublish.TOKENS, by=as_user(bob))
    headers = [
        basic("nobody", PASSWORD),
        basic("alice", "wrong"),
        basic("bob", PASSWORD),
        basic("alice", ""),
        basic("alice", "\0"),
    ]
    assert {refusal(header) for header in headers} == {"credentials_wrong"}
    assert len({message(header) for header in headers}) == 1
    assert message(headers[0]).startswith("Invalid or non-existent authentication information.")
    assert alice.may_publish == MayPublish.PASSWORDS


def test_a_wrong_password_is_hashed_whether_or_not_there_is_an_account() -> None:  # LT-19
    person()
    bob = person("bob")
    standing.switch_publishing(bob, MayPublish.TOKENS, by=as_user(bob))
    hashed = []
    original = passwords.hashers.check_password

    def check(password: str, encoded: str) -> bool:
        hashed.append(encoded)
        return original(password, encoded)

    with patch.object(passwords.hashers, "check_password", check):
        for username in ("alice", "nobody", "bob"):
            refusal(basic(username, "wrong"))
    assert len(hashed) == 3
    assert all(encoded.startswith("argon2") for encoded in hashed)


def test_a_wrong_password_is_recorded_with_the_account_and_without_the_password() -> None:
    alice = person()
    refusal(basic("alice", "tr0mbone-secret"))
    entry = Entry.objects.get(tag="publisher.refused")
    assert (entry.reason, entry.subject_id, entry.actor_kind) == ("credentials_wrong", alice.pk, "anonymous")
    assert (entry.address, entry.details) == ("203.0.113.7", {"method": "password"})
    assert "tr0mbone" not in repr(Entry.objects.values())


def test_ten_wrong_passwords_lock_the_account_from_that_address() -> None:  # RL-01, RL-09
    person()
    with clock.frozen(clock.now()):
        for _ in range(10):
            assert refusal(basic("alice", "wrong")) == "credentials_wrong"
        assert refusal(basic("Alice", PASSWORD)) == "too_many_attempts"
        assert who(basic("alice", PASSWORD), address="198.51.100.1").actor.username == "alice"
        with clock.shifted(timedelta(minutes=5)):
            assert who(basic("alice", PASSWORD)).actor.username == "alice"


def test_right_passwords_are_not_counted_against_the_account() -> None:
    person()
    with clock.frozen(clock.now()):
        for _ in range(15):
            who(basic("alice", PASSWORD))


@pytest.mark.django_db(transaction=True)
def test_no_more_passwords_are_looked_at_than_the_limit_says() -> None:  # RL-01
    person()
    results = at_once([partial(who, basic("alice", "wrong"))] * 16)
    codes = [result.code for result in results if isinstance(result, Refused)]
    assert sorted(codes) == ["credentials_wrong"] * 10 + ["too_many_attempts"] * 6


def test_a_token_is_verified_without_hashing_and_without_a_limit() -> None:
    made = token_for(person())
    header = basic("__token__", made.secret)
    with patch.object(passwords.hashers, "check_password", side_effect=AssertionError):
        for _ in range(30):
            who(header)
    assert not Bucket.objects.exists()
    assert not Entry.objects.filter(tag__startswith="publisher").exists()


def test_who_has_no_verified_address_does_not_publish() -> None:  # TK-09, EM-11
    alice = person()
    header = f"Bearer {token_for(alice).secret}"
    EmailAddress.objects.filter(user=alice).update(verified=None)
    assert refusal(header) == "email_unverified"
    assert refusal(basic("alice", PASSWORD)) == "email_unverified"
    assert Entry.objects.filter(tag="publisher.refused", reason="email_unverified").count() == 2
    assert Token.objects.get().last_used is None


def test_a_disabled_account_does_not_publish() -> None:  # TK-09
    alice = person()
    header = f"Bearer {token_for(alice).secret}"
    standing.disable(alice, by=Actor.console())
    assert refusal(header) == "account_disabled"
    assert refusal(basic("alice", PASSWORD)) == "account_disabled"
    assert refusal(basic("alice", "wrong")) == "credentials_wrong"


def test_the_owner_can_refuse_passwords_for_the_account() -> None:
    alice = person()
    standing.switch_publishing(alice, MayPublish.TOKENS, by=as_user(alice))
    assert refusal(basic("alice", PASSWORD)) == "credentials_wrong"
    assert who(f"Bearer {token_for(alice).secret}").user_id == alice.pk
    standing.switch_publishing(alice, MayPublish.PASSWORDS, by=as_user(alice))
    assert who(basic("alice", PASSWORD)).user_id == alice.pk


def test_the_operators_can_refuse_passwords_for_everybody() -> None:
    alice = person()
    operator = as_user(person("olga"))
    assert policy.for_all() is MayPublish.PASSWORDS
    policy.switch_for_all(MayPublish.TOKENS, by=operator)
    assert policy.for_all() is MayPublish.TOKENS
    assert refusal(basic("alice", PASSWORD)) == "passwords_refused"
    assert refusal(basic("nobody", "x")) == "passwords_refused"
    assert who(f"Bearer {token_for(alice).secret}").user_id == alice.pk
    entry = Entry.objects.get(tag=PublishingSwitchedForAll.tag)
    assert (entry.actor_name, entry.details) == ("olga", {"level": "tokens", "before": "passwords"})
    policy.switch_for_all(MayPublish.PASSWORDS, by=operator)
    assert who(basic("alice", PASSWORD)).user_id == alice.pk


def test_the_configuration_can_refuse_passwords_whatever_the_operators_say() -> None:
    person()
    with configured("uploads", allowed="tokens"):
        policy.switch_for_all(MayPublish.PASSWORDS, by=Actor.console())
        assert policy.for_all() is MayPublish.TOKENS
        assert refusal(basic("alice", PASSWORD)) == "passwords_refused"


def test_what_becomes_of_a_genuine_token_is_its_owners_affair() -> None:
    """A stolen token that is tried from elsewhere, or too late, is recorded; what is no token of anybody's is not."""
    alice = person()
    made = token_for(alice, networks=("192.0.2.0/24",))
    assert refusal(f"Bearer {made.secret}", address="203.0.113.7") == "token_network"
    entry = Entry.objects.get(tag="publisher.refused")
    assert (entry.subject_id, entry.reason, entry.credential) == (
        alice.pk,
        "token_network",
        made.token.short_id,
    )
    assert refusal(f"Bearer {str(made.secret)[:-2]}") == "token_invalid"
    assert Entry.objects.filter(tag="publisher.refused").count() == 1
