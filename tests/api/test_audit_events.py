"""Programs read the audit trail: whose they may, what of it, and all of it by a cursor."""

import threading
from collections.abc import Callable
from itertools import count

import pytest
from django.db import DatabaseError, connections, transaction

from strongroom.accounts import standing
from strongroom.accounts.models import EmailAddress, User
from strongroom.audit import horizon as horizons
from strongroom.audit import sealing, trail
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.projects.models import Project, Role
from strongroom.publish import auditing
from strongroom.publish.events import PublisherRefused
from strongroom.tokens.mint import mint_for_publisher
from tests.api.asking import basic, bearer
from tests.api.calling import Api, refused
from tests.api.watching import EVENTS, auditing_token, happen, make_operator, read, refusal, serials
from tests.support.configuration import configured
from tests.support.people import PASSWORD, as_user, person, visitor
from tests.tokens.making import named, project_of, seconds_from_now, token_for, with_caveat

pytestmark = pytest.mark.django_db(transaction=True)

HIDDEN = ("authenticated", "credential", "address", "address_pseudonym", "client", "request_id")


@pytest.fixture
def alice() -> User:
    return person()


def test_an_account_reads_what_it_did_and_what_was_done_to_it(api: Api, alice: User) -> None:
    bob = person("bob")
    happen(as_user(alice))
    happen(as_user(bob))
    happen(visitor(), subject=alice.pk)
    happen(as_user(bob), subject=alice.pk)
    token = auditing_token(alice)
    page = read(api, token)
    mine = Entry.objects.filter(actor_id=alice.pk) | Entry.objects.filter(subject_id=alice.pk)
    assert serials(page) == sorted(mine.values_list("serial", flat=True), reverse=True)
    assert page["next"] is None
    assert page["horizon"] == Entry.objects.latest("serial").serial
    assert read(api, token, "scope=account") == page


def test_origins_are_shown_to_those_whom_they_concern(api: Api, alice: User) -> None:  # AU-11
    bob, demo = person("bob"), project_of(alice)
    Role.objects.create(project=demo, user=bob, kind=Role.Kind.MAINTAINER)
    happen(as_user(bob), subject=alice.pk, project="demo")
    happen(visitor("198.51.100.9"), subject=alice.pk)
    stranger, by_bob = read(api, auditing_token(alice), "kind=publisher")["events"]
    assert stranger["address"] == "198.51.100.9"
    assert (by_bob["actor"]["name"], {by_bob[name] for name in HIDDEN}) == ("bob", {""})
    (in_project,) = read(api, auditing_token_of(alice), "scope=project&project=Demo&kind=publisher")["events"]
    assert {in_project[name] for name in HIDDEN} == {""}
    make_operator(alice)
    seen = read(api, auditing_token_of(alice), "scope=all&actor=bob&kind=publisher")["events"]
    assert [event["address"] for event in seen] == ["203.0.113.7"]


def test_owners_do_not_learn_from_where_tokens_of_others_are_used(api: Api, alice: User) -> None:  # AU-11
    bob, demo = person("bob"), project_of(alice)
    Role.objects.create(project=demo, user=bob, kind=Role.Kind.OWNER)
    token_for(bob, name="at home", project=demo, networks=("198.51.100.77/32",))
    query = "scope=project&project=demo&kind=token"
    (by_bob,) = read(api, auditing_token(alice), query)["events"]
    assert (by_bob["actor"]["name"], by_bob["details"]["name"]) == ("bob", "at home")
    assert "198.51.100.77" not in str(by_bob)
    assert [2, [str(demo.public_id)]] in by_bob["details"]["restrictions"]
    (own,) = read(api, auditing_token_of(bob), "kind=token&project=demo")["events"]
    assert ["networks", ["198.51.100.77/32"]] in own["details"]["restrictions"]


def auditing_token_of(user: User) -> str:
    made = token_for(user, name=f"watcher {Entry.objects.count()}", actions=("audit",))
    return str(made.secret)


def test_nobody_finds_out_by_filters_what_is_not_shown(api: Api, alice: User) -> None:  # AU-11
    bob = person("bob")
    project_of(alice)
    happen(as_user(bob), subject=alice.pk, project="demo")
    token = auditing_token(alice)
    for hidden in ("address=203.0.113.7", "request_id=test"):
        assert read(api, token, f"kind=publisher&{hidden}")["events"] == []
        query = f"scope=project&project=demo&{hidden}"
        assert refusal(api, token, query) == (400, "audit_filter_unknown")


