"""What tokens of GitLab, Google, ActiveState and of providers that an operator describes must say."""

import pytest

from strongroom.kernel.refused import Refused
from strongroom.trust.kinds.activestate import ActiveState
from strongroom.trust.kinds.generic import Generic
from strongroom.trust.kinds.gitlab import SOURCES, GitLab
from strongroom.trust.kinds.google import Google
from strongroom.trust.kinds.kind import Kind
from strongroom.trust.kinds.rules import Claims
from tests.trust.trusting import GITLAB, GITLAB_WANTED, gitlab

CONFIGURATION = "gitlab.example.com/acme/tools/widget//.gitlab-ci.yml"


def wrong(kind: Kind, wanted: dict[str, str], claims: Claims) -> set[str]:
    """The codes of the rules that do not hold."""
    found = [rule.finding(claims) for rule in kind.rules(kind.check(wanted))]
    return {finding.code for finding in found if not finding.ok}


def wrong_at_gitlab(wanted: dict[str, str] | None = None, **changes: object) -> set[str]:
    return wrong(GitLab(GITLAB), {**GITLAB_WANTED, **(wanted or {})}, gitlab(**changes))


# ---- GitLab -------------------------------------------------------------------------------------------------------


def test_a_tag_pipeline_of_the_project_fits() -> None:
    assert wrong_at_gitlab() == set()
    assert wrong_at_gitlab(project_path="Acme/Tools/Widget") == set()
    assert wrong_at_gitlab(ci_config_ref_uri=f"{CONFIGURATION}@{'7' * 40}") == set()
    for source in SOURCES:
        assert wrong_at_gitlab(pipeline_source=source) == set()


@pytest.mark.parametrize(
    "path", ["acme/widget", "acme/tools/widget/x", "tools/widget", "acme/tools/w\u0131dget", None, []]
)
def test_other_projects_are_refused(path: object) -> None:
    # TP-29
    assert "publisher_unknown" in wrong_at_gitlab(project_path=path)


@pytest.mark.parametrize(
    "said",
    [
        f"{CONFIGURATION}@refs/heads/main",
        f"{CONFIGURATION}@refs/tags/v1.0@x",
        f"{CONFIGURATION}@refs/heads/a//.gitlab-ci.yml@refs/tags/v1.0",
        f"{CONFIGURATION.replace('//', '//x//')}@refs/tags/v1.0",
        f"{CONFIGURATION.replace('.gitlab-ci', '.Gitlab-ci')}@refs/tags/v1.0",
        f"{CONFIGURATION.replace('gitlab.example.com', 'gitlab.com')}@refs/tags/v1.0",
        f"{CONFIGURATION.replace('acme/tools', 'mallory')}@refs/tags/v1.0",
        f"https://{CONFIGURATION}@refs/tags/v1.0",
        f"{CONFIGURATION}@",
        "",
        None,
    ],
)
def test_other_configurations_and_tricks_with_their_names_are_refused(said: object) -> None:
    # TP-18, TP-19
    assert wrong_at_gitlab(ci_config_ref_uri=said) == {"publisher_workflow"}


@pytest.mark.parametrize(
    "source", ["merge_request_event", "external_pull_request_event", "chat", "Push", "", None, ["push"]]
)
def test_pipelines_that_anybody_can_start_are_refused(source: object) -> None:
    # TP-16
    assert wrong_at_gitlab(pipeline_source=source) == {"publisher_event"}


def test_a_child_of_a_merge_requests_pipeline_is_refused() -> None:
    # TP-16
    ref = "refs/merge-requests/7/head"
    claims = {
        "ref_path": ref,
        "ci_config_ref_uri": f"{CONFIGURATION}@{ref}",
        "pipeline_source": "parent_pipeline",
    }
    assert wrong_at_gitlab(**claims) == {"publisher_event"}


def test_environment_and_ref_are_exact_where_they_are_wanted() -> None:
    # TP-17
    for said in (None, "", "Release", "staging"):
        assert wrong_at_gitlab({"environment": "release"}, environment=said) == {"publisher_environment"}
    assert wrong_at_gitlab({"environment": "release"}, environment="release") == set()
    assert wrong_at_gitlab({"ref": "refs/heads/*"}) == {"publisher_ref"}
    assert wrong_at_gitlab({"ref": "refs/tags/*"}) == set()


