"""Every kind of API token with real clients: what it publishes, what it does not, and what the client says then."""

import time
from collections.abc import Iterator
from pathlib import Path

import pypitoken
import pytest

from strongroom.kernel import clock
from strongroom.tokens.narrow import Narrowing, narrow
from tests.journeys.publishing_clients import CLIENTS, Desk, Wheel, fresh_name, wheel
from tests.support.clients import pip_install, run, said, twine_upload
from tests.support.console import Console, console_of
from tests.support.people import PASSWORD
from tests.support.publishing import add_person
from tests.support.server import STRONGROOM, Server, running_server

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("house") / "data") as server:
        add_person(server)
        yield server


@pytest.fixture(scope="module")
def console(house: Server) -> Iterator[Console]:
    with console_of(house) as console:
        yield console


@pytest.fixture(params=CLIENTS)
def desk(request: pytest.FixtureRequest, house: Server, console: Console) -> Desk:
    return Desk(CLIENTS[request.param], house, console)


def test_a_token_for_the_whole_account_makes_projects_and_releases(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    token = desk.console.token(name=name)
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.publishes(wheel(tmp_path, name, version="2.0"), token=token)
    assert desk.console("owners", project=name) == ["alice"]


def test_a_token_for_one_project_is_for_that_one(desk: Desk, tmp_path: Path) -> None:
    # TK-06
    name = fresh_name()
    desk.console("project", username="alice", name=name)
    token = desk.console.token(name=name, projects=[name])
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.is_refused(wheel(tmp_path, fresh_name()), token=token, code="token_scope")


def test_a_token_for_several_projects_is_for_those(desk: Desk, tmp_path: Path) -> None:
    names = [fresh_name(), fresh_name()]
    for name in names:
        desk.console("project", username="alice", name=name)
    token = desk.console.token(name=names[0], projects=names)
    for name in names:
        desk.publishes(wheel(tmp_path, name), token=token)
    desk.is_refused(wheel(tmp_path, fresh_name()), token=token, code="token_scope")


def test_a_token_for_a_pattern_makes_projects_of_such_names(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name("acme")
    token = desk.console.token(name=name, patterns=["acme-*"])
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.is_refused(wheel(tmp_path, fresh_name()), token=token, code="token_scope")


def test_a_token_that_has_expired_publishes_nothing(desk: Desk, tmp_path: Path) -> None:
    # TK-08
    name = fresh_name()
    token = desk.console.token(name=name, expires=2)
    time.sleep(2.1)
    desk.is_refused(wheel(tmp_path, name), token=token, code="token_expired")


def test_a_token_that_is_not_yet_valid_publishes_nothing(desk: Desk, tmp_path: Path) -> None:
    # TK-08
    name = fresh_name()
    token = desk.console.token(name=name, not_before=3600)
    desk.is_refused(wheel(tmp_path, name), token=token, code="token_not_yet_valid")


def test_a_token_works_from_its_networks_alone(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    here = desk.console.token(name=f"{name} here", networks=["127.0.0.0/8", "::1/128"])
    elsewhere = desk.console.token(name=f"{name} elsewhere", networks=["203.0.113.0/24"])
    desk.publishes(wheel(tmp_path, name), token=here)
    desk.is_refused(wheel(tmp_path, name, version="2.0"), token=elsewhere, code="token_network")


def test_a_single_use_token_publishes_one_file(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    token = desk.console.token(name=name, uses=1)
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.is_refused(wheel(tmp_path, name, version="2.0"), token=token, code="token_used_up")


def test_a_token_for_a_version_publishes_that_version(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    token = desk.console.token(name=name, version="1.2.0")
    desk.publishes(wheel(tmp_path, name, version="1.2"), token=token)
    desk.is_refused(wheel(tmp_path, name, version="1.2.1"), token=token, code="token_version")


def test_a_token_for_digests_publishes_those_files(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    meant = wheel(tmp_path, name)
    token = desk.console.token(name=name, sha256=[_sha256(meant)])
    desk.publishes(meant, token=token)
    desk.is_refused(wheel(tmp_path, name, version="2.0"), token=token, code="token_file")


def test_a_token_that_may_not_upload_does_not(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    token = desk.console.token(name=name, actions=["yank", "read"])
    desk.is_refused(wheel(tmp_path, name), token=token, code="token_action")


def test_a_token_that_pypitoken_narrows_offline_is_held_to_that(desk: Desk, tmp_path: Path) -> None:
    # TK-03
    name, now = fresh_name(), int(clock.timestamp())
    desk.console("project", username="alice", name=name)
    whole = desk.console.token(name=name)
    for_project = pypitoken.Token.load(whole)
    for_project.restrict(project_names=[name])
    desk.publishes(wheel(tmp_path, name), token=for_project.dump())
    desk.is_refused(wheel(tmp_path, fresh_name()), token=for_project.dump(), code="token_scope")
    over = pypitoken.Token.load(for_project.dump())
    over.restrict(not_before=now - 20, not_after=now - 10)
    desk.is_refused(wheel(tmp_path, name, version="2.0"), token=over.dump(), code="token_expired")
    desk.publishes(wheel(tmp_path, name, version="3.0"), token=whole)


def test_a_token_that_our_command_narrows_is_held_to_that(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    whole = desk.console.token(name=name)
    command = [STRONGROOM, "token", "narrow", "--pattern", f"{name}*", "--uses", "1"]
    made = run(command, cwd=tmp_path, STRONGROOM_TOKEN=whole)
    assert made.returncode == 0, made.stderr
    narrowed = made.stdout.strip()
    desk.is_refused(wheel(tmp_path, fresh_name()), token=narrowed, code="token_scope")
    desk.publishes(wheel(tmp_path, name), token=narrowed)
    desk.is_refused(wheel(tmp_path, name, version="2.0"), token=narrowed, code="token_used_up")
    desk.publishes(wheel(tmp_path, name, version="2.0"), token=whole)


def test_copies_narrowed_to_one_use_count_for_themselves(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    whole = desk.console.token(name=name)
    for version, label in (("1.0", "first"), ("2.0", "second")):
        copy = str(narrow(whole, Narrowing(patterns=[name], uses=1, label=label)))
        desk.publishes(wheel(tmp_path, name, version=version), token=copy)
        desk.is_refused(wheel(tmp_path, name, version="9.0"), token=copy, code="token_used_up")


def test_a_revoked_token_publishes_nothing(desk: Desk, tmp_path: Path) -> None:
    # TK-10
    name = fresh_name()
    token = desk.console.token(name=name)
    desk.publishes(wheel(tmp_path, name), token=token)
    narrowed = str(narrow(token, Narrowing(patterns=[name])))
    desk.console("revoke", username="alice", name=name)
    for text in (token, narrowed):
        desk.is_refused(wheel(tmp_path, name, version="2.0"), token=text, code="token_invalid")


@pytest.mark.parametrize(("what", "code"), [("unverify", "email_unverified"), ("freeze", "account_frozen")])
def test_a_token_acts_with_the_standing_that_its_owner_has_now(
    what: str, code: str, desk: Desk, tmp_path: Path
) -> None:
    # TK-09
    name, token = _of_somebody(desk)
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.console(what, username=name)
    desk.is_refused(wheel(tmp_path, name, version="2.0"), token=token, code=code)


def test_a_token_acts_with_the_role_that_its_owner_has_now(desk: Desk, tmp_path: Path) -> None:
    # TK-09
    name, token = _of_somebody(desk)
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.console("drop_role", username=name, project=name)
    desk.is_refused(wheel(tmp_path, name, version="2.0"), token=token, code="project_not_yours")


def test_a_project_for_trusted_publishers_refuses_tokens_with_a_hint(desk: Desk, tmp_path: Path) -> None:
    name, token = _of_somebody(desk)
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.console("level_of_project", username=name, project=name, level="trusted")
    sentence = desk.is_refused(wheel(tmp_path, name, version="2.0"), token=token, code="tokens_refused")
    assert f"{desk.server.base_url}/manage/project/{name}/publishing/" in sentence


def test_a_site_for_trusted_publishers_refuses_tokens_with_a_hint(desk: Desk, tmp_path: Path) -> None:
    name, token = _of_somebody(desk)
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.console("level_for_all", level="trusted")
    try:
        sentence = desk.is_refused(wheel(tmp_path, name, version="2.0"), token=token, code="tokens_refused")
    finally:
        desk.console("level_for_all", level="passwords")
    assert f"{desk.server.base_url}/manage/project/{name}/publishing/" in sentence
    desk.publishes(wheel(tmp_path, name, version="2.0"), token=token)


def test_a_project_that_takes_tokens_refuses_passwords_with_a_hint(desk: Desk, tmp_path: Path) -> None:
    name, token = _of_somebody(desk)
    desk.publishes(wheel(tmp_path, name), token=token)
    desk.console("level_of_project", username=name, project=name, level="tokens")
    before = desk.console.counts()
    refused = twine_upload(
        desk.server.base_url, wheel(tmp_path, name, version="2.0").path,
        username=name, password=PASSWORD, options=["--verbose"],
    )  # fmt: skip
    assert refused.returncode != 0
    assert "takes no uploads by password. Make an API token" in said(refused)
    assert desk.console.counts() == before
    desk.publishes(wheel(tmp_path, name, version="2.0"), token=token)


def test_what_narrowed_tokens_have_published_can_be_installed(desk: Desk, tmp_path: Path) -> None:
    name = fresh_name()
    token = desk.console.token(name=name, patterns=[name], uses=1)
    desk.publishes(wheel(tmp_path, name), token=token)
    pip_install(desk.server.base_url, name, folder=tmp_path / "installed")


def test_twine_says_the_status_and_how_to_see_the_reason(house: Server, tmp_path: Path) -> None:
    refused = twine_upload(house.base_url, wheel(tmp_path, fresh_name()).path, password="strongroom-x")
    assert refused.returncode != 0
    assert "403 Forbidden" in said(refused)
    assert "--verbose" in said(refused)


def _of_somebody(desk: Desk) -> tuple[str, str]:
    """A new person and a token for the whole account; the person's name will do for a project too."""
    name = fresh_name("person")
    add_person(desk.server, name)
    return name, desk.console.token(name, name="laptop")


def _sha256(file: Wheel) -> str:
    import hashlib

    return hashlib.sha256(file.path.read_bytes()).hexdigest()
