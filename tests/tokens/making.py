"""Tokens for tests, made through the domain's own verbs."""

import json
import uuid
from typing import Any

import pymacaroons

from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.actor import Origin
from strongroom.kernel.names import NormalizedName, normalize
from strongroom.projects import create
from strongroom.projects.models import Project
from strongroom.tokens.mint import NewToken, Owner, mint
from strongroom.tokens.restrictions import NamedProject, Restrictions
from strongroom.tokens.verify import VerifiedToken, verify
from tests.support.people import as_user

HERE = Origin(address="203.0.113.7", client="twine/7.0.0", request_id="test")


def token_for(user: User, *, name: str = "laptop", project: Project | None = None, **asked: Any) -> NewToken:
    """A token of ``user`` for the whole account, or for one project; ``asked`` are other ``Restrictions``."""
    projects = (named(project),) if project is not None else ()
    owner = Owner(id=user.pk, public_id=user.public_id)
    return mint(owner, name, Restrictions(projects=projects, **asked), by=as_user(user))


def verified(text: str, *, address: str = HERE.address) -> VerifiedToken:
    """The token of ``text``, used from an IP address."""
    return verify(text, origin=Origin(address=address, client=HERE.client, request_id=HERE.request_id))


def with_caveat(text: str, *caveats: object) -> str:
    """``text`` narrowed by caveats of any shape, as its bearer can, with a library of others."""
    theirs = pymacaroons.Macaroon.deserialize(text.removeprefix("strongroom-"))
    for caveat in caveats:
        theirs.add_first_party_caveat(caveat if isinstance(caveat, str) else json.dumps(caveat))
    return f"strongroom-{theirs.serialize()}"


def named(project: Project) -> NamedProject:
    """A project as tokens name it."""
    return NamedProject(id=project.pk, public_id=project.public_id, name=NormalizedName(project.normalized))


def project_of(user: User, name: str = "demo") -> Project:
    """A project that ``user`` owns, without files."""
    project_id, _ = create.create(normalize(name), name=name, owner_id=user.pk, by=as_user(user))
    return Project.objects.get(pk=project_id)


def nobody() -> Owner:
    """An owner that no row stands for."""
    return Owner(id=0, public_id=uuid.uuid4())


def seconds_from_now(seconds: int) -> int:
    """A Unix time."""
    return int(clock.timestamp()) + seconds