def test_owners_read_their_projects_and_nobody_elses(api: Api, alice: User) -> None:
    bob, mallory, demo = person("bob"), person("mallory"), project_of(alice)
    project_of(mallory, "other")
    Role.objects.create(project=demo, user=bob, kind=Role.Kind.MAINTAINER)
    token = auditing_token(alice)
    page = read(api, token, "scope=project&project=DEMO&after=0")
    assert serials(page) == list(Entry.objects.filter(project="demo").values_list("serial", flat=True))
    assert page["events"]
    cases = {"project=other": "project_not_yours", "project=nothing": "project_not_yours", "": None}
    for project, code in cases.items():
        expected = (403, code) if code else (400, "audit_project_missing")
        assert refusal(api, token, f"scope=project&{project}") == expected
    assert refusal(api, auditing_token(bob), "scope=project&project=demo") == (403, "project_not_owned")
    assert refusal(api, auditing_token(mallory), "scope=project&project=demo") == (403, "project_not_yours")
    Role.objects.filter(user=alice).delete()
    assert refusal(api, token, "scope=project&project=demo") == (403, "project_not_yours")


def test_a_token_for_some_projects_reads_the_trail_of_those_alone(api: Api, alice: User) -> None:  # TK-05
    demo, _other = project_of(alice), project_of(alice, "other")
    make_operator(alice)
    whole = auditing_token(alice)
    tokens = [
        auditing_token_for(alice, demo),
        with_caveat(whole, [1, ["demo"]]),
        with_caveat(whole, ["projects", [], ["dem*"]]),
    ]
    for token in tokens:
        assert read(api, token, "scope=project&project=demo")["events"]
        for query in ("scope=project&project=other", "scope=account", "", "scope=all"):
            assert refusal(api, token, query) == (403, "token_scope")
        assert refusal(api, token, path="/api/audit/seals") == (403, "token_scope")
    for caveat in (["version", "1.0"], ["sha256", ["ab" * 32]]):
        for query in ("", "scope=all", "scope=project&project=demo"):
            assert refusal(api, with_caveat(whole, caveat), query) == (403, "token_scope")
    assert not Entry.objects.filter(tag="audit.read").exists()


def auditing_token_for(user: User, project: Project) -> str:
    return str(token_for(user, name="of demo", actions=("audit",), project=project).secret)


def test_a_project_made_again_is_not_the_one_that_a_token_names(api: Api, alice: User) -> None:  # TK-07
    demo = project_of(alice)
    token = auditing_token_for(alice, demo)
    demo.delete()
    project_of(alice)
    assert refusal(api, token, "scope=project&project=demo") == (403, "token_scope")


def test_operators_read_everything_and_that_is_recorded_once_an_hour(api: Api, alice: User) -> None:
    bob = person("bob")
    happen(as_user(bob))
    make_operator(alice)
    token = auditing_token(alice)
    for _ in range(3):
        assert set(serials(read(api, token, "scope=all&limit=1000"))) >= {
            Entry.objects.earliest("serial").serial
        }
    assert api.get("/api/audit/seals", headers=bearer(token)).status_code == 200
    (entry,) = Entry.objects.filter(tag="audit.read")
    assert (entry.outcome, entry.actor_id, entry.subject_id, entry.actor_kind) == (
        "done",
        alice.pk,
        alice.pk,
        "token",
    )
    assert entry.details == {"token": entry.credential}
    assert (entry.address, entry.authenticated) == ("203.0.113.7", "token")
    User.objects.update(is_operator=False)
    for path in (f"{EVENTS}?scope=all", "/api/audit/seals", "/api/audit/seals"):
        assert refused(api.get(path, headers=bearer(token))) == (403, "not_operator")
    (tried,) = Entry.objects.filter(tag="audit.read", outcome="refused")
    assert (tried.reason, tried.actor_id) == ("not_operator", alice.pk)


