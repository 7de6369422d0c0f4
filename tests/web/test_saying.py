"""Every event says in words who did what."""

import json
import re
from typing import Any

import pytest

from docs.generate import events
from strongroom.audit.event import kinds
from strongroom.audit.models import Entry
from strongroom.audit.search import Scope
from strongroom.kernel import clock
from strongroom.web import saying
from tests.support.people import person

FIREFOX = "Firefox/Linux"


def entry(tag: str, **columns: Any) -> Entry:
    """An entry that is in no database."""
    facts = json.dumps(columns.pop("facts", {}))
    return Entry(time=clock.now(), tag=tag, **{"outcome": "done", "facts": facts} | columns)


def said(event: Entry, *, names: dict[int, str] | None = None, shows_origin: bool = True) -> str:
    return saying.sentence(event, names or {}, shows_origin=shows_origin)


def test_every_event_has_sentences_that_its_own_fields_fill() -> None:
    declared = events.declared()
    assert {event.tag for event in declared} == set(kinds())
    for event in declared:
        kind = kinds()[event.tag]
        assert kind.sentence, event.tag
        for sentence in (kind.sentence, kind.own, kind.refused, *kind.because.values()):
            places = set(re.findall(r"%\((\w+)\)s", str(sentence)))
            assert places <= {*event.fields, "actor", "subject", "project", "tag"}, event.tag
            assert not str(sentence).endswith("."), event.tag


def test_a_sentence_names_the_author_the_thing_and_the_client() -> None:
    event = entry(
        "factor.key_added",
        actor_name="alice",
        client_family=FIREFOX,
        personal=json.dumps({"name": "blue"}),
    )
    assert said(event) == "alice added the security key “blue” from Firefox on Linux."
    assert said(event, shows_origin=False) == "alice added the security key “blue”."


def test_what_was_done_to_an_account_names_it() -> None:
    event = entry("account.disabled", actor_name="olga", subject_id=7)
    assert said(event, names={7: "alice"}) == "olga disabled the account of alice."
    assert said(event) == "olga disabled the account of a former user."


def test_what_one_does_with_one_s_own_account_does_not_name_it_twice() -> None:
    own = entry("account.password_changed", actor_name="alice", actor_id=7, subject_id=7)
    other = entry("account.password_changed", subject_id=7)
    assert said(own, names={7: "alice"}) == "alice changed their password."
    assert said(other, names={7: "alice"}) == "Somebody changed the password of alice."


def test_a_refusal_says_what_was_tried() -> None:
    event = entry("session.sign_in", outcome="refused", subject_id=7)
    assert said(event, names={7: "alice"}) == "Somebody tried to sign in as alice and was refused."
    event = entry("session.sign_in", outcome="refused")
    assert said(event) == "Somebody tried to sign in as an unknown user and was refused."


def test_a_client_is_not_read_as_a_part_of_how_it_ended() -> None:
    refused = entry("session.sign_in", outcome="refused", subject_id=7, client_family=FIREFOX)
    assert said(refused, names={7: "alice"}).endswith("alice and was refused (Firefox on Linux).")
    kept = entry("factor.codes_made", actor_name="alice", client_family=FIREFOX)
    new = entry("session.new_browser", actor_name="alice", actor_id=7, subject_id=7, client_family=FIREFOX)
    assert said(new) == "alice signed in, from a new browser (Firefox on Linux)."
    assert said(kept).endswith("; earlier ones are void (Firefox on Linux).")


def test_a_copy_says_of_whose_history_it_was() -> None:
    facts = {"format": "csv", "count": 3, "exact": True}
    own = entry("audit.exported", actor_name="alice", facts={**facts, "scope": "account"})
    of_project = entry(
        "audit.exported", actor_name="alice", project="demo", facts={**facts, "scope": "project"}
    )
    whole = entry("audit.exported", actor_name="alice", facts={**facts, "scope": "everything"})
    assert said(own) == "alice downloaded a copy of their security history with 3 events."
    assert said(of_project) == "alice downloaded a copy of the history of the project demo with 3 events."
    assert said(whole) == "alice took a copy of the audit trail of the whole site with 3 events."


