"""The exchange: a genuine identity token of a publisher becomes a token for its projects, once, or leaves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.sections import Feature
from strongroom.projects.models import Project, Role
from strongroom.tokens.models import Token
from strongroom.tokens.verify import verify
from strongroom.trust import issuers, pending, publishers
from strongroom.trust.exchange import exchange
from strongroom.trust.jwt import LEEWAY
from strongroom.trust.models import IssuerKeys, Minted, PendingPublisher, Publisher, UsedIdentity
from strongroom.trust.new_issuer import PRESETS
from tests.support.configuration import configured
from tests.support.people import as_user, person, refusal_of
from tests.trust.signing import ec_pen, rsa_pen
from tests.trust.trusting import (
    GITHUB,
    GITLAB,
    RUNNER,
    WANTED,
    come_with,
    github,
    gitlab,
    project_of,
    provider,
    refusals,
    signed,
    trusted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    provider()
    return person()


def nothing_minted() -> bool:
    return not Token.objects.exists() and not Minted.objects.exists() and not UsedIdentity.objects.exists()


@contextmanager
def inserts_fail(table: str) -> Iterator[None]:
    """As if the disk were full when a row of ``table`` is written."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER no_room BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no room'; END $$"
            )
            cursor.execute(f"CREATE TRIGGER no_room BEFORE INSERT ON {table} EXECUTE FUNCTION no_room()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            on = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER no_room{on}")
            if connection.vendor != "sqlite":
                cursor.execute("DROP FUNCTION no_room")


def test_a_publisher_gets_a_token_for_fifteen_minutes_and_its_project_alone(alice: User) -> None:
    project = project_of(alice)
    other = project_of(alice, "gadget")
    publisher = trusted(alice, project)
    before = clock.now()
    got = come_with(github())
    assert got.projects == ("widget",)
    assert timedelta(minutes=14) < got.expires - before <= timedelta(minutes=16)
    token = verify(got.secret, origin=RUNNER)
    assert token.owner is None
    token.require_project(project.normalized, public_id=project.public_id)
    assert (
        refusal_of(lambda: token.require_project(other.normalized, public_id=other.public_id))
        == "token_scope"
    )
    row = Token.objects.get()
    assert row.publisher == {
        "kind": "github",
        "issuer": GITHUB,
        "name": "acme/widget, release.yml",
        "repository": "acme/widget",
        "workflow": "release.yml",
        "environment": "",
        "ref": "refs/tags/v1.0",
        "sha": "9" * 40,
        "run": "4242",
        "url": "https://github.example.com/acme/widget/actions/runs/4242",
    }
    assert Minted.objects.get().publisher_id == publisher.pk
    again = Publisher.objects.get()
    assert again.pins == {"repository_id": "1001", "repository_owner_id": "77"}
    assert again.last_used is not None
    with clock.shifted(timedelta(minutes=15, seconds=1)):  # TP-25
        assert refusal_of(lambda: verify(got.secret, origin=RUNNER)) == "token_expired"


def test_the_trail_holds_what_was_published_from_and_nobody(alice: User) -> None:
    # TP-31
    trusted(alice, project_of(alice))
    come_with(github())
    come_with_code = refusal_of(lambda: come_with(github(event_name="issue_comment")))
    assert come_with_code == "publisher_event"
    done, refused = Entry.objects.filter(tag="identity.exchanged").order_by("serial")
    assert done.outcome == "done"
    assert done.project == "widget"
    assert done.details["token"] == Token.objects.get().short_id
    assert done.details["claims"]["job_workflow_ref"].endswith("release.yml@refs/tags/v1.0")
    assert done.authenticated == "trusted-publisher"
    assert (refused.outcome, refused.reason) == ("refused", "publisher_event")
    for entry in (done, refused):
        assert "alice" not in str(entry.details)
        assert "31337" not in str(entry.details)


def test_an_identity_token_is_exchanged_once_and_never_again(alice: User) -> None:
    # TP-09
    trusted(alice, project_of(alice))
    with clock.frozen(clock.now()):
        text = signed(github())
        exchange(text, origin=RUNNER)
        for seconds in (0, 299, 301, 300 + LEEWAY - 1):
            with clock.shifted(timedelta(seconds=seconds)):
                assert refusal_of(lambda: exchange(text, origin=RUNNER)) == "identity_reused"
        for seconds in (300 + LEEWAY, 300 + LEEWAY + 1):
            with clock.shifted(timedelta(seconds=seconds)):
                assert refusal_of(lambda: exchange(text, origin=RUNNER)) == "identity_expired"
    assert Token.objects.count() == 1
    assert {entry.reason for entry in refusals()} == {"identity_reused", "identity_expired"}


def test_a_refused_token_may_come_again_when_its_publisher_is_there(alice: User) -> None:
    # TP-13: the jti is used up together with the mint, or not at all
    project = project_of(alice)
    trusted(alice, project, owner="other")
    text = signed(github())
    assert refusal_of(lambda: exchange(text, origin=RUNNER)) == "publisher_unknown"
    assert nothing_minted()
    trusted(alice, project)
    assert exchange(text, origin=RUNNER).projects == ("widget",)


def test_two_issuers_may_use_one_jti(alice: User) -> None:
    # TP-11, W23
    provider(GITLAB, "gitlab")
    project = project_of(alice)
    trusted(alice, project)
    trusted(alice, project, issuer=GITLAB)
    come_with(github(jti="one"))
    assert refusal_of(lambda: come_with(github(jti="one"))) == "identity_reused"
    assert come_with(gitlab(jti="one")).projects == ("widget",)


