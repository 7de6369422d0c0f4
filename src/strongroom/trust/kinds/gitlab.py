"""GitLab CI/CD, of GitLab.com and of everybody's own servers ("OpenID Connect authentication using ID tokens")."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from strongroom.trust.kinds.github import ENVIRONMENT_FIELD, REF_FIELD
from strongroom.trust.kinds.kind import Field, Kind, Wanted
from strongroom.trust.kinds.rules import (
    ENVIRONMENT,
    EVENT,
    REF,
    WORKFLOW,
    Claims,
    Rule,
    exact,
    is_same_name,
    one_of,
    said,
    same_name,
)

# No merge_request_event, external_pull_request_event, chat, external, and none that are yet to be invented (TP-16).
SOURCES: Final = ("push", "web", "schedule", "api", "trigger", "parent_pipeline")
_REFS: Final = ("refs/heads/*", "refs/tags/*")  # the refs of merge requests are others
_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"


class GitLab(Kind):
    """A CI configuration of a project; groups and projects are the same in any case, files and environments are not."""

    name = "gitlab"
    title = _("GitLab CI/CD")
    pins = ("project_id", "namespace_id")
    fields = (
        Field(
            name="namespace",
            label=_("Namespace"),
            hint=_("The group, with its parents, or the user: group/subgroup."),
            pattern=rf"{_SEGMENT}(?:/{_SEGMENT})*",
            is_name=True,
            any_case=True,
        ),
        Field(
            name="project",
            label=_("Project"),
            hint=_("The name of the project in the address of its page, without the namespace."),
            pattern=_SEGMENT,
            is_name=True,
            any_case=True,
        ),
        Field(
            name="workflow",
            label=_("CI configuration file"),
            hint=_("The path of the top-level file in the project, mostly .gitlab-ci.yml."),
            pattern=r"(?:(?!\.\.?/)[\w.+-]+/)*[\w.+-]*\.ya?ml",
            default=".gitlab-ci.yml",
        ),
        ENVIRONMENT_FIELD,
        REF_FIELD,
    )
    shown = (
        "project_path",
        "project_id",
        "namespace_id",
        "ci_config_ref_uri",
        "pipeline_source",
        "ref_path",
        "sha",
        "environment",
        "pipeline_id",
        "job_id",
        "runner_environment",
    )

    def names_in(self, claims: Claims) -> tuple[str, ...]:
        """Namespace and project of the claim ``project_path``."""
        namespace, _slash, project = said(claims, "project_path").rpartition("/")
        return namespace, project

    def rules(self, wanted: Wanted) -> tuple[Rule, ...]:
        """Project, configuration, source and kind of ref always; environment and ref where they are wanted."""
        rules = [
            same_name("project_path", _path(wanted)),
            self._configuration(wanted),
            one_of("pipeline_source", SOURCES, code=EVENT),
            one_of("ref_path", _REFS, code=EVENT),
        ]
        if environment := wanted.get("environment"):
            rules.append(exact("environment", environment, code=ENVIRONMENT))
        if ref := wanted.get("ref"):
            rules.append(one_of("ref_path", [ref], code=REF))
        return tuple(rules)

    def describe(self, wanted: Wanted) -> str:
        """Such as ``group/widget, .gitlab-ci.yml, release``; the last is the environment, if one is wanted."""
        parts = [_path(wanted), wanted.get("workflow", ""), wanted.get("environment", "")]
        return ", ".join(part for part in parts if part)[:200]

    def details(self, claims: Claims, wanted: Wanted) -> dict[str, str]:
        """Project path as ``repository``, configuration file, environment, ref, commit, and the job with its address."""
        project, job = said(claims, "project_path"), said(claims, "job_id")
        page = f"{self.url.removesuffix('/')}/{project}"
        return {
            "repository": project,
            "workflow": wanted.get("workflow", ""),
            "environment": said(claims, "environment"),
            "ref": said(claims, "ref_path"),
            "sha": said(claims, "sha"),
            "run": said(claims, "pipeline_id"),
            "url": f"{page}/-/jobs/{job}" if job.isdecimal() and job.isascii() else page,
        }

    def _configuration(self, wanted: Wanted) -> Rule:
        """The claim ``ci_config_ref_uri`` is server, project, file and ref, each of them compared whole (TP-18).

        It is missing where the configuration does not lie in a repository of the server.
        """
        project = f"{self.url.partition('://')[2].removesuffix('/')}/{_path(wanted)}"
        path = f"//{wanted.get('workflow', '')}@"

        def holds(claims: Claims) -> bool:
            found = said(claims, "ci_config_ref_uri")
            ref = found.removeprefix(found[: len(project)] + path)
            of_run = {said(claims, name) for name in ("ref_path", "sha")} - {""}
            return (
                is_same_name(found[: len(project)], project)
                and found[len(project) :] == path + ref
                and ref in of_run
            )

        return Rule(claim="ci_config_ref_uri", wanted=f"{project}{path}…", holds=holds, code=WORKFLOW)


def _path(wanted: Wanted) -> str:
    return f"{wanted.get('namespace', '')}/{wanted.get('project', '')}"