@pytest.mark.parametrize(
    ("field", "value"),
    [("namespace", "/acme"), ("namespace", "acme//x"), ("namespace", ".."), ("project", "a/b"),
     ("workflow", "/x.yml"), ("workflow", "../x.yml"), ("workflow", "a/../x.yml"), ("workflow", "x.yml@main"),
     ("workflow", "x.txt"), ("workflow", "a//x.yml")],
)  # fmt: skip
def test_what_cannot_be_a_name_at_gitlab_is_not_taken(field: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        GitLab(GITLAB).check({**GITLAB_WANTED, field: value})
    assert (refused.value.code, refused.value.field) == ("publisher_field_invalid", field)


def test_a_server_below_a_path_and_a_port_is_its_own() -> None:
    kind = GitLab("https://example.com:8443/git")
    said = "example.com:8443/git/acme/tools/widget//.gitlab-ci.yml@refs/tags/v1.0"
    assert wrong(kind, GITLAB_WANTED, gitlab(ci_config_ref_uri=said)) == set()
    assert wrong(kind, GITLAB_WANTED, gitlab()) == {"publisher_workflow"}
    assert (
        kind.snapshot(gitlab(), GITLAB_WANTED)["url"]
        == "https://example.com:8443/git/acme/tools/widget/-/jobs/302"
    )


def test_what_gitlab_says_of_people_is_not_kept() -> None:
    # TP-31
    kind = GitLab(GITLAB)
    kept = str(kind.snapshot(gitlab(), GITLAB_WANTED)) + str(kind.visible(gitlab()))
    assert "alice" not in kept
    assert "user" not in kept


# ---- Google -------------------------------------------------------------------------------------------------------

GOOGLE = Google("https://accounts.google.com")
ADDRESS = "publisher@acme.iam.gserviceaccount.com"
ACCOUNT = {"email": ADDRESS, "email_verified": True, "sub": "111222333"}


def test_a_service_account_fits_by_its_verified_address() -> None:
    assert wrong(GOOGLE, {"email": ADDRESS}, ACCOUNT) == set()
    assert wrong(GOOGLE, {"email": ADDRESS, "sub": "111222333"}, ACCOUNT) == set()
    assert wrong(GOOGLE, {"email": ADDRESS, "sub": "1"}, ACCOUNT) == {"publisher_claim"}
    assert wrong(GOOGLE, {"email": "other@example.org"}, ACCOUNT) == {"publisher_unknown"}


@pytest.mark.parametrize("said", [False, None, "true", 1, "True"])
def test_an_address_that_is_not_verified_is_refused(said: object) -> None:
    assert wrong(GOOGLE, {"email": ADDRESS}, {**ACCOUNT, "email_verified": said}) == {"publisher_claim"}


def test_the_address_of_a_person_is_not_recorded() -> None:
    # TP-31
    assert GOOGLE.visible({**ACCOUNT, "email": "alice@example.org"}) == {}
    assert GOOGLE.visible(ACCOUNT)["email"] == ADDRESS


# ---- ActiveState --------------------------------------------------------------------------------------------------

ACTIVESTATE = ActiveState("https://platform.activestate.com/api/v1/oauth/oidc")
BUILD = {
    "sub": "org:acme:project:widget",
    "organization": "acme",
    "organization_id": "o-1",
    "project": "widget",
    "project_id": "p-1",
    "actor": "alice",
    "actor_id": "a-1",
    "builder": "pypi-publisher",
}


def test_a_build_of_the_project_by_the_actor_fits() -> None:
    wanted = {"organization": "acme", "project": "widget", "actor": "alice"}
    assert wrong(ACTIVESTATE, wanted, BUILD) == set()
    assert wrong(ACTIVESTATE, wanted, {**BUILD, "sub": "org:acme:project:widget:x"}) == set()
    for claim in ("sub", "actor", "builder"):
        assert wrong(ACTIVESTATE, wanted, {**BUILD, claim: "other"}) == {"publisher_claim"}
    for claim in ("organization", "project"):
        assert wrong(ACTIVESTATE, wanted, {**BUILD, claim: "Acme"}) == {"publisher_unknown"}
    assert "alice" not in str(ACTIVESTATE.visible(BUILD)) + str(ACTIVESTATE.snapshot(BUILD, wanted))


# ---- Any other ----------------------------------------------------------------------------------------------------

CI = Generic(
    "https://ci.example.com",
    fields=("repository", "workflow"),
    required={"event_name": "push | release", "ref": "refs/heads/* | refs/tags/*"},
    pins=("repository_id",),
)
RUN = {"repository": "acme/widget", "workflow": "release.yml", "event_name": "push", "ref": "refs/tags/v1"}


def test_a_generic_token_fits_by_its_fields_and_what_the_operator_requires() -> None:
    wanted = {"repository": "acme/widget", "workflow": "release.yml"}
    assert wrong(CI, wanted, RUN) == set()
    assert wrong(CI, wanted, {**RUN, "repository": "Acme/widget"}) == {"publisher_unknown"}
    assert wrong(CI, wanted, {**RUN, "workflow": ["release.yml"]}) == {"publisher_unknown"}
    assert wrong(CI, wanted, {**RUN, "event_name": "pull_request"}) == {"publisher_claim"}
    assert wrong(CI, wanted, {**RUN, "event_name": None}) == {"publisher_claim"}
    assert wrong(CI, wanted, {**RUN, "ref": "refs/pull/1"}) == {"publisher_claim"}


def test_claims_within_claims_are_reached_by_a_path() -> None:
    kind = Generic(
        "https://k8s.example", fields=("sub",), required={}, pins=("kubernetes.io/serviceaccount/uid",)
    )
    claims = {
        "sub": "system:serviceaccount:ci:publisher",
        "kubernetes.io": {"serviceaccount": {"uid": "u-1"}},
    }
    assert kind.visible(claims) == {"sub": claims["sub"], "kubernetes.io/serviceaccount/uid": "u-1"}
    assert kind.visible({"kubernetes.io": "x"}) == {}
