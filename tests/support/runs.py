"""Runs of build services: what their identity tokens say, which publishers they fit, and what tools find in their environment."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

from tests.support.openid.provider import Provider


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its ``claims``, and what a publisher that fits it has (``wanted``), by the kind of its provider."""

    kind: str
    claims: Mapping[str, object]
    wanted: Mapping[str, str]


def in_github(repository: str) -> Run:
    """A push of the tag v1.0 of ``acme/REPOSITORY``, which runs release.yml."""
    workflow = f"acme/{repository}/.github/workflows/release.yml@refs/tags/v1.0"
    claims = {
        "sub": f"repo:acme/{repository}:ref:refs/tags/v1.0",
        "repository": f"acme/{repository}",
        "repository_id": _id_of(repository),
        "repository_owner": "acme",
        "repository_owner_id": "77",
        "job_workflow_ref": workflow,
        "job_workflow_sha": "9" * 40,
        "workflow_ref": workflow,
        "ref": "refs/tags/v1.0",
        "sha": "9" * 40,
        "event_name": "push",
        "run_id": "4242",
        "run_attempt": "1",
        "actor": "alice",
    }
    wanted = {"owner": "acme", "repository": repository, "workflow": "release.yml"}
    return Run("github", claims, wanted)


def in_gitlab(project: str, *, host: str) -> Run:
    """A pipeline of the tag v1.0 of ``acme/tools/PROJECT`` on the GitLab ``host``."""
    path = f"acme/tools/{project}"
    claims = {
        "sub": f"project_path:{path}:ref_type:tag:ref:v1.0",
        "project_path": path,
        "project_id": _id_of(project),
        "namespace_path": "acme/tools",
        "namespace_id": "72",
        "pipeline_id": "574",
        "pipeline_source": "push",
        "job_id": "302",
        "ref": "v1.0",
        "ref_type": "tag",
        "ref_path": "refs/tags/v1.0",
        "ci_config_ref_uri": f"{host}/{path}//.gitlab-ci.yml@refs/tags/v1.0",
        "sha": "7" * 40,
        "user_login": "alice",
    }
    wanted = {"namespace": "acme/tools", "project": project, "workflow": ".gitlab-ci.yml"}
    return Run("gitlab", claims, wanted)


def on_a_server(job: str) -> Run:
    """A job of some other service, known by its ``sub`` alone."""
    return Run("generic", {"sub": f"job:{job}"}, {"sub": f"job:{job}"})


@contextmanager
def environment_of(run: Run, provider: Provider, *, audience: str) -> Iterator[dict[str, str]]:
    """The variables by which publishing tools know where they run, and come to an identity token."""
    if run.kind == "github":
        with provider.in_actions(**run.claims) as variables:
            yield variables
    else:
        name = re.sub(r"[^A-Z0-9_]|^[^A-Z_]", "_", audience.upper())
        yield {"GITLAB_CI": "true", f"{name}_ID_TOKEN": provider.token(audience=audience, **run.claims)}


def _id_of(name: str) -> str:
    """Providers number what they have."""
    return str(crc32(name.encode()))
