"""Whoever holds a token narrows it without asking the site, and never widens it."""

import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.kernel import clock
from strongroom.kernel.names import normalize
from strongroom.kernel.refused import Refused
from strongroom.tokens import macaroon
from strongroom.tokens.narrow import Narrowing, narrow
from tests.support.people import person, refusal_of
from tests.tokens.making import project_of, seconds_from_now, token_for, verified, with_caveat

DIGEST, OTHER = "ab" * 32, "cd" * 32
TEXT = macaroon.dump(macaroon.mint(b"an-identifier", key=bytes(32)))


def added(**said: Any) -> list[bytes]:
    """The restrictions that a copy has more."""
    return list(macaroon.load(narrow(TEXT, Narrowing(**said))).caveats)


@pytest.mark.parametrize(
    ("said", "caveats"),
    [
        ({"projects": ["My.Demo", "my-demo", "b"]}, [b'[1,["my-demo","b"]]']),
        ({"patterns": ["Acme.*", "de"]}, [b'["projects",[],["acme-*","de"]]']),
        ({"projects": ["Demo"], "patterns": ["ac*"]}, [b'["projects",[],["demo","ac*"]]']),
        ({"actions": ["yank", "upload"]}, [b'["actions",["upload","yank"]]']),
        ({"networks": ["10.0.0.1", "2001:DB8::/32"]}, [b'["networks",["10.0.0.1/32","2001:db8::/32"]]']),
        ({"uses": 3}, [b'["uses",3]']),
        ({"uses": 1, "label": "job 7"}, [b'["uses",1,"job 7"]']),
        ({"version": "v1.0-RC1"}, [b'["version","1.0rc1"]']),
        ({"sha256": [f"SHA256:{DIGEST.upper()}"]}, [f'["sha256",["{DIGEST}"]]'.encode()]),
    ],
)
def test_each_restriction_is_written_as_the_site_reads_it(said: dict, caveats: list[bytes]) -> None:
    assert added(**said) == caveats


def test_times_are_written_in_whole_seconds_and_never_wider_than_said() -> None:
    at = clock.now().replace(microsecond=500_000)
    until, since = at + timedelta(hours=2), at + timedelta(hours=1)
    whole = [int(until.timestamp()), int(since.timestamp()) + 1]
    assert added(expires=until, not_before=since) == [f"[0,{whole[0]},{whole[1]}]".encode()]
    assert added(expires=until) == [f"[0,{whole[0]},0]".encode()]
    assert added(not_before=since) == [f"[0,253402300799,{whole[1]}]".encode()]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({}, "token_restrictions_missing", None),
        ({"projects": ["de*"]}, "token_project_invalid", "projects"),
        ({"projects": [""]}, "token_project_invalid", "projects"),
        ({"projects": ["x" * 101]}, "token_project_invalid", "projects"),
        ({"patterns": ["*"]}, "token_pattern_invalid", "patterns"),
        ({"patterns": ["a*"]}, "token_pattern_invalid", "patterns"),
        ({"patterns": ["a b"]}, "token_pattern_invalid", "patterns"),
        ({"actions": ["delete"]}, "token_action_unknown", "actions"),
        ({"expires": timedelta(seconds=-1)}, "token_expiry_past", "expires"),
        (
            {"expires": timedelta(hours=1), "not_before": timedelta(hours=1)},
            "token_never_valid",
            "not_before",
        ),
        ({"networks": ["10.0.0.1/8"]}, "token_network_invalid", "networks"),
        ({"networks": ["home"]}, "token_network_invalid", "networks"),
        ({"uses": 0}, "token_uses_invalid", "uses"),
        ({"uses": 1_000_001}, "token_uses_invalid", "uses"),
        ({"label": "x"}, "token_uses_invalid", "uses"),
        ({"version": "latest"}, "token_version_invalid", "version"),
        ({"sha256": ["abc"]}, "token_digest_invalid", "sha256"),
        ({"projects": [f"p{number}" * 15 for number in range(100)]}, "token_too_long", None),
    ],
)
def test_a_mistake_is_told_with_its_field(said: dict, code: str, field: str | None) -> None:
    now = clock.now()
    asked = {key: now + value if isinstance(value, timedelta) else value for key, value in said.items()}
    with pytest.raises(Refused) as caught:
        narrow(TEXT, Narrowing(**asked))
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("text", ["", "hunter2", "strongroom-", TEXT[:-3], TEXT + "A", f"pypi-{TEXT[11:]}"])
def test_what_is_no_token_is_told(text: str) -> None:
    assert refusal_of(lambda: narrow(text, Narrowing(uses=1))) == "token_malformed"


def test_blanks_around_a_token_are_dropped() -> None:
    assert narrow(f" {TEXT}\n", Narrowing(uses=1)) == narrow(TEXT, Narrowing(uses=1))


def test_it_can_be_narrowed_until_it_would_not_be_read_any_more() -> None:
    text = TEXT
    for number in range(macaroon.MAX_CAVEATS):
        text = narrow(text, Narrowing(uses=number + 1))
    assert len(macaroon.load(text).caveats) == macaroon.MAX_CAVEATS
    assert refusal_of(lambda: narrow(text, Narrowing(uses=1))) == "token_too_long"


def test_it_needs_neither_settings_nor_django() -> None:
    program = (
        "import sys; from strongroom.tokens.narrow import Narrowing, narrow;"
        "print(str(narrow(sys.argv[1], Narrowing(uses=1)))); sys.exit('django' in sys.modules)"
    )
    run = [sys.executable, "-c", program, TEXT]
    result = subprocess.run(run, env={}, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.strip()) == (0, narrow(TEXT, Narrowing(uses=1))), result.stderr


