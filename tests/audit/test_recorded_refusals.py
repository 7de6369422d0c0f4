"""Which refusals are recorded, and how many of them at most: docs/decisions/0030."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
from django.db import transaction

from strongroom.accounts import emails, primary_email, register
from strongroom.accounts.models import User
from strongroom.audit import pseudonyms, trail
from strongroom.audit.event import Event
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.refused import Refused
from strongroom.projects.access import KnownProject
from strongroom.publish import credentials, device_tokens, levels
from strongroom.recovery import panic
from strongroom.signin import credentials as own
from strongroom.signin import devices
from strongroom.signin.devices import Grant
from strongroom.tokens.restrictions import Restrictions
from strongroom.trust import freezing, issuers, pending, publishers
from tests.support.configuration import configured
from tests.support.people import PASSWORD, as_user, person, refusal_of, signed_in, visitor
from tests.trust.trusting import GITHUB, project_of, provider, trusted

pytestmark = pytest.mark.django_db

IDENTITY = {"owner": "acme", "repository": "widget", "workflow": "release.yml"}


def closed_registration(_alice: User) -> Any:
    with configured("accounts", registration="closed"):
        return register.register("mallory", "mallory@example.org", PASSWORD, by=visitor())


def a_token_of_a_taken_name(alice: User) -> Any:
    credentials.make_token(alice, name="ci", by=as_user(alice))
    return credentials.make_token(alice, name="ci", by=as_user(alice))


def a_publisher_twice(alice: User) -> Any:
    provider()
    project = project_of(alice)
    trusted(alice, project)
    return trusted(alice, project)


def a_pending_publisher_too_many(alice: User) -> Any:
    provider()
    for number in range(pending.MAX_PENDING + 1):
        pending.add(alice, name=f"new{number}", issuer=GITHUB, values=IDENTITY, by=as_user(alice))


def by_mallory(alice: User, act: Callable[[KnownProject, Actor], Any]) -> Any:
    return act(project_of(alice), as_user(person("mallory")))


REFUSED: dict[str, tuple[Callable[[User], Any], str, str, str, str]] = {
    # What is tried: the act, the tag, the reason, the subject and the project of its one event.
    "registering where it is closed": (
        closed_registration,
        "account.created",
        "registration_closed",
        "",
        "",
    ),
    "verifying by a wrong link": (
        lambda _alice: emails.verify("x" * 43, by=visitor()),
        "email.verified",
        "link_invalid",
        "",
        "",
    ),
    "undoing by a wrong link": (
        lambda _alice: primary_email.undo("x" * 43, by=visitor()),
        "email.primary_change_undone",
        "link_invalid",
        "",
        "",
    ),
    "an address twice": (
        lambda alice: emails.add(alice, "alice@example.org", by=as_user(alice)),
        "email.added",
        "email_already_added",
        "alice",
        "",
    ),
    "removing the primary address": (
        lambda alice: own.remove_email(signed_in(alice).session, alice.addresses.get().pk, by=as_user(alice)),
        "email.removed",
        "email_is_primary",
        "alice",
        "",
    ),
    "an unknown primary address": (
        lambda alice: own.make_primary_email(signed_in(alice).session, 0, by=as_user(alice)),
        "email.primary_changed",
        "email_unknown",
        "alice",
        "",
    ),
    "disabling oneself": (
        lambda alice: freezing.disable(alice, by=as_user(alice)),
        "account.disabled",
        "own_account",
        "alice",
        "",
    ),
    "undoing one's own freeze as an operator": (
        lambda alice: panic.undo_for(alice, by=as_user(alice)),
        "account.thawed",
        "own_account",
        "alice",
        "",
    ),
    "approving an unknown device": (
        lambda alice: devices.approve(
            signed_in(alice).session,
            "BBBB-BBBB",
            grant=Grant(name="x", projects=(), days=None),
            by=as_user(alice),
        ),
        "device.approved",
        "device_code_unknown",
        "alice",
        "",
    ),
    "denying an unknown device": (
        lambda alice: devices.deny("BBBB-BBBB", user_id=alice.pk, by=as_user(alice)),
        "device.denied",
        "device_code_unknown",
        "alice",
        "",
    ),
    "a token for a device, of somebody else's project": (
        lambda alice: device_tokens.require_makeable(
            alice, name="x", projects=["nowhere"], days=None, by=as_user(alice)
        ),
        "token.made",
        "project_not_yours",
        "alice",
        "",
    ),
    "a token of a taken name": (a_token_of_a_taken_name, "token.made", "token_name_taken", "alice", ""),
    "a token without an action": (
        lambda alice: credentials.make_token(
            alice, name="ci", restrictions=Restrictions(actions=()), by=as_user(alice)
        ),
        "token.made",
        "token_actions_missing",
        "alice",
        "",
    ),
    "a publisher twice": (a_publisher_twice, "publisher.added", "publisher_taken", "", "widget"),
    "removing a publisher of others": (
        partial(by_mallory, act=lambda project, by: publishers.remove(project, 1, by=by)),
        "publisher.removed",
        "project_not_yours",
        "",
        "widget",
    ),
    "confirming a publisher of others": (
        partial(by_mallory, act=lambda project, by: publishers.confirm(project, 1, state="", by=by)),
        "publisher.confirmed",
        "project_not_yours",
        "",
        "widget",
    ),
    "narrowing a publisher of others": (
        partial(by_mallory, act=lambda project, by: publishers.constrain(project, 1, environment="x", by=by)),
        "publisher.constrained",
        "project_not_yours",
        "",
        "widget",
    ),
    "pending publishers without end": (
        a_pending_publisher_too_many,
        "publisher.pending_added",
        "pending_publishers_too_many",
        "alice",
        "",
    ),
    "removing a pending publisher of others": (
        lambda alice: pending.remove(alice.pk, 1, by=as_user(alice)),
        "publisher.pending_removed",
        "publisher_missing",
        "alice",
        "",
    ),
    "an issuer twice": (
        lambda _alice: [issuers.add(_issuer(), by=Actor.console()) for _time in range(2)],
        "issuer.added",
        "issuer_taken",
        "",
        "",
    ),
    "removing an unknown issuer": (
        lambda _alice: issuers.remove(0, by=Actor.console()),
        "issuer.removed",
        "issuer_unknown",
        "",
        "",
    ),
}


def _issuer() -> Any:
    return issuers.NewIssuer(
        url="https://ci.example.com", name="Forge", kind="generic", fields=("sub",), rules={}, pins=()
    )


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_that_matters_is_recorded_once(what: str) -> None:  # AU-06
    act, tag, reason, subject, project = REFUSED[what]
    alice = person()
    assert refusal_of(lambda: act(alice)) == reason
    (entry,) = Entry.objects.filter(outcome="refused")
    assert (entry.tag, entry.reason, entry.project) == (tag, reason, project)
    assert entry.subject_id == (alice.pk if subject else None)


def test_a_level_that_the_site_does_not_allow_is_recorded_with_its_project() -> None:
    alice = person()
    project_of(alice)
    with configured("uploads", allowed=MayPublish.TOKENS):
        switch = partial(
            levels.switch_project, alice, "widget", level=MayPublish.PASSWORDS, by=as_user(alice)
        )
        assert refusal_of(switch) == "level_too_lax"
    (entry,) = Entry.objects.filter(outcome="refused")
    assert (entry.tag, entry.project) == ("project.publishing_switched", "widget")


def test_what_was_only_mistyped_is_not_recorded() -> None:
    alice = person()
    assert refusal_of(lambda: register.register("-", "a@example.org", PASSWORD, by=visitor())) == (
        "username_invalid"
    )
    assert refusal_of(lambda: emails.add(alice, "no address", by=as_user(alice))) == "email_invalid"
    assert not Entry.objects.filter(outcome="refused").exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorTried(Event):
    """An event of these tests."""

    tag: ClassVar[str] = "test.door_tried"


def knock(by: Actor, code: str = "door_closed") -> None:
    with pytest.raises(Refused), trail.refusals_of(DoorTried(), by=by), transaction.atomic():
        raise Refused(code, "The door is closed. Come again tomorrow.")


def refused_of(**author: object) -> int:
    return Entry.objects.filter(outcome="refused", **author).count()


def test_of_one_author_only_so_many_refusals_are_recorded_in_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # AU-06
    monkeypatch.setattr(trail, "MOST_REFUSALS", 3)
    alice = person()
    for _time in range(5):
        knock(visitor("203.0.113.7"))
        knock(visitor("203.0.113.8"))
        knock(as_user(alice))
    assert (refused_of(address="203.0.113.8"), refused_of(actor_id=alice.pk), refused_of()) == (3, 3, 9)


def test_a_household_has_2_to_the_64_addresses_and_counts_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # AU-06
    monkeypatch.setattr(trail, "MOST_REFUSALS", 3)
    for number in range(1, 6):
        knock(visitor(f"2001:db8:1:2::{number:x}"))
        knock(visitor(f"2001:db8:1:2:{number:x}::"))
        knock(visitor("2001:db8:1:3::1"))
    entries = Entry.objects.filter(outcome="refused")
    assert entries.filter(address__startswith="2001:db8:1:2:").count() == 3
    assert entries.filter(address_pseudonym=pseudonyms.of("2001:db8:1:2::")).count() == 3
    assert entries.filter(address_pseudonym=pseudonyms.of("2001:db8:1:3::")).count() == 3


def test_an_hour_later_refusals_are_recorded_again(monkeypatch: pytest.MonkeyPatch) -> None:  # AU-06
    monkeypatch.setattr(trail, "MOST_REFUSALS", 1)
    knock(visitor())
    with clock.shifted(timedelta(minutes=59)):
        knock(visitor())
        assert refused_of() == 1
    with clock.shifted(timedelta(minutes=61)):
        knock(visitor())
        assert refused_of() == 2


def test_the_console_and_effects_are_recorded_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "MOST_REFUSALS", 1)
    for _time in range(3):
        knock(Actor.console())
    assert refused_of() == 3
    for _time in range(2):
        knock(visitor())
    trail.record(DoorTried(), by=visitor())
    assert Entry.objects.filter(tag="test.door_tried", outcome="done").count() == 1