def test_an_issuer_cannot_speak_for_the_repositories_of_another(alice: User) -> None:
    # TP-06: another issuer of the same kind, with the very claims
    provider("https://git.mallory.example/_services/token", pen=rsa_pen())
    project = project_of(alice)
    trusted(alice, project)
    mallory = person("mallory")
    trusted(
        mallory, project_of(mallory, "evil"), issuer="https://git.mallory.example/_services/token", **WANTED
    )
    claims = github(iss="https://git.mallory.example/_services/token")
    got = exchange(signed(claims, pen=rsa_pen()), origin=RUNNER)
    assert got.projects == ("evil",)
    forged = signed(github(), pen=rsa_pen())
    assert refusal_of(lambda: exchange(forged, origin=RUNNER)) == "issuer_key_unknown"


@pytest.mark.parametrize(
    "iss",
    ["https://github.example.com/_services/token/", "https://GITHUB.example.com/_services/token",
     "http://github.example.com/_services/token", "https://xn--gthub-q4a.example.com/_services/token", "x" * 400,
     "https://github.example.com/_services/token\n"],
)  # fmt: skip
def test_an_issuer_is_known_by_its_exact_url(alice: User, iss: str) -> None:
    # TP-04
    trusted(alice, project_of(alice))
    assert refusal_of(lambda: come_with(github(iss=iss))) == "identity_issuer_unknown"
    assert nothing_minted()


def test_nothing_is_fetched_for_an_issuer_on_whom_nobody_relies(alice: User) -> None:
    # TP-28
    project_of(alice)
    claims = github(iss="https://token.actions.githubusercontent.com")
    assert refusal_of(lambda: come_with(claims)) == "publisher_unknown"
    assert not IssuerKeys.objects.exists()


def test_a_token_is_for_every_project_that_the_identity_may_publish(alice: User) -> None:
    bob = person("bob")
    trusted(alice, project_of(alice))
    trusted(bob, project_of(bob, "gadget"))
    trusted(bob, project_of(bob, "gizmo"), environment="release")
    assert come_with(github()).projects == ("widget", "gadget")
    assert come_with(github(environment="release")).projects == ("widget", "gadget", "gizmo")


def test_a_single_use_token_says_so(alice: User) -> None:
    trusted(alice, project_of(alice))
    come_with(github(), single_use=True)
    assert ["uses", 1] in Token.objects.get().restrictions


@pytest.mark.parametrize("table", ["tokens_token_projects", "trust_minted", "audit_entry"])
def test_an_exchange_that_breaks_leaves_neither_used_identity_nor_token_nor_project(
    alice: User, table: str
) -> None:
    # TP-13, TP-22, W27
    pending.add(alice, name="widget", issuer=GITHUB, values=WANTED, by=as_user(alice))
    text = signed(github())
    with inserts_fail(table), pytest.raises(DatabaseError):
        exchange(text, origin=RUNNER)
    assert nothing_minted()
    assert not Project.objects.exists()
    assert not Role.objects.exists()
    assert PendingPublisher.objects.count() == 1
    assert exchange(text, origin=RUNNER).projects == ("widget",)


def test_an_exchange_is_refused_while_trusted_publishing_is_off(alice: User) -> None:
    trusted(alice, project_of(alice))
    with configured("trusted_publishing", enabled=Feature.OFF):
        assert refusal_of(lambda: come_with(github())) == "trusted_publishing_off"
    assert nothing_minted()


def test_a_preset_that_the_configuration_leaves_out_is_not_believed(alice: User) -> None:
    url = PRESETS["github"]
    project = project_of(alice)
    trusted(alice, project, issuer=url, **WANTED)
    with configured("trusted_publishing", providers=("gitlab",)):
        assert refusal_of(lambda: come_with(github(iss=url))) == "identity_issuer_unknown"
        assert [issuer.kind for issuer in issuers.known()] == ["gitlab", "github"]
        assert publishers.of(project.id)[0].issuer_name == ""
    assert nothing_minted()


def test_an_issuer_that_was_removed_is_believed_no_more_and_its_tokens_die(alice: User) -> None:
    project = project_of(alice)
    trusted(alice, project)
    got = come_with(github())
    (listed,) = (row for row in issuers.listed() if row.issuer.url == GITHUB)
    assert listed.publishers == 1
    assert listed.id is not None
    issuers.remove(listed.id, by=as_user(alice))
    assert refusal_of(lambda: verify(got.secret, origin=RUNNER)) == "token_invalid"
    assert refusal_of(lambda: come_with(github())) == "identity_issuer_unknown"
    (row,) = publishers.of(project.id)
    assert row.issuer_name == ""
    provider()
    assert come_with(github()).projects == ("widget",)


def test_exchanges_of_an_address_are_counted(alice: User) -> None:
    from strongroom.trust.exchange import _PER_ADDRESS

    codes = {refusal_of(lambda: exchange("nonsense", origin=RUNNER)) for _ in range(_PER_ADDRESS.count)}
    assert codes == {"identity_malformed"}
    assert refusal_of(lambda: exchange("nonsense", origin=RUNNER)) == "too_many_attempts"
    assert len(refusals()) == _PER_ADDRESS.count  # AU-06


def test_rsa_keys_do_as_well(alice: User) -> None:
    provider(GITLAB, "gitlab", pen=rsa_pen())
    trusted(alice, project_of(alice), issuer=GITLAB)
    assert exchange(signed(gitlab(), pen=rsa_pen()), origin=RUNNER).projects == ("widget",)
    assert ec_pen().key_id != rsa_pen().key_id
