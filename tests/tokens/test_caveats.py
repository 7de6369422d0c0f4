"""Every restriction of a token: met, not met, and never met where it is not understood; also when its bearer adds it."""

import uuid
from collections.abc import Callable

import pytest
from pypitoken import Token as TheirToken

from strongroom.kernel.names import normalize
from strongroom.tokens.caveats import fits, is_pattern
from strongroom.tokens.models import Token, TokenUses
from strongroom.tokens.verify import VerifiedToken
from tests.support.people import person, refusal_of
from tests.tokens.making import project_of, seconds_from_now, token_for, verified, with_caveat

pytestmark = pytest.mark.django_db

DIGEST, OTHER = "ab" * 32, "cd" * 32


def use(token: VerifiedToken, **asked: str) -> None:
    """What an upload asks of a token, with other values in ``asked``."""
    token.require_action(asked.get("action", "upload"))
    public_id = uuid.UUID(asked["public_id"]) if "public_id" in asked else None
    token.require_project(normalize(asked.get("project", "demo")), public_id=public_id)
    token.require_version(asked.get("version", "1.0"))
    token.require_file(asked.get("sha256", DIGEST))


def outcome(text: str, *, address: str = "203.0.113.7", **asked: str) -> str:
    """The code with which a use is refused, or ``met``."""

    def ask() -> None:
        use(verified(text, address=address), **asked)
        raise LookupError

    try:
        return refusal_of(ask)
    except LookupError:
        return "met"


ANY_ID = str(uuid.uuid4())


@pytest.mark.parametrize(
    ("caveat", "asked", "expected"),
    [
        (["actions", ["upload"]], {}, "met"),
        (["actions", ["yank", "upload"]], {}, "met"),
        (["actions", ["upload"]], {"action": "yank"}, "token_action"),  # TK-20
        (["actions", ["upload"]], {"action": "read"}, "token_action"),
        (["actions", ["read"]], {}, "token_action"),
        (["actions", []], {}, "token_action"),
        (["projects", [], ["demo"]], {}, "met"),
        (["projects", [], ["dem*"]], {}, "met"),
        (["projects", [], ["demo*"]], {}, "met"),
        (["projects", [], ["acme-*"]], {"project": "acme-one"}, "met"),
        (["projects", [], ["acme-*"]], {"project": "Acme.One"}, "met"),
        (["projects", [], ["acme-*"]], {"project": "acme"}, "token_scope"),
        (["projects", [], ["acme-*"]], {"project": "acmeone"}, "token_scope"),
        (["projects", [], ["acme-*", "demo"]], {}, "met"),
        (["projects", [], []], {}, "token_scope"),
        (["projects", [ANY_ID], []], {}, "token_scope"),
        (["projects", [ANY_ID], []], {"public_id": ANY_ID}, "met"),
        (["projects", [ANY_ID], ["acme-*"]], {"public_id": ANY_ID}, "met"),
        (["projects", [ANY_ID], ["acme-*"]], {"project": "acme-two"}, "met"),
        (["projects", [ANY_ID], ["acme-*"]], {"public_id": str(uuid.uuid4())}, "token_scope"),
        (["projects", ["None"], []], {}, "token_scope"),  # no project is not a project of that name
        ([2, ["None"]], {}, "token_scope"),
        (["networks", ["203.0.113.0/24"]], {}, "met"),
        (["networks", ["10.0.0.0/8", "203.0.113.7"]], {}, "met"),
        (["networks", ["10.0.0.0/8"]], {}, "token_network"),
        (["networks", []], {}, "token_network"),
        (["networks", ["::/0"]], {}, "token_network"),
        (["networks", ["0.0.0.0/0"]], {"address": "::ffff:203.0.113.7"}, "met"),
        (["networks", ["203.0.113.0/24"]], {"address": "::ffff:203.0.113.9"}, "met"),
        (["networks", ["203.0.113.0/24"]], {"address": "::ffff:203.0.114.9"}, "token_network"),
        (["networks", ["2001:db8::/32"]], {"address": "2001:db8:1::7"}, "met"),
        (["networks", ["2001:db8::/32"]], {"address": "2001:db9::7"}, "token_network"),
        (["networks", ["0.0.0.0/0", "::/0"]], {"address": ""}, "token_network"),
        (["networks", ["0.0.0.0/0", "::/0"]], {"address": "unix"}, "token_network"),
        (["networks", ["0.0.0.0/0", "::/0"]], {"address": "203.0.113.7, 10.0.0.1"}, "token_network"),
        (["version", "1.0"], {}, "met"),
        (["version", "1"], {}, "met"),
        (["version", "v1.0.0"], {}, "met"),
        (["version", "1.0"], {"version": "1.0.0"}, "met"),
        (["version", "1.0rc1"], {"version": "1.0.RC.1"}, "met"),
        (["version", "1.0"], {"version": "1.0.post1"}, "token_version"),
        (["version", "1.0"], {"version": "1.0+local"}, "token_version"),
        (["version", "1.0"], {"version": "2.0"}, "token_version"),
        (["version", "1.0"], {"version": "nonsense"}, "token_version"),
        (["sha256", [DIGEST]], {}, "met"),
        (["sha256", [OTHER, DIGEST]], {}, "met"),
        (["sha256", [OTHER]], {}, "token_file"),
        (["sha256", []], {}, "token_file"),
        (["uses", 1], {}, "met"),
        (["uses", 2147483647, "a"], {}, "met"),
    ],
)
def test_a_restriction_of_ours_that_the_bearer_adds_is_honored(
    caveat: list, asked: dict[str, str], expected: str
) -> None:  # TK-03
    assert outcome(with_caveat(token_for(person()).secret, caveat), **asked) == expected


