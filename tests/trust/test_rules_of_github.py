"""What a token of GitHub Actions must say; each line of attack, by its reason code."""

import pytest

from strongroom.kernel.refused import Refused
from strongroom.trust.kinds.github import EVENTS, GitHub
from strongroom.trust.kinds.rules import Finding
from tests.trust.trusting import GITHUB, WANTED, github

KIND = GitHub(GITHUB)
WORKFLOW = "acme/widget/.github/workflows/release.yml"


def wrong(wanted: dict[str, str] | None = None, **changes: object) -> set[str]:
    """The codes of the rules that do not hold for a token with these changes."""
    rules = KIND.rules(KIND.check({**WANTED, **(wanted or {})}))
    found = [rule.finding(github(**changes)) for rule in rules]
    return {finding.code for finding in found if not finding.ok}


def test_a_release_of_the_repository_fits() -> None:
    assert wrong() == set()


def test_names_are_the_same_in_any_case() -> None:
    ref = "ACME/Widget/.github/workflows/release.yml@refs/tags/v1.0"
    assert wrong(repository="ACME/Widget", repository_owner="ACME", job_workflow_ref=ref) == set()
    assert wrong({"owner": "Acme"}) == set()


@pytest.mark.parametrize("event", EVENTS)
def test_events_of_people_with_write_access_fit(event: str) -> None:
    assert wrong(event_name=event) == set()


@pytest.mark.parametrize(
    "event",
    ["pull_request_target", "workflow_run", "issue_comment", "pull_request", "issues", "fork", "discussion",
     "Push", "push ", "", None, ["push"], 1, True, {"push": 1}],
)  # fmt: skip
def test_events_of_anybody_are_refused(event: object) -> None:
    # TP-16, TP-29
    assert wrong(event_name=event) == {"publisher_event"}


@pytest.mark.parametrize(
    "said",
    ["acme/gadget", "mallory/widget", "acme", "acme/widget/", "/acme/widget", "acme//widget", " acme/widget",
     "acme/widget\n", "acme/widget\0", "acme/w\u0131dget", "acme/w\u212adget", "\u0430cme/widget", "", None, ["acme/widget"], 7],
)  # fmt: skip
def test_other_repositories_are_refused(said: object) -> None:
    # TP-29
    assert "publisher_unknown" in wrong(repository=said)


def test_letters_that_become_ascii_in_another_case_are_no_ascii() -> None:
    # TP-29: the Kelvin sign is a k in lower case, the long s an S in upper case
    assert "\u212a".lower() == "k"
    assert "publisher_unknown" in wrong({"repository": "kit"}, repository="acme/\u212ait")
    assert "publisher_unknown" in wrong({"repository": "sit"}, repository="acme/\u017fit")


@pytest.mark.parametrize(
    "said",
    [
        f"{WORKFLOW}@refs/heads/main",  # not the ref of the run
        f"{WORKFLOW}@refs/tags/v1.0@z",
        f"{WORKFLOW}@refs/heads/y.yml@refs/tags/v1.0",
        f"acme/.github/workflows/x.yml@/{WORKFLOW}@refs/tags/v1.0",
        "a/.github/workflows/x.yml@refs/heads/y.yml@z",
        f"{WORKFLOW.replace('release', 'test')}@refs/tags/v1.0",
        f"{WORKFLOW.replace('release', 'Release')}@refs/tags/v1.0",
        f"{WORKFLOW.replace('release', 'sub/release')}@refs/tags/v1.0",
        f"{WORKFLOW.replace('workflows/', 'workflows/../workflows/')}@refs/tags/v1.0",
        f"{WORKFLOW.replace('/release', '%2frelease')}@refs/tags/v1.0",
        f"{WORKFLOW}\n@refs/tags/v1.0",
        f"{WORKFLOW}@refs/tags/v1.0\n",
        f"{WORKFLOW}@",
        WORKFLOW,
        f"{WORKFLOW}@{'8' * 40}",  # a commit that is not of the run
        "mallory/widget/.github/workflows/release.yml@refs/tags/v1.0",
        "",
        None,
        [f"{WORKFLOW}@refs/tags/v1.0"],
    ],
)
def test_other_workflow_files_and_tricks_with_their_names_are_refused(said: object) -> None:
    # TP-18
    assert wrong(job_workflow_ref=said) == {"publisher_workflow"}


def test_a_workflow_at_the_commit_of_the_run_fits() -> None:
    assert wrong(job_workflow_ref=f"{WORKFLOW}@{'9' * 40}") == set()