def test_the_trail_is_read_also_where_nothing_can_be_written(
    api: Api, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_operator(alice)
    token = auditing_token(alice)

    def full(*_: object) -> None:
        raise DatabaseError("read-only")

    monkeypatch.setattr(auditing, "spend", full)
    assert read(api, token, "scope=all")["events"]


def test_what_is_no_token_made_for_the_trail_reads_nothing(
    api: Api, alice: User
) -> None:  # TK-12, TK-20, TK-23
    every = str(token_for(alice, name="every").secret)
    audits = auditing_token(alice)
    cases: list[tuple[dict[str, str], tuple[int, str]]] = [
        ({}, (401, "credentials_missing")),
        ({"Cookie": f"token={audits}"}, (401, "credentials_missing")),
        (basic("alice", PASSWORD), (403, "token_missing")),
        (bearer("strongroom-x"), (403, "token_invalid")),
        (bearer(every), (403, "token_action")),
        (bearer(with_caveat(every, ["actions", ["audit"]])), (403, "token_action")),
        (bearer(with_caveat(audits, ["actions", ["read"]])), (403, "token_action")),
        (bearer(with_caveat(audits, ["networks", ["192.0.2.0/24"]])), (403, "token_network")),
        (bearer(with_caveat(audits, [0, seconds_from_now(-1), 0])), (403, "token_expired")),
        (bearer(with_caveat(audits, ["moon", "full"])), (403, "token_restriction_unknown")),
    ]
    for headers, expected in cases:
        for path in (EVENTS, "/api/audit/head", "/api/audit/seals", f"{EVENTS}?nonsense=1"):
            assert refused(api.get(path, headers=headers)) == expected
    assert api.get(EVENTS, headers=basic("__token__", audits)).status_code == 200


def test_tokens_of_trusted_publishers_read_nothing(api: Api, alice: User) -> None:
    demo = project_of(alice)
    with transaction.atomic():
        made = mint_for_publisher(
            {"name": "github"}, projects=[named(demo)], single_use=False, by=Actor.system()
        )
    for text in (made.secret, with_caveat(made.secret, ["actions", ["audit"]])):
        assert refusal(api, text, "scope=project&project=demo") == (403, "token_action")


def test_those_who_may_not_act_read_nothing(api: Api, alice: User) -> None:  # TK-09, TK-10
    token = auditing_token(alice)
    with configured("sign_in", two_factor="everyone"):
        assert refusal(api, token) == (403, "two_factor_required")
    EmailAddress.objects.update(verified=None)
    assert refusal(api, token) == (403, "email_unverified")
    EmailAddress.objects.update(verified=clock.now())
    User.objects.update(disabled=True)
    assert refusal(api, token) == (403, "account_disabled")
    User.objects.update(disabled=False)
    standing.freeze(alice, clock.now(), by=visitor())
    assert refusal(api, token) == (403, "account_frozen")


def test_every_mistake_is_told_with_its_parameter(api: Api, alice: User) -> None:
    token = auditing_token(alice)
    query = "outcome=maybe&since=soon&limit=1001&after=-1&colour=red&person=bob&address=home"
    answer = api.get(f"{EVENTS}?{query}", headers=bearer(token))
    found = answer.json()
    assert {error["field"]: error["code"] for error in found["errors"]} == {
        "after": "audit_serial_invalid",
        "limit": "audit_limit_invalid",
        "outcome": "audit_outcome_unknown",
        "since": "audit_time_invalid",
        "address": "audit_address_invalid",
        "colour": "audit_filter_unknown",
        "person": "audit_filter_unknown",
    }
    assert refused(answer) == (400, found["code"])
    assert all(error["message"] for error in found["errors"])
    assert refusal(api, token, "after=1&before=2") == (400, "audit_serial_invalid")
    assert refusal(api, token, "limit=1&limit=2") == (400, "body_malformed")
    zone = f"address=fe80::1%25{'x' * 5000}"  # the trail of downloads would keep what was asked for (AU-06)
    assert refusal(api, token, zone) == (400, "audit_address_invalid")
    assert refusal(api, token, "scope=universe") == (400, "audit_scope_unknown")
    make_operator(alice)
    seals = api.get("/api/audit/seals?before=3&limit=0", headers=bearer(token))
    codes = {error["field"]: error["code"] for error in seals.json()["errors"]}
    assert codes == {"before": "audit_filter_unknown", "limit": "audit_limit_invalid"}


def test_pages_go_down_to_the_beginning_and_a_cursor_goes_up_to_the_end(api: Api, alice: User) -> None:
    happen(as_user(alice), times=7)
    token = auditing_token(alice)
    everything = serials(read(api, token))
    down: list[int] = []
    page = read(api, token, "limit=3")
    while page["next"] is not None:
        down += serials(page)
        page = read(api, token, f"limit=3&before={page['next']}")
    assert down + serials(page) == everything
    up: list[int] = []
    page = read(api, token, "after=0&limit=3")
    while page["events"]:
        up += serials(page)
        page = read(api, token, f"after={page['next']}&limit=3")
    assert up == everything[::-1]
    assert page["next"] == page["horizon"] == Entry.objects.latest("serial").serial
    assert read(api, token, f"after={page['next'] + 5}")["next"] == page["next"] + 5


def test_a_filter_moves_the_cursor_past_what_it_leaves_out(api: Api, alice: User) -> None:
    happen(as_user(person("bob")), times=3)
    page = read(api, auditing_token(alice), "after=0&tag=publisher.refused")
    assert (page["events"], page["next"]) == ([], Entry.objects.latest("serial").serial)


def test_whoever_follows_while_others_write_misses_nothing_and_sees_nothing_twice(
    api: Api, alice: User
) -> None:
    make_operator(alice)
    token = auditing_token(alice)
    begun = read(api, token, "scope=all&limit=1")["horizon"]
    done = threading.Event()
    writers = [threading.Thread(target=write(done, alice)) for _ in range(4)]
    for writer in writers:
        writer.start()
    seen, cursor = [], begun
    for turn in count():  # the writers end by themselves
        have_ended = not any(writer.is_alive() for writer in writers)
        page = read(api, token, f"scope=all&tag=publisher.refused&limit=7&after={cursor}")
        assert page["next"] >= cursor
        seen += serials(page)
        cursor = page["next"]
        if turn >= 20 and len(seen) > 20:
            done.set()
        if have_ended and not page["events"]:
            break
    written = Entry.objects.filter(tag="publisher.refused", serial__gt=begun)
    assert seen == sorted(written.values_list("serial", flat=True))
    assert len(seen) > 20


def write(done: threading.Event, user: User) -> Callable[[], None]:
    """Transactions that record two events, with a pause in between, and some that are undone."""

    def run() -> None:
        try:
            turn = 0
            while not done.is_set() and turn < 100:
                turn += 1
                with transaction.atomic():
                    for _ in range(2):
                        trail.record(PublisherRefused(method="test"), by=as_user(user))
                        done.wait(0.002)
                    transaction.set_rollback(turn % 5 == 0)
        finally:
            connections.close_all()

    return run


def test_where_something_writes_for_long_readers_go_as_far_as_the_newest_seal(
    api: Api, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = auditing_token(alice)
    monkeypatch.setattr(horizons, "settled", lambda *, patience: None)
    page = read(api, token, "after=0")
    assert (page["events"], page["next"]) == ([], 0)
    monkeypatch.undo()
    sealing.seal_all()
    sealed = Entry.objects.latest("serial").serial
    monkeypatch.setattr(horizons, "settled", lambda *, patience: None)
    happen(as_user(alice))
    page = read(api, token, "after=0")
    assert page["horizon"] == page["next"] == sealed
    assert max(serials(page)) <= sealed


def test_filters_find_what_they_say(api: Api, alice: User) -> None:
    bob = person("bob")
    make_operator(alice)
    away = Actor(
        kind=ActorKind.USER, origin=Origin("198.51.100.4", "x", "r1"), user_id=bob.pk, username="bob"
    )
    with transaction.atomic():
        event = PublisherRefused(subject_id=alice.pk, project="demo", method="test")
        trail.record(event, by=away, refused="token_action")
    wanted = Entry.objects.latest("serial").serial
    token = auditing_token(alice)
    for query in (
        "actor=bob&kind=publisher", "subject=ALICE&kind=publisher", "person=bob&tag=publisher.refused",
        "project=Demo", "reason=token_action", "address=198.51.100.4", "request_id=r1",
        "outcome=refused&since=2020-01-01", "outcome=refused&until=2200-01-01",
    ):  # fmt: skip
        assert serials(read(api, token, f"scope=all&{query}")) == [wanted], query
        assert serials(read(api, token, f"scope=all&{query}&after=0")) == [wanted], query
    assert read(api, token, "scope=all&since=2200-01-01")["events"] == []
    assert read(api, token, "scope=all&actor=anonymous&kind=publisher")["events"] == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_trail_is_for_reading(api: Api, alice: User, method: str) -> None:
    before = Entry.objects.count()
    answer = api.ask(method, EVENTS, json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert Entry.objects.count() == before