@pytest.mark.parametrize(
    "caveat",
    [
        '["actions"]',
        '["actions", "upload"]',
        '["actions", ["upload", "delete"]]',
        '["actions", ["Upload"]]',
        '["actions", [1]]',
        '["actions", ["upload"], []]',
        '["Actions", ["upload"]]',
        '["projects", []]',
        '["projects", [], ["*"]]',
        '["projects", [], ["a*"]]',
        '["projects", [], ["de*mo"]]',
        '["projects", [], ["**"]]',
        '["projects", [], ["-a*"]]',
        '["projects", [], ["Demo"]]',
        '["projects", [], ["de_mo"]]',
        '["projects", [], ["demo\\n"]]',
        '["projects", [], ""]',
        '["projects", [1], []]',
        '["projects", [], [], []]',
        '["networks", "10.0.0.0/8"]',
        '["networks", ["10.0.0.1/8"]]',
        '["networks", ["everywhere"]]',
        '["networks", [3405803783]]',
        '["networks", ["10.0.0.0/33"]]',
        '["networks", ["203.0.113.7", ""]]',
        '["uses"]',
        '["uses", 0]',
        '["uses", -1]',
        '["uses", 1.0]',
        '["uses", "1"]',
        '["uses", true]',
        '["uses", 2147483648]',
        '["uses", 1, 2]',
        '["uses", 1, null]',
        '["uses", 1, "a", "b"]',
        '["version", ""]',
        '["version", "latest"]',
        '["version", 1]',
        '["version", ["1.0"]]',
        '["version", "1.0", "2.0"]',
        f'["sha256", "{DIGEST}"]',
        f'["sha256", ["{DIGEST.upper()}"]]',
        f'["sha256", ["{DIGEST[1:]}"]]',
        f'["sha256", ["{DIGEST}\\n"]]',
        f'["sha256", ["{DIGEST}"], []]',
        '["sha512", []]',
    ],
)
def test_a_restriction_of_ours_that_is_malformed_is_never_met(caveat: str) -> None:  # TK-04
    text = with_caveat(token_for(person()).secret, caveat)
    assert outcome(text) == "token_restriction_unknown"
    assert not TokenUses.objects.exists()


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ({"project_names": ["Demo", "other"]}, "met"),
        ({"project_names": ["other"]}, "token_scope"),
        ({"project_names": []}, "token_scope"),
        ({"project_ids": ["HERE"]}, "met"),
        ({"project_ids": [ANY_ID]}, "token_scope"),
        ({"not_before": -1, "not_after": 60}, "met"),
        ({"not_before": -60, "not_after": -1}, "token_expired"),
        ({"not_before": 30, "not_after": 60}, "token_not_yet_valid"),
        ({"user_id": "ALICE"}, "met"),
        ({"user_id": ANY_ID}, "token_scope"),
        ({"legacy_noop": True}, "token_restriction_unknown"),
        ({"legacy_project_names": ["demo"]}, "token_restriction_unknown"),
    ],
)
def test_a_restriction_that_pypitoken_adds_is_honored(added: dict, expected: str) -> None:  # TK-03
    alice = person()
    demo = project_of(alice)
    real = {"HERE": str(demo.public_id), "ALICE": str(alice.public_id)}
    asked = {
        name: seconds_from_now(value)
        if name.startswith("not_")
        else [real.get(item, item) for item in value]
        if isinstance(value, list)
        else real.get(value, value)
        for name, value in added.items()
    }
    theirs = TheirToken.load(token_for(alice).secret).restrict(**asked)
    assert outcome(theirs.dump(), public_id=str(demo.public_id)) == expected


