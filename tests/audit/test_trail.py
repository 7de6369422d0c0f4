"""The audit trail: typed, append-only, written with the effect."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.apps import apps
from django.db import transaction

from strongroom.audit import trail
from strongroom.audit.event import Event
from strongroom.audit.models import AppendOnly, Entry, Seal
from strongroom.kernel.actor import Actor, Origin
from strongroom.kernel.refused import Refused
from tests.architecture.source import modules

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintDried(Event):
    """An event of these tests."""

    tag: ClassVar[str] = "test.paint_dried"
    color: str


MALLORY = Actor.anonymous(
    Origin(
        address="203.0.113.7", client="evil\r\nINFO forged \x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 10**6
    )
)


def test_an_event_keeps_its_author_and_its_declared_fields() -> None:
    trail.record(PaintDried(subject_id=7, project="demo", color="blue"), by=Actor.console())
    entry = Entry.objects.get()
    assert (entry.tag, entry.subject_id, entry.project, entry.details) == (
        "test.paint_dried",
        7,
        "demo",
        {"color": "blue"},
    )
    assert (entry.actor_kind, entry.actor_name, entry.authenticated) == ("operator", "console", "shell")
    assert (entry.outcome, entry.reason) == ("done", "")


def test_a_client_can_not_forge_lines_or_fill_the_table() -> None:  # AU-07
    trail.record(PaintDried(color="blue"), by=MALLORY)
    client = Entry.objects.get().client
    assert len(client) == 200
    assert client.isprintable()


def test_a_refusal_is_recorded_with_its_reason_after_the_rollback() -> None:  # AU-06
    with pytest.raises(Refused), trail.refusals_of(PaintDried(color="red"), by=MALLORY), transaction.atomic():
        trail.record(PaintDried(color="green"), by=MALLORY)
        raise Refused("not_today", "Come back tomorrow.")
    entry = Entry.objects.get()
    assert (entry.outcome, entry.reason, entry.details) == ("refused", "not_today", {"color": "red"})


@pytest.mark.parametrize("typed", ["re\0d", "re\ud800d"])
def test_what_no_database_takes_is_recorded_with_a_mark_in_its_place(typed: str) -> None:  # AU-07
    trail.record(PaintDried(color=typed), by=MALLORY, refused="color_invalid")
    assert Entry.objects.get().details["color"] in {"re\N{REPLACEMENT CHARACTER}d", "re?d"}


def test_a_throttled_attempt_writes_nothing() -> None:  # AU-06
    with pytest.raises(Refused), trail.refusals_of(PaintDried(color="red"), by=MALLORY):
        raise Refused("too_many_attempts", "Later.", retry_after=5)
    assert not Entry.objects.exists()


def test_entries_can_neither_be_changed_nor_deleted() -> None:  # D13
    trail.record(PaintDried(color="blue"), by=MALLORY)
    with pytest.raises(AppendOnly):
        Entry.objects.update(actor_name="somebody else")
    with pytest.raises(AppendOnly):
        Entry.objects.all().delete()
    entry = Entry.objects.get()
    with pytest.raises(AppendOnly):
        entry.delete()
    entry.actor_name = "somebody else"
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly), transaction.atomic():
        Entry.objects.bulk_update([entry], ["actor_name"])
    with pytest.raises(AppendOnly), transaction.atomic():
        Entry.objects.update_or_create({"actor_name": "somebody else"}, serial=entry.serial)
    assert Entry.objects.get().actor_name == ""


def test_nothing_cascades_into_the_trail_and_nothing_hangs_on_it() -> None:  # D13, AU-02
    trail_rows = [*apps.get_app_config("audit").get_models()]
    assert {Entry, Seal} <= {*trail_rows}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation:
                assert model not in trail_rows, field
                assert field.related_model not in trail_rows, field


def test_nobody_goes_round_what_refuses_changes() -> None:  # D13
    ways_round = ("_base_manager", "_raw_delete", "_raw_update", "_do_update")
    assert [one.name for one in modules() if any(way in one.text for way in ways_round)] == []