def test_a_ref_that_names_no_branch_or_tag_is_no_ref() -> None:
    # TP-18: what is equal on both sides is not enough
    assert wrong(ref="x", job_workflow_ref=f"{WORKFLOW}@x") == {"publisher_workflow"}
    pull = "refs/pull/7/merge"
    assert wrong(ref=pull, job_workflow_ref=f"{WORKFLOW}@{pull}") == {"publisher_workflow"}


def test_a_reusable_workflow_of_another_repository_is_refused_unless_it_is_named() -> None:
    # TP-19
    ref = "acme/workflows/.github/workflows/release.yml@refs/tags/v3"
    assert wrong(job_workflow_ref=ref) == {"publisher_workflow"}
    named = {"workflow_repository": "acme/workflows"}
    assert wrong(named, job_workflow_ref=ref) == set()
    assert wrong(named, job_workflow_ref=ref.replace("acme/workflows", "mallory/workflows")) == {
        "publisher_workflow"
    }
    assert wrong(named) == {"publisher_workflow"}


@pytest.mark.parametrize("said", [None, "", "Release", "release ", "staging", ["release"], True])
def test_an_environment_that_is_wanted_must_be_there_exactly(said: object) -> None:
    # TP-17, W28
    assert wrong({"environment": "release"}, environment="release") == set()
    assert wrong({"environment": "release"}, environment=said) == {"publisher_environment"}


def test_any_environment_fits_where_none_is_wanted() -> None:
    assert wrong(environment="whatever") == set()


def test_a_branch_or_tag_that_is_wanted_must_be_the_one() -> None:
    # TP-17
    for pattern in ("refs/tags/*", "refs/tags/v*", "refs/tags/v1.0"):
        assert wrong({"ref": pattern}) == set()
    for pattern in ("refs/heads/main", "refs/heads/*", "refs/tags/v2*", "refs/tags/v1"):
        assert wrong({"ref": pattern}) == {"publisher_ref"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("owner", "-acme"), ("owner", "ac me"), ("owner", "acme/x"), ("owner", "a" * 41), ("owner", "\u0430cme"),
        ("repository", "."), ("repository", ".."), ("repository", "acme/widget"), ("repository", "widget\0"),
        ("workflow", ".github/workflows/release.yml"), ("workflow", "release.yml@v1"), ("workflow", "release.txt"),
        ("workflow", ".yml"), ("workflow", "a%2fb.yml"), ("workflow", "../x.yml"),
        ("environment", "a\nb"), ("ref", "main"), ("ref", "refs/heads/"), ("ref", "refs/*"), ("ref", "refs/heads/a*b"),
        ("ref", "refs/pull/*"), ("workflow_repository", "acme"), ("workflow_repository", "acme/.."),
    ],
)  # fmt: skip
def test_what_cannot_be_a_name_is_not_taken_in_the_form(field: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        KIND.check({**WANTED, field: value})
    assert (refused.value.code, refused.value.field) == ("publisher_field_invalid", field)


@pytest.mark.parametrize("field", ["owner", "repository", "workflow"])
def test_what_is_required_is_missed(field: str) -> None:
    with pytest.raises(Refused) as refused:
        KIND.check({**WANTED, field: "  "})
    assert (refused.value.code, refused.value.field) == ("publisher_field_missing", field)


def test_a_finding_shows_both_sides_and_forges_no_lines() -> None:
    (rule,) = [rule for rule in KIND.rules(WANTED) if rule.claim == "event_name"]
    assert rule.finding({"event_name": "issues\n\x1b[2J" + "x" * 500}) == Finding(
        claim="event_name",
        wanted=" | ".join(EVENTS),
        found="issues\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[2J" + "x" * 189,
        ok=False,
        code="publisher_event",
    )


def test_links_lead_to_the_site_of_the_issuer() -> None:
    claims = github()
    for issuer, site in (
        ("https://token.actions.githubusercontent.com", "https://github.com"),
        ("https://token.actions.githubusercontent.com/acme", "https://github.com"),
        ("https://token.actions.acme.ghe.com", "https://acme.ghe.com"),
        (GITHUB, "https://github.example.com"),
    ):
        assert GitHub(issuer).snapshot(claims, WANTED)["url"] == f"{site}/acme/widget/actions/runs/4242"
    assert GitHub(GITHUB).snapshot(github(run_id="../x"), WANTED)["url"].endswith("/acme/widget")