def test_a_token_for_several_projects_is_for_those_and_for_no_new_one() -> None:  # TK-06
    alice = person()
    one, two, three = (project_of(alice, name) for name in ("one", "two", "three"))
    both = with_caveat(token_for(alice).secret, [2, [str(one.public_id), str(two.public_id)]])
    for project, expected in ((one, "met"), (two, "met"), (three, "token_scope")):
        assert outcome(both, project=project.name, public_id=str(project.public_id)) == expected
    assert outcome(both, project="four") == "token_scope"


def test_a_token_for_a_pattern_covers_projects_to_be_made() -> None:  # TK-06
    text = token_for(person(), patterns=("acme-*",)).secret
    assert outcome(text, project="acme-new") == "met"
    assert outcome(text, project="acme-new", public_id=str(uuid.uuid4())) == "met"
    assert outcome(text, project="demo") == "token_scope"


def test_each_restriction_that_is_chosen_at_the_making_holds() -> None:
    alice = person()
    demo = project_of(alice)
    asked = {"project": "demo", "public_id": str(demo.public_id), "address": "10.1.2.3"}
    text = token_for(
        alice,
        project=demo,
        patterns=("acme-*",),
        actions=("upload",),
        networks=("10.0.0.0/8",),
        uses=3,
        version="1.0",
        sha256=(DIGEST,),
    ).secret
    assert outcome(text, **asked) == "met"
    for change, code in (
        ({"project": "other", "public_id": ANY_ID}, "token_scope"),
        ({"action": "yank"}, "token_action"),
        ({"address": "203.0.113.7"}, "token_network"),
        ({"version": "1.1"}, "token_version"),
        ({"sha256": OTHER}, "token_file"),
    ):
        assert outcome(text, **{**asked, **change}) == code
    assert not TokenUses.objects.exists()


@pytest.mark.parametrize("count", [32, 33])
def test_as_many_restrictions_as_fit_are_asked_and_one_more_is_refused(count: int) -> None:  # TK-04
    """The token itself has one, which binds it to its owner."""
    text = with_caveat(token_for(person()).secret, *[["networks", ["203.0.113.7"]]] * (count - 1))
    assert outcome(text) == ("met" if count == 32 else "token_invalid")


def test_ten_thousand_restrictions_are_refused_before_the_database_is_asked(
    django_assert_num_queries: Callable,
) -> None:  # TK-04
    text = with_caveat(token_for(person()).secret, *["[9]"] * 10_000)
    with django_assert_num_queries(0):
        assert outcome(text) == "token_invalid"
        assert outcome("strongroom-" + "A" * 2**20) == "token_invalid"


@pytest.mark.parametrize("pattern", ["ab*", "a-*", "acme-*", "acme", "a", "a-b", "1*"])
def test_patterns_are_names_or_beginnings_of_at_least_two_characters(pattern: str) -> None:
    assert is_pattern(pattern) == (pattern != "1*")


def test_a_pattern_without_a_star_fits_one_name() -> None:
    assert fits("demo", "demo")
    assert not fits("demo", "demo-two")
    assert fits("demo*", "demo")
    assert fits("demo*", "demo-two")


def test_a_token_stands_in_its_row_as_it_was_made() -> None:
    alice = person()
    demo = project_of(alice)
    made = token_for(alice, project=demo, uses=2, networks=("10.0.0.0/8",))
    row = Token.objects.get(pk=made.token.pk)
    assert row.restrictions == [
        [3, str(alice.public_id)],
        [2, [str(demo.public_id)]],
        ["networks", ["10.0.0.0/8"]],
        ["uses", 2],
    ]
    assert list(row.projects.all()) == [demo]
