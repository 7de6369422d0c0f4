"""GitHub Actions, also of GitHub Enterprise ("OpenID Connect reference" in GitHub's documentation)."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

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

# Of all events only those that nobody without write access to the repository can bring about (TP-16): no
# pull_request_target, workflow_run, issue_comment, pull_request, and none that are yet to be invented.
EVENTS: Final = (
    "push",
    "release",
    "create",
    "workflow_dispatch",
    "repository_dispatch",
    "schedule",
    "deployment",
)
_OWNER = r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}"
_REPOSITORY = r"(?!\.\.?$)[A-Za-z0-9._-]{1,100}"
_REF = re.compile(r"refs/(?:heads|tags)/\S+|[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
REF_PATTERN: Final = r"refs/(?:heads|tags)/(?:\*|[^\s~^:?*\[\\]+\*?)"

ENVIRONMENT_FIELD: Final = Field(
    name="environment",
    label=_("Environment"),
    hint=_(
        "Exactly as the workflow spells it. Leave it empty only if every run of the workflow may publish."
    ),
    pattern=r"[^\r\n]+",
    required=False,
)
REF_FIELD: Final = Field(
    name="ref",
    label=_("Branch or tag"),
    hint=_("Such as refs/heads/main or refs/tags/v*; the * stands for any rest. Empty: any branch or tag."),
    pattern=REF_PATTERN,
    required=False,
)


class GitHub(Kind):
    """A workflow of a repository; owners and repositories are the same in any case, files and environments are not."""

    name = "github"
    title = _("GitHub Actions")
    pins = ("repository_id", "repository_owner_id")
    fields = (
        Field(
            name="owner",
            label=_("Owner"),
            hint=_("The organization or user that owns the repository."),
            pattern=_OWNER,
            is_name=True,
            any_case=True,
        ),
        Field(
            name="repository",
            label=_("Repository"),
            hint=_("The name of the repository, without its owner."),
            pattern=_REPOSITORY,
            is_name=True,
            any_case=True,
        ),
        Field(
            name="workflow",
            label=_("Workflow file"),
            hint=_("The name of the file in .github/workflows/, such as release.yml."),
            pattern=r"[\w.+ -]+\.ya?ml",
        ),
        ENVIRONMENT_FIELD,
        REF_FIELD,
        Field(
            name="workflow_repository",
            label=_("Repository of the workflow"),
            hint=_(
                "Only where the workflow file is a reusable one of another repository: owner/repository of that one."
            ),
            pattern=rf"{_OWNER}/{_REPOSITORY}",
            required=False,
            any_case=True,
        ),
    )
    shown = (
        "repository",
        "repository_id",
        "repository_owner_id",
        "job_workflow_ref",
        "ref",
        "sha",
        "event_name",
        "environment",
        "run_id",
        "run_attempt",
        "runner_environment",
    )

    def names_in(self, claims: Claims) -> tuple[str, ...]:
        """Owner and repository of the claim ``repository``."""
        owner, _slash, repository = said(claims, "repository").partition("/")
        return owner, repository

    def renamed(self, wanted: Wanted, names: Sequence[str]) -> dict[str, str]:
        """Owner and repository, also where that very repository was named as the workflow's."""
        changed = super().renamed(wanted, names)
        if is_same_name(wanted.get("workflow_repository", ""), _repository(wanted)):
            changed["workflow_repository"] = _repository(changed)
        return changed

    def rules(self, wanted: Wanted) -> tuple[Rule, ...]:
        """Repository, workflow and event always; environment and ref where they are wanted."""
        rules = [
            same_name("repository", _repository(wanted)),
            same_name("repository_owner", wanted.get("owner", "")),
            _workflow(wanted),
            one_of("event_name", EVENTS, code=EVENT),
        ]
        if environment := wanted.get("environment"):
            rules.append(exact("environment", environment, code=ENVIRONMENT))
        if ref := wanted.get("ref"):
            rules.append(one_of("ref", [ref], code=REF))
        return tuple(rules)

    def describe(self, wanted: Wanted) -> str:
        """Such as ``acme/widget, release.yml, release``; the last is the environment, if one is wanted."""
        parts = [_repository(wanted), wanted.get("workflow", ""), wanted.get("environment", "")]
        return ", ".join(part for part in parts if part)[:200]

    def details(self, claims: Claims, wanted: Wanted) -> dict[str, str]:
        """Repository, workflow file, environment, ref, commit, and the run with its address."""
        run = said(claims, "run_id")
        return {
            "repository": said(claims, "repository"),
            "workflow": wanted.get("workflow", ""),
            "environment": said(claims, "environment"),
            "ref": said(claims, "ref"),
            "sha": said(claims, "sha"),
            "run": run,
            "url": self._url(said(claims, "repository"), run),
        }

    def _url(self, repository: str, run: str) -> str:
        page = f"{_site(self.url)}/{repository}"
        return f"{page}/actions/runs/{run}" if run.isdecimal() and run.isascii() else page


def _repository(wanted: Wanted) -> str:
    return f"{wanted.get('owner', '')}/{wanted.get('repository', '')}"


def _workflow(wanted: Wanted) -> Rule:
    """The claim ``job_workflow_ref`` is repository, file and ref, each of them compared whole (TP-18).

    The ref is the one of the run, or a commit of it. A reusable workflow of another repository has refs of its own;
    it is refused unless the publisher names that repository (TP-19).
    """
    elsewhere = wanted.get("workflow_repository", "")
    repository = elsewhere or _repository(wanted)
    path = f"/.github/workflows/{wanted.get('workflow', '')}@"

    def holds(claims: Claims) -> bool:
        found = said(claims, "job_workflow_ref")
        ref = found[len(repository) + len(path) :]
        if not (
            is_same_name(found[: len(repository)], repository) and found[len(repository) :] == path + ref
        ):
            return False
        of_run = {said(claims, name) for name in ("ref", "sha", "job_workflow_sha")} - {""}
        return _REF.fullmatch(ref) is not None and (bool(elsewhere) or ref in of_run)

    return Rule(claim="job_workflow_ref", wanted=f"{repository}{path}…", holds=holds, code=WORKFLOW)


def _site(issuer: str) -> str:
    """Where the repositories are: GitHub itself, ``SUBDOMAIN.ghe.com``, or the server of the issuer."""
    host = urlsplit(issuer).netloc
    if host == "token.actions.githubusercontent.com":
        return "https://github.com"
    return f"https://{host.removeprefix('token.actions.')}"
