"""Whatever a token says: if it is accepted, every claim that a publisher relies on is the one that it names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.kinds.activestate import ActiveState
from strongroom.trust.kinds.generic import Generic
from strongroom.trust.kinds.github import EVENTS, GitHub
from strongroom.trust.kinds.gitlab import SOURCES, GitLab
from strongroom.trust.kinds.google import Google
from strongroom.trust.kinds.kind import Kind
from strongroom.trust.matching import findings, matches, pins_in
from strongroom.trust.models import Publisher
from tests.trust.trusting import GITHUB, GITLAB, GITLAB_WANTED, WANTED, github, gitlab

GITHUB_CLAIMS = {**github(environment="release"), "repository_owner": "acme"}
CASES: dict[str, tuple[Kind, dict[str, str], dict[str, object]]] = {
    "github": (GitHub(GITHUB), {**WANTED, "environment": "release", "ref": "refs/tags/*"}, GITHUB_CLAIMS),
    "gitlab": (GitLab(GITLAB), {**GITLAB_WANTED, "environment": "release"}, gitlab(environment="release")),
    "google": (
        Google("https://accounts.google.com"),
        {"email": "a@b.iam.gserviceaccount.com", "sub": "1"},
        {"email": "a@b.iam.gserviceaccount.com", "email_verified": True, "sub": "1"},
    ),
    "activestate": (
        ActiveState("https://platform.activestate.com"),
        {"organization": "acme", "project": "widget", "actor": "alice"},
        {
            "sub": "org:acme:project:widget", "organization": "acme", "organization_id": "1", "project": "widget",
            "project_id": "2", "actor": "alice", "actor_id": "3", "builder": "pypi-publisher",
        },
    ),
    "generic": (
        Generic("https://ci.example.com", fields=("sub", "job"), required={"env": "prod"}, pins=("id",)),
        {"sub": "acme", "job": "release"},
        {"sub": "acme", "job": "release", "env": "prod", "id": "7"},
    ),
}  # fmt: skip

# Not relied on: who did something, numbers of runs, and what is free to change from run to run.
FREE = {
    "iss", "aud", "jti", "iat", "nbf", "exp", "actor_name", "repository_visibility", "workflow_ref", "run_id", "run_attempt",
    "namespace_path", "user_id", "user_login", "user_email", "pipeline_id", "job_id", "ref_type",
}  # fmt: skip
FREE_AT = {
    "github": FREE | {"actor", "actor_id", "sub", "sha", "job_workflow_sha"},
    "gitlab": FREE | {"sub", "ref", "sha"},
}


def values(claim: object) -> st.SearchStrategy[object]:
    """The claim itself, near misses, and anything at all."""
    text = str(claim)
    near = [
        text,
        text.upper(),
        text.title(),
        text + " ",
        " " + text,
        text + "\0",
        text[:-1],
        text + "/x",
        text + "@x",
        "",
    ]
    near += [
        text.replace("/", "//"),
        text.replace("a", "\u0430"),
        text.replace("@", "%40"),
        text + "\n",
        text * 2,
    ]
    return st.one_of(
        st.sampled_from([*near, *EVENTS, *SOURCES, "refs/heads/main", "refs/pull/1/merge"]),
        st.none(),
        st.booleans(),
        st.integers(),
        st.lists(st.just(text), max_size=2),
        st.just({text: text}),
        st.text(max_size=20),
    )


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=200)
@given(data=st.data())
def test_what_is_accepted_is_what_the_publisher_names(name: str, data: st.DataObject) -> None:
    # TP-14, TP-18, TP-29
    kind, wanted, sound = CASES[name]
    issuer = KnownIssuer(url=kind.url, name=name, kind=name, reading=kind)
    publisher = Publisher(wanted=kind.check(wanted), pins=pins_in(sound, issuer), pinned="x")
    assert matches(publisher, sound, issuer)
    changed = data.draw(st.sets(st.sampled_from(sorted(sound)), min_size=1, max_size=3))
    claims = {**sound, **{claim: data.draw(values(sound[claim]), label=claim) for claim in sorted(changed)}}
    if matches(publisher, claims, issuer):
        for claim in changed - FREE_AT.get(name, FREE):
            assert _is_as_good(name, claim, claims[claim], sound), (claim, claims[claim])


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_a_token_says_it_is_read_to_the_end(name: str, data: st.DataObject) -> None:
    # TP-29: no error but a finding; and nothing unprintable is kept
    kind, wanted, sound = CASES[name]
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=300),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    )
    claims = {claim: data.draw(anything, label=claim) for claim in sorted(sound)}
    issuer = KnownIssuer(url=kind.url, name=name, kind=name, reading=kind)
    publisher = Publisher(wanted=kind.check(wanted), pins=pins_in(sound, issuer), pinned="x")
    assert not matches(publisher, claims, issuer)
    kept = [*kind.visible(claims).values(), *kind.snapshot(claims, wanted).values(), *kind.names_in(claims)]
    kept += [finding.found for finding in findings(publisher, claims, issuer)]
    assert all(isinstance(text, str) and text.isprintable() for text in kept)
    assert len(kind.subject_of(claims)) == 64


def _is_as_good(name: str, claim: str, found: object, sound: dict[str, object]) -> bool:
    """The same text; or another spelling where the provider has several, or another of a list."""
    if found == sound[claim] and type(found) is type(sound[claim]):
        return True
    if not isinstance(found, str) or not found.isascii():
        return False
    if claim == "event_name":
        return name == "github" and found in EVENTS
    if claim == "pipeline_source":
        return found in SOURCES
    if claim in {"job_workflow_ref", "ci_config_ref_uri"}:
        start = len("acme/widget") if name == "github" else len("gitlab.example.com/acme/tools/widget")
        return (
            found.lower()[:start] == str(sound[claim])[:start] and found[start:] == str(sound[claim])[start:]
        )
    in_any_case = {"repository", "repository_owner", "project_path"}
    return claim in in_any_case and name != "generic" and found.lower() == sound[claim]
