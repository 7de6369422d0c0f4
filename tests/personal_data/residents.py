"""An account that has one of everything, and a project that it shares."""

from dataclasses import dataclass

from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.projects.models import Project, Role
from strongroom.publish import credentials
from strongroom.signin import session
from strongroom.signin.session import Opened
from tests.support.people import BROWSER, PASSWORD, person, signed_in, with_codes, with_phone


def project(name: str, *people: tuple[User, str]) -> Project:
    """A project in which ``people`` have roles."""
    now = clock.now()
    row = Project.objects.create(name=name, normalized=name, lookalike=name, created=now, updated=now)
    for user, kind in people:
        Role.objects.create(project=row, user=user, kind=kind)
    return row


@dataclass
class Resident:
    """alice, who shares the project ``vault`` with bob, and all of her secrets."""

    user: User
    bob: User
    opened: Opened
    secrets: list[str]


def resident() -> Resident:
    alice, bob = person(), person("bob")
    project("vault", (alice, "owner"), (bob, "owner"))
    opened, phone = with_phone(signed_in(alice))
    codes = with_codes(opened)
    actor = session.actor_of(opened.session, BROWSER)
    token = credentials.make_token(alice, name="laptop", projects=["vault"], by=actor).secret
    found = [PASSWORD, phone.app.secret, *codes, token, opened.secret]
    return Resident(User.objects.get(pk=alice.pk), bob, opened, [str(secret) for secret in found])