@pytest.mark.django_db
def test_a_copy_narrowed_in_everything_is_good_for_just_that() -> None:  # TK-03
    alice = person()
    demo, other = project_of(alice), project_of(alice, "other")
    said = Narrowing(
        projects=["Demo"],
        actions=["upload"],
        expires=clock.now() + timedelta(hours=1),
        not_before=clock.now() - timedelta(hours=1),
        networks=["203.0.113.0/24"],
        uses=1,
        label="job",
        version="1.0",
        sha256=[DIGEST],
    )
    text = narrow(token_for(alice).secret, said)
    token = verified(text)
    token.require_action("upload")
    token.require_project(normalize("demo"), public_id=demo.public_id)
    token.require_version("1.0.0")
    token.require_file(DIGEST)
    for refused, code in (
        (lambda: token.require_action("yank"), "token_action"),
        (lambda: token.require_project(normalize("other"), public_id=other.public_id), "token_scope"),
        (lambda: token.require_project(normalize("demo"), public_id=None), "token_scope"),
        (lambda: token.require_version("1.1"), "token_version"),
        (lambda: token.require_file(OTHER), "token_file"),
        (lambda: verified(text, address="198.51.100.7"), "token_network"),
    ):
        assert refusal_of(refused) == code
    with clock.shifted(timedelta(hours=2)):
        assert refusal_of(lambda: verified(text)) == "token_expired"


# ---- Attenuation is monotone ---------------------------------------------------------------------------------------

IDS = [uuid.UUID(int=number) for number in range(1, 4)]
NAMES = ["demo", "demo-two", "acme-one", "other"]
ADDRESSES = ["203.0.113.7", "::ffff:203.0.113.9", "198.51.100.7", "2001:db8::7", ""]
VERSIONS = ["1.0", "1.0.0", "1", "1.0rc1", "2.0"]
TIMES = [-3600, -1, 0, 1, 3600]


def some(values: list[Any], *, least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=3)


CAVEATS = st.one_of(
    st.builds(lambda a, b: [0, seconds_from_now(a), seconds_from_now(b)], *[st.sampled_from(TIMES)] * 2),
    some(NAMES).map(lambda names: [1, names]),
    some([*map(str, IDS), "None"]).map(lambda ids: [2, ids]),
    st.sampled_from(["ALICE", str(IDS[0])]).map(lambda user: [3, user]),
    some(["upload", "yank", "read"]).map(lambda actions: ["actions", actions]),
    st.builds(
        lambda ids, patterns: ["projects", ids, patterns],
        some([*map(str, IDS), "None"]),
        some([*NAMES, "de*", "acme-*", "*"]),
    ),
    some(["203.0.113.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "::ffff:0:0/96"]).map(
        lambda networks: ["networks", networks]
    ),
    st.integers(0, 3).map(lambda count: ["uses", count]),
    st.builds(lambda count, label: ["uses", count, label], st.integers(1, 2), st.sampled_from("ab")),
    st.sampled_from([*VERSIONS, "x"]).map(lambda version: ["version", version]),
    some([DIGEST, OTHER]).map(lambda digests: ["sha256", digests]),
    st.just([9]),
)
ASKED = st.fixed_dictionaries({
    "action": st.sampled_from(["upload", "yank", "read"]),
    "name": st.sampled_from(NAMES),
    "public_id": st.sampled_from([None, *IDS]),
    "version": st.sampled_from(VERSIONS),
    "sha256": st.sampled_from([DIGEST, OTHER]),
    "address": st.sampled_from(ADDRESSES),
    "times": st.integers(0, 3),
})  # fmt: skip


def allows(text: str, asked: dict[str, Any]) -> bool:
    """Whether a use is allowed, as an upload asks; the database's counts stay as they were."""
    try:
        token = verified(text, address=asked["address"])
        token.require_action(asked["action"])
        token.require_project(normalize(asked["name"]), public_id=asked["public_id"])
        token.require_version(asked["version"])
        token.require_file(asked["sha256"])
    except Refused:
        return False
    return all(allowed.limit > asked["times"] for allowed in token.allowances)


@pytest.fixture
def whole(db: None) -> tuple[str, str]:
    """A token of alice, and her public id."""
    alice = person()
    return token_for(alice).secret, str(alice.public_id)


@pytest.fixture
def text_with(whole: tuple[str, str]) -> Callable[[list[Any]], str]:
    text, alice = whole

    def narrowed(stack: list[Any]) -> str:
        return with_caveat(text, *[[3, alice] if caveat == [3, "ALICE"] else caveat for caveat in stack])

    return narrowed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=300)
@given(st.lists(CAVEATS, max_size=4), CAVEATS, st.integers(0, 4), ASKED)
def test_one_restriction_more_allows_nothing_more(
    text_with: Callable[[list[Any]], str], stack: list[Any], more: Any, place: int, asked: dict[str, Any]
) -> None:  # TK-03
    """Wherever it stands in the stack."""
    with clock.frozen(clock.now()):
        if allows(text_with([*stack[:place], more, *stack[place:]]), asked):
            assert allows(text_with(stack), asked)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=100)
@given(st.lists(CAVEATS, max_size=3), ASKED)
def test_a_stack_allows_just_what_each_of_its_restrictions_allows(
    text_with: Callable[[list[Any]], str], stack: list[Any], asked: dict[str, Any]
) -> None:  # TK-03
    with clock.frozen(clock.now()):
        each = all(allows(text_with([caveat]), asked) for caveat in stack)
        assert allows(text_with(stack), asked) == each
