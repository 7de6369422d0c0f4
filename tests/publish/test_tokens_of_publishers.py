"""The token of a trusted publisher: for 15 minutes, to upload to its projects alone."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import transaction

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind
from strongroom.kernel.may_publish import MayPublish
from strongroom.projects import policy
from strongroom.projects.models import File, Project
from strongroom.projects.yank import Order
from strongroom.publish.identity import Identity, identify
from strongroom.publish.reading import TokenGate
from strongroom.publish.yanking import yank_with
from strongroom.tokens.mint import NewToken, mint_for_publisher
from strongroom.tokens.models import Token, TokenNetwork, TokenUses
from strongroom.tokens.narrow import Narrowing, narrow
from strongroom.tokens.revoke import revoke_minted
from tests.artifacts.building import build_sdist, build_wheel
from tests.publish.publishing import TWINE, Press, left_behind, refusals
from tests.support.configuration import configured
from tests.support.people import person, refusal_of
from tests.tokens.making import named, project_of, token_for, with_caveat

pytestmark = pytest.mark.django_db

PUBLISHER = {
    "kind": "github",
    "issuer": "https://issuer.example",
    "name": "acme/demo, release.yml",
    "environment": "",
    "repository": "acme/demo",
    "workflow": "release.yml",
}
RUN = Actor(kind=ActorKind.TOKEN, username="acme/demo, release.yml", authenticated="trusted-publisher")


@pytest.fixture
def alice() -> User:
    return person()


@pytest.fixture
def demo(alice: User) -> Project:
    return project_of(alice)


def minted(*projects: Project, single_use: bool = False) -> NewToken:
    with transaction.atomic():
        return mint_for_publisher(PUBLISHER, projects=[*map(named, projects)], single_use=single_use, by=RUN)


def who(text: str) -> Identity:
    return identify(f"Bearer {text}", origin=TWINE)


def test_it_publishes_to_its_projects_without_a_person(
    press: Press, tmp_path: Path, alice: User, demo: Project
) -> None:
    other = project_of(alice, "other")
    made = minted(demo, other)
    for name in ("demo", "other"):
        press.publish(build_wheel(tmp_path, name=name), by=who(made.secret))
    file = File.objects.get(release__project=demo)
    assert (file.uploader_id, file.authenticated) == (None, "trusted-publisher")
    entry = Entry.objects.filter(tag="file.uploaded").earliest("serial")
    assert (entry.actor_id, entry.actor_name, entry.authenticated, entry.credential) == (
        None,
        "acme/demo, release.yml",
        "trusted-publisher",
        made.token.short_id,
    )
    assert [row.project for row in Entry.objects.filter(tag="token.minted").order_by("serial")] == [
        "demo",
        "other",
    ]
    assert made.secret not in repr(Entry.objects.values())
    assert Token.objects.get().last_used is None
    assert not TokenNetwork.objects.exists()


def test_it_says_in_itself_what_it_is_for(demo: Project) -> None:
    with clock.frozen(clock.now()):
        made = minted(demo, single_use=True)
        expires = clock.now() + timedelta(minutes=15)
    assert (made.token.user_id, made.token.publisher, made.token.expires) == (None, PUBLISHER, expires)
    assert made.token.restrictions == [
        [2, [str(demo.public_id)]],
        ["actions", ["upload"]],
        [0, int(expires.timestamp()), 0],
        ["uses", 1],
    ]


def test_it_ends_after_fifteen_minutes(demo: Project) -> None:
    with clock.frozen(clock.now().replace(microsecond=0)):
        text = minted(demo).secret
        with clock.shifted(timedelta(minutes=15, seconds=-1)):
            assert who(text).user_id is None
        with clock.shifted(timedelta(minutes=15)):
            assert refusal_of(lambda: who(text)) == "token_expired"


def test_it_publishes_to_no_other_project_and_makes_none(
    press: Press, tmp_path: Path, alice: User, demo: Project
) -> None:  # TK-06
    project_of(alice, "other")
    identity = who(minted(demo).secret)
    before = left_behind()
    cases = [("other", "token_scope"), ("brand-new", "project_unknown")]
    for name, code in cases:
        wheel = build_wheel(tmp_path, name=name)
        assert refusal_of(partial(press.publish, wheel, by=identity)) == code
    assert left_behind() == before
    assert refusals() == [code for _name, code in cases]


def test_without_projects_it_is_for_none(press: Press, tmp_path: Path, demo: Project) -> None:
    identity = who(minted().secret)
    wheel = build_wheel(tmp_path)
    assert refusal_of(partial(press.publish, wheel, by=identity)) == "token_scope"
    assert not File.objects.exists()


def test_a_project_made_again_is_another_one(
    press: Press, tmp_path: Path, alice: User, demo: Project
) -> None:  # TK-07
    identity = who(minted(demo).secret)
    demo.delete()
    project_of(alice)
    wheel = build_wheel(tmp_path)
    assert refusal_of(partial(press.publish, wheel, by=identity)) == "token_scope"


@pytest.mark.django_db(transaction=True)  # the gate of readers closes connections that are too old
def test_it_neither_yanks_nor_reads_whatever_is_added_to_it(
    press: Press, tmp_path: Path, demo: Project
) -> None:  # TK-20
    text = minted(demo).secret
    press.publish(build_wheel(tmp_path), by=who(text))
    for bearer in (text, with_caveat(text, ["actions", ["upload", "yank", "read"]])):
        order = Order(project="demo", version="1.0")
        assert refusal_of(partial(yank_with, order, by=who(bearer))) == "token_action"
        reading = partial(TokenGate().reader, f"Bearer {bearer}", origin=TWINE)
        assert refusal_of(reading) == "token_action"
    assert File.objects.get().yanked is None


def test_for_a_single_use_it_publishes_one_file(press: Press, tmp_path: Path, demo: Project) -> None:  # TK-21
    identity = who(minted(demo, single_use=True).secret)
    press.publish(build_wheel(tmp_path), by=identity)
    assert refusal_of(partial(press.publish, build_sdist(tmp_path), by=identity)) == "token_used_up"
    assert File.objects.count() == TokenUses.objects.get().count == 1


def test_it_can_be_narrowed(press: Press, tmp_path: Path, demo: Project) -> None:  # TK-03
    text = narrow(minted(demo).secret, Narrowing(version="1.0"))
    newer = build_wheel(tmp_path, version="2.0")
    assert refusal_of(partial(press.publish, newer, by=who(text))) == "token_version"
    press.publish(build_wheel(tmp_path), by=who(text))


def test_it_dies_with_its_row_also_while_the_bytes_come(
    press: Press, tmp_path: Path, demo: Project
) -> None:  # TK-10
    made = minted(demo)
    identity = who(made.secret)
    with transaction.atomic():
        assert revoke_minted([made.token.pk], by=RUN) == 1
    before = left_behind()
    assert refusal_of(partial(who, made.secret)) == "token_invalid"
    assert refusal_of(partial(press.publish, build_wheel(tmp_path), by=identity)) == "token_invalid"
    assert left_behind() == before
    entry = Entry.objects.get(tag="token.revoked")
    assert (entry.subject_id, entry.project) == (None, "demo")


def test_the_verb_for_publishers_revokes_no_token_of_a_person(alice: User, demo: Project) -> None:  # TK-14
    made = token_for(alice, project=demo)
    with transaction.atomic():
        assert revoke_minted([made.token.pk], by=RUN) == 0
    assert Token.objects.get() == made.token


def test_it_publishes_where_nothing_else_may(
    press: Press, tmp_path: Path, alice: User, demo: Project
) -> None:  # TK-22
    policy.switch_project(demo.pk, MayPublish.TRUSTED, by=RUN)
    with configured("uploads", allowed="trusted"):
        press.publish(build_wheel(tmp_path), by=who(minted(demo).secret))
    assert File.objects.count() == 1