@pytest.mark.parametrize(
    ("columns", "author"),
    [
        ({"actor_kind": "anonymous"}, "Somebody"),
        ({"actor_kind": "system", "actor_name": "system"}, "This site"),
        ({"actor_kind": "operator", "actor_name": "console"}, "An operator at the console"),
        ({"actor_kind": "token", "actor_name": "acme/gizmo"}, "acme/gizmo"),
        ({"actor_kind": "user", "actor_name": "alice", "actor_id": 7}, "alice"),
        ({"actor_kind": "user", "actor_id": 7}, "renamed"),  # the name was deleted, the account is there
        ({"actor_kind": "user", "actor_id": 8}, "A former user"),
        ({"actor_kind": "operator"}, "An operator"),  # the name was deleted with what it did to an account
        ({"actor_kind": "system"}, "This site"),
    ],
)
def test_every_kind_of_author_is_named(columns: dict[str, Any], author: str) -> None:
    event = entry("session.sign_in", **columns)
    assert said(event, names={7: "renamed"}) == f"{author} signed in."


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("", "alice revoked the API token “CI”."),
        ("held", "Somebody who held the API token “CI” of alice revoked it."),
        ("leaked", "The API token “CI” of alice was found where others could read it, and was revoked."),
    ],
)
def test_why_something_happened_is_said_in_words(why: str, sentence: str) -> None:
    event = entry("token.revoked", actor_name="alice", subject_id=7, facts={"name": "CI", "why": why})
    assert said(event, names={7: "alice"}) == sentence


def test_a_level_is_said_in_words() -> None:
    event = entry("uploads.publishing_switched", actor_name="olga", facts={"level": "trusted"})
    assert said(event) == "olga chose what may publish on this site: Trusted publishers only."


def test_a_time_is_said_as_readers_write_it() -> None:
    facts = {"before": "2026-08-23T00:00:00.000000Z", "parts": ["origin"], "kind": ""}
    aged = entry("audit.aged", actor_kind="system", actor_name="system", facts=facts)
    assert (
        said(aged)
        == "This site forgot details of events from before 23 Aug 2026, 00:00 UTC, as they are old."
    )


def test_a_field_that_was_deleted_or_never_recorded_leaves_a_sentence() -> None:
    deleted = entry("factor.key_added", actor_name="", actor_id=7, person_hash=b"\1" * 32, person_salt=None)
    assert said(deleted) == "A former user added the security key “(deleted)”."
    assert said(entry("release.yanked", actor_name="alice", project="box")) == "alice yanked box."


def test_a_content_that_was_deleted_is_said_to_be_so() -> None:
    event = entry("session.sign_in", outcome="", body_hash=b"\1" * 32)
    assert said(event) == "The content of this event was deleted after its retention time (session.sign_in)."


def test_an_event_of_a_later_version_is_still_shown() -> None:
    assert said(entry("moon.landed", actor_name="alice")) == "alice did something else (moon.landed)."
    refused = entry("moon.landed", outcome="refused", client_family=FIREFOX)
    assert (
        said(refused) == "Somebody tried something else and was refused (moon.landed) from Firefox on Linux."
    )


def test_what_strangers_typed_forges_no_line() -> None:  # AU-07
    nasty = "blue\r\nolga disabled\N{RIGHT-TO-LEFT OVERRIDE}\x1b[31m %(actor)s"
    for event in (
        entry("factor.key_added", actor_name="alice", facts={"name": nasty}),
        entry("session.sign_in", actor_name=nasty),
    ):
        assert said(event).isprintable()
    named = entry("account.disabled", subject_id=7, actor_name="olga")
    assert said(named, names={7: nasty}).isprintable()


@pytest.mark.django_db
def test_the_names_of_a_page_are_one_query(django_assert_num_queries: Any) -> None:
    alice, bob = person("alice"), person("bob")
    page = [
        entry("session.sign_in", actor_name="alice", actor_id=alice.pk, subject_id=alice.pk),
        entry("account.disabled", actor_id=bob.pk, subject_id=10**9),
    ]
    with django_assert_num_queries(1):
        assert saying.names_of(page) == {alice.pk: "alice", bob.pk: "bob"}
    with django_assert_num_queries(0):
        assert saying.names_of([entry("session.sign_in", actor_name="x")]) == {}


def test_owners_of_a_project_are_not_shown_the_client() -> None:  # AU-11
    event = entry(
        "file.uploaded",
        actor_name="bob",
        project="box",
        client_family="uv/Linux",
        facts={"filename": "b.whl"},
    )
    assert said(event, shows_origin=Scope(project="box").shows_origin(event)) == "bob published b.whl."
