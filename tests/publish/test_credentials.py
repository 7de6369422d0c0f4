"""Tokens as their owner makes and revokes them."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from ipaddress import ip_network

import pytest
from django.db import transaction

from strongroom.accounts import standing
from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices.models import QueuedMail
from strongroom.publish import credentials
from strongroom.publish.identity import identify
from strongroom.tokens import macaroon
from strongroom.tokens.caveats import Actions, Expiration, Networks, Projects, Uses
from strongroom.tokens.mint import NewToken
from strongroom.tokens.models import Token, TokenUses
from strongroom.tokens.narrow import Narrowing, narrow
from strongroom.tokens.restrictions import Restrictions, digests_of, networks_of, patterns_of, version_of
from strongroom.tokens.verify import verify
from tests.support.configuration import configured
from tests.support.people import BROWSER, PASSWORD, as_user, at_once, mails, person, refusal_of, visitor
from tests.tokens.making import project_of, token_for, with_caveat

pytestmark = pytest.mark.django_db


def test_a_token_for_the_account_publishes_and_its_owner_is_told(mailoutbox: list) -> None:
    alice = person()
    made = credentials.make_token(alice, name="laptop", by=as_user(alice))
    identity = identify(f"Bearer {made.secret}", origin=BROWSER)
    assert identity.user_id == alice.pk
    mail = mails(mailoutbox)[-1]
    assert mail.to == ["alice@example.org"]
    assert "laptop" in mail.subject
    assert "For all projects for which your account may do that." in mail.body
    assert "203.0.113.7" in mail.body
    assert made.secret[:20] not in mail.body


def test_a_token_for_a_project_says_so(mailoutbox: list) -> None:
    alice = person()
    project_of(alice, "My.Demo")
    made = credentials.make_token(alice, name="ci & more", projects=["my-demo"], by=as_user(alice))
    assert "my-demo" in mails(mailoutbox)[-1].body
    assert "ci & more" in mails(mailoutbox)[-1].subject
    (listed,) = credentials.tokens_of(alice)
    assert (listed.id, listed.name, listed.projects) == (made.token.pk, "ci & more", ("My.Demo",))


def test_a_token_needs_a_verified_address_and_an_account_in_good_standing() -> None:
    unverified, disabled = person(verified=False), person("bob")
    standing.disable(disabled, by=Actor.console())
    disabled.refresh_from_db()
    for user, code in ((unverified, "email_unverified"), (disabled, "account_disabled")):
        make = partial(credentials.make_token, user, name="x", by=as_user(user))
        assert refusal_of(make) == code
    assert not Token.objects.exists()


@pytest.mark.parametrize("project", ["demo", "nothing", "", "a\0b"])
def test_a_token_is_for_a_project_of_ones_own(project: str) -> None:
    alice, mallory = person(), person("mallory")
    project_of(alice)
    make = partial(credentials.make_token, mallory, name="x", projects=[project], by=as_user(mallory))
    assert refusal_of(make) == "project_not_yours"
    assert not Token.objects.exists()


def test_a_name_that_is_taken_sends_no_mail() -> None:
    alice = person()
    make = partial(credentials.make_token, alice, name="x", by=as_user(alice))
    assert isinstance(make(), NewToken)
    before = QueuedMail.objects.count()
    assert refusal_of(make) == "token_name_taken"
    assert QueuedMail.objects.count() == before


def test_sixty_tokens_an_hour_are_enough() -> None:  # RL-11
    alice = person()
    with clock.frozen(clock.now()):
        for number in range(60):
            credentials.make_token(alice, name=str(number), by=as_user(alice))
        make = partial(credentials.make_token, alice, name="more", by=as_user(alice))
        assert refusal_of(make) == "too_many_attempts"


def test_revoking_is_told_and_ends_the_token_at_once(mailoutbox: list) -> None:  # TK-10
    alice = person()
    made = credentials.make_token(alice, name="laptop", by=as_user(alice))
    credentials.revoke_token(alice, made.token.pk, by=as_user(alice))
    assert refusal_of(lambda: identify(f"Bearer {made.secret}", origin=BROWSER)) == "token_invalid"
    mail = mails(mailoutbox)[-1]
    assert "revoked" in mail.subject
    assert "laptop" in mail.body


def test_the_token_of_somebody_else_can_not_be_revoked() -> None:  # TK-14
    alice, mallory = person(), person("mallory")
    made = credentials.make_token(alice, name="laptop", by=as_user(alice))
    before = QueuedMail.objects.count()
    revoke = partial(credentials.revoke_token, mallory, made.token.pk, by=as_user(mallory))
    assert refusal_of(revoke) == "token_unknown"
    assert Token.objects.count() == 1
    assert QueuedMail.objects.count() == before


def test_all_tokens_are_revoked_with_one_mail(mailoutbox: list) -> None:
    alice = person()
    for name in ("one", "two"):
        credentials.make_token(alice, name=name, by=as_user(alice))
    count = len(mails(mailoutbox))
    assert credentials.revoke_all_tokens(alice, by=as_user(alice)) == 2
    assert credentials.revoke_all_tokens(alice, by=as_user(alice)) == 0
    assert len(mails(mailoutbox)) == count + 1
    assert "one" in mailoutbox[-1].body
    assert "two" in mailoutbox[-1].body
    assert Entry.objects.filter(tag="token.revoked").count() == 2


def held(alice: User, what: str) -> str:
    """The text of a token that may do nothing more, or not yet, or not here."""
    now = clock.now()
    asked: dict[str, dict[str, object]] = {
        "expired": {"expires": now + timedelta(minutes=1)},
        "used up": {"uses": 1},
        "not yet": {"not_before": now + timedelta(hours=1)},
        "elsewhere": {"networks": ("192.0.2.0/24",)},
    }
    text: str = token_for(alice, name="laptop", **asked.get(what, {})).secret
    if what == "used up":
        with transaction.atomic():
            verify(text, origin=BROWSER).spend()
    if what == "narrowed":
        return narrow(text, Narrowing(projects=["nothing"], actions=["read"], uses=1))
    return with_caveat(text, [99]) if what == "not understood" else text


@pytest.mark.parametrize(
    "what",
    [
        "whole",
        "expired",
        "used up",
        "not yet",
        "elsewhere",
        "narrowed",
        "not understood",
        "of a disabled account",
    ],
)
def test_whoever_holds_a_token_revokes_it(what: str, mailoutbox: list) -> None:  # TK-10
    alice = person()
    text = held(alice, what)
    token_for(alice, name="another")
    if what == "of a disabled account":
        standing.disable(alice, by=Actor.console())
    with clock.shifted(timedelta(minutes=5)):
        credentials.revoke_held(f" {text}\n", by=visitor("198.51.100.7"))
        assert refusal_of(lambda: credentials.revoke_held(text, by=visitor())) == "token_invalid"
        assert [token.name for token in Token.objects.all()] == ["another"]
        assert not TokenUses.objects.exists()
        mail = mails(mailoutbox)[-1]
    assert mail.to == ["alice@example.org"]
    assert "laptop" in mail.body
    entry = Entry.objects.get(tag="token.revoked")
    assert (entry.subject_id, entry.actor_kind, entry.address) == (alice.pk, "anonymous", "198.51.100.7")
    assert entry.details["why"] == "held"


def test_what_is_no_token_revokes_nothing() -> None:  # TK-01
    alice = person()
    text = token_for(alice).secret
    forged = macaroon.dump(macaroon.mint(macaroon.load(text).identifier, key=bytes(32)))
    for wrong in ("", "hunter2", text[:-1], forged, PASSWORD):
        assert refusal_of(partial(credentials.revoke_held, wrong, by=visitor())) == "token_invalid"
    assert Token.objects.count() == 1
    assert not QueuedMail.objects.exists()
    assert not Entry.objects.filter(tag="token.revoked").exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_revoke_a_token_at_once_one_does(mailoutbox: list) -> None:  # TK-10
    text = token_for(person()).secret
    results = at_once([partial(credentials.revoke_held, text, by=visitor())] * 6)
    assert {result.code for result in results if isinstance(result, Refused)} <= {"token_invalid"}
    assert Entry.objects.filter(tag="token.revoked").count() == 1
    assert len(mails(mailoutbox)) == 1


def test_a_token_is_made_as_it_was_asked_for(mailoutbox: list) -> None:
    alice = person()
    demo = project_of(alice)
    ends = clock.now() + timedelta(days=30)
    asked = Restrictions(
        patterns=("acme-*",), actions=("upload",), expires=ends, networks=("10.0.0.0/8",), uses=5
    )
    made = credentials.make_token(alice, name="ci", projects=["Demo"], restrictions=asked, by=as_user(alice))
    (listed,) = credentials.tokens_of(alice)
    assert (listed.projects, listed.expires) == (("demo",), ends)
    assert listed.caveats == (
        Projects(frozenset({str(demo.public_id)}), ("acme-*",)),
        Actions(frozenset({"upload"})),
        Expiration(int(ends.timestamp()), 0),
        Networks((ip_network("10.0.0.0/8"),)),
        Uses(5),
    )
    assert not listed.has_expired
    mail = mails(mailoutbox)[-1]
    assert "acme-*" in mail.body
    assert "demo" in mail.body
    assert str(ends.year) in mail.body
    assert made.token.expires == ends


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"actions": ()}, "token_actions_missing", "actions"),
        ({"actions": ("delete",)}, "token_actions_missing", "actions"),
        ({"expires": timedelta(0)}, "token_expiry_past", "expires"),
        ({"expires": timedelta(days=1), "not_before": timedelta(days=1)}, "token_never_valid", "not_before"),
        ({"uses": 0}, "token_uses_invalid", "uses"),
        ({"uses": 1_000_001}, "token_uses_invalid", "uses"),
        ({"patterns": tuple(f"p{number}*" for number in range(21))}, "token_too_long", "patterns"),
        ({"sha256": tuple(f"{number:064}" for number in range(21))}, "token_too_long", "sha256"),
        ({"patterns": tuple(f"p{number}" + "x" * 190 + "*" for number in range(20))}, "token_too_long", None),
        ({"version": "1." * 2000 + "0"}, "token_too_long", None),
    ],
)
def test_a_token_of_no_use_is_not_made(asked: dict, code: str, field: str | None) -> None:
    alice, now = person(), clock.now()
    with clock.frozen(now), pytest.raises(Refused) as caught:
        said = {key: now + value if isinstance(value, timedelta) else value for key, value in asked.items()}
        credentials.make_token(alice, name="x", restrictions=Restrictions(**said), by=as_user(alice))
    assert (caught.value.code, caught.value.field) == (code, field)
    assert not Token.objects.exists()
    assert not QueuedMail.objects.exists()


def test_the_longest_token_that_is_made_can_be_read_and_narrowed() -> None:  # TK-04
    alice = person()
    asked = Restrictions(
        patterns=tuple(f"p{number:02}" + "x" * 130 + "*" for number in range(20)), actions=("upload",)
    )
    text = credentials.make_token(alice, name="x", restrictions=asked, by=as_user(alice)).secret
    assert len(text) < macaroon.MAX_BYTES * 4 / 3
    narrowed = narrow(text, Narrowing(projects=["p00" + "x" * 90], uses=1, version="1.0"))
    assert verify(narrowed, origin=BROWSER).owner.id == alice.pk


def test_where_the_site_says_so_every_token_ends() -> None:
    alice = person()
    make = partial(credentials.make_token, alice, by=as_user(alice))
    with configured("tokens", max_days=90), clock.frozen(clock.now()):
        assert refusal_of(partial(make, name="a")) == "token_expiry_required"
        late, last = (Restrictions(expires=clock.now() + timedelta(days=90, seconds=more)) for more in (1, 0))
        assert refusal_of(partial(make, name="a", restrictions=late)) == "token_expiry_too_late"
        make(name="a", restrictions=last)


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (patterns_of, "Acme_*, demo;  demo", ("acme-*", "demo")),
        (patterns_of, "", ()),
        (patterns_of, "*", "token_pattern_invalid"),
        (patterns_of, "a*", "token_pattern_invalid"),
        (patterns_of, "a*b", "token_pattern_invalid"),
        (patterns_of, "d\u00e9mo", "token_pattern_invalid"),
        (networks_of, "10.0.0.0/8 2001:DB8::1", ("10.0.0.0/8", "2001:db8::1/128")),
        (networks_of, "10.0.0.1/8", "token_network_invalid"),
        (digests_of, f"SHA256:{'AB' * 32}\n{'ab' * 32}", ("ab" * 32,)),
        (digests_of, "abc", "token_digest_invalid"),
        (version_of, " v1.0-RC1 ", "1.0rc1"),
        (version_of, " ", ""),
        (version_of, "latest", "token_version_invalid"),
    ],
)
def test_what_people_type_is_read_in_one_spelling(
    read: Callable[[str], object], text: str, expected: object
) -> None:
    found = refusal_of(lambda: read(text)) if str(expected).startswith("token_") else read(text)
    assert found == expected
