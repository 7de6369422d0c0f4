"""Providers whose keys are known without a network, projects, publishers, and what the providers' tokens say."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor, Origin
from strongroom.kernel.names import normalize
from strongroom.projects import access, create
from strongroom.projects.access import KnownProject
from strongroom.trust import issuers, publishers
from strongroom.trust.exchange import Exchanged, exchange
from strongroom.trust.identity import audience
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.models import Publisher
from strongroom.trust.new_issuer import NewIssuer
from tests.support.people import as_user
from tests.trust.signing import Pen, changed, ec_pen, sound

RUNNER = Origin(address="198.51.100.4", client="uv/0.9", request_id="test")
GITHUB = "https://github.example.com/_services/token"
GITLAB = "https://gitlab.example.com"
OTHER = "https://ci.example.com"
WANTED = {"owner": "acme", "repository": "widget", "workflow": "release.yml"}
GITLAB_WANTED = {"namespace": "acme/tools", "project": "widget", "workflow": ".gitlab-ci.yml"}

_numbers = itertools.count(1)


def provider(url: str = GITHUB, kind: str = "github", *, pen: Pen | None = None, **what: Any) -> KnownIssuer:
    """An issuer that an operator has added, with its keys."""
    keys = json.dumps({"keys": [dict((pen or ec_pen()).jwk)]})
    new = NewIssuer(url=url, name=url, kind=kind, static_keys=keys, **what)
    return issuers.add(new, by=Actor.console())


def project_of(owner: User, name: str = "widget") -> KnownProject:
    create.create(normalize(name), name=name, owner_id=owner.pk, by=as_user(owner))
    return access.owned_by(owner.pk, name)


def trusted(adder: User, project: KnownProject, /, *, issuer: str = GITHUB, **wanted: str) -> Publisher:
    """A publisher that ``adder`` has added."""
    base = {GITHUB: WANTED, GITLAB: GITLAB_WANTED}.get(issuer, {})
    return publishers.add(project, issuer=issuer, values={**base, **wanted}, by=as_user(adder))


def github(**changes: object) -> dict[str, object]:
    """What a token of GitHub Actions says of a release of acme/widget; ``None`` leaves a claim out."""
    claims = sound(
        iss=GITHUB,
        aud=audience(),
        jti=f"identity-{next(_numbers)}",
        sub="repo:acme/widget:ref:refs/tags/v1.0",
        repository="acme/widget",
        repository_id="1001",
        repository_owner="acme",
        repository_owner_id="77",
        repository_visibility="public",
        job_workflow_ref="acme/widget/.github/workflows/release.yml@refs/tags/v1.0",
        job_workflow_sha="9" * 40,
        workflow_ref="acme/widget/.github/workflows/release.yml@refs/tags/v1.0",
        ref="refs/tags/v1.0",
        sha="9" * 40,
        event_name="push",
        run_id="4242",
        run_attempt="1",
        actor="alice",
        actor_id="31337",
    )
    return changed(claims, changes)


def gitlab(**changes: object) -> dict[str, object]:
    """What a token of GitLab CI/CD says of a release of acme/tools/widget."""
    claims = sound(
        iss=GITLAB,
        aud=audience(),
        jti=f"identity-{next(_numbers)}",
        sub="project_path:acme/tools/widget:ref_type:tag:ref:v1.0",
        project_path="acme/tools/widget",
        project_id="22",
        namespace_path="acme/tools",
        namespace_id="72",
        user_id="1",
        user_login="alice",
        user_email="alice@example.org",
        pipeline_id="574",
        pipeline_source="push",
        job_id="302",
        ref="v1.0",
        ref_type="tag",
        ref_path="refs/tags/v1.0",
        ci_config_ref_uri="gitlab.example.com/acme/tools/widget//.gitlab-ci.yml@refs/tags/v1.0",
        sha="7" * 40,
    )
    return changed(claims, changes)


def signed(claims: Mapping[str, object], *, pen: Pen | None = None) -> str:
    return (pen or ec_pen()).token(dict(claims))


def come_with(claims: Mapping[str, object], **how: Any) -> Exchanged:
    """Exchange a token that says this."""
    return exchange(signed(claims), origin=RUNNER, **how)


def refusals(tag: str = "identity.exchanged") -> list[Entry]:
    return list(Entry.objects.filter(tag=tag, outcome="refused").order_by("serial"))
