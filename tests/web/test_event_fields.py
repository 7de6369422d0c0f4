"""The fields of an event in words."""

import uuid
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from strongroom.audit.event import kinds
from strongroom.kernel import clock
from strongroom.kernel.names import normalize
from strongroom.tokens.restrictions import NamedProject, Restrictions
from strongroom.web.audit.fields import NAMES, fields_of

OWN_COLUMNS = {"subject_id", "project"}
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def said(name: str, value: Any, *, tag: str = "", project: str = "") -> list[str]:
    (field,) = fields_of(tag, {name: value}, project=project)
    return field.says


def test_every_field_of_every_event_has_a_name_in_words() -> None:
    declared = {field.name for kind in kinds().values() for field in fields(kind)} - OWN_COLUMNS
    assert set(NAMES) == declared


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("count", 3, ["3"]),
        ("left", 0, ["0"]),
        ("seals", True, ["yes"]),
        ("active", False, ["no"]),
        ("events", ["release", "file.uploaded"], ["release, file.uploaded"]),
        ("settings", {"server.port": 8000, "audit.syslog": True}, ["server.port: 8000", "audit.syslog: yes"]),
        ("method", "password+totp", ["password and code"]),
        ("database", "postgresql", ["PostgreSQL"]),
    ],
)
def test_a_value_is_said_as_people_say_it(name: str, value: Any, words: list[str]) -> None:
    assert said(name, value) == words


def test_times_and_levels_are_said_in_words_and_what_somebody_typed_is_not() -> None:
    moment, level = "2026-01-31T12:00:00.000001Z", "trusted"
    assert said("before", moment, tag="audit.aged") == ["31 Jan 2026, 12:00 UTC"]
    assert said("before", level, tag="uploads.publishing_switched") == ["Trusted publishers only"]
    for typed in (moment, level):
        assert said("before", typed, tag="factor.key_renamed") == [typed]
    assert said("before", "later", tag="audit.aged") == ["later"]


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_a_field_that_says_nothing_is_left_out(value: Any) -> None:
    assert fields_of("token.revoked", {"why": value}, project="") == []


def test_a_field_of_a_later_version_keeps_its_name() -> None:
    (field,) = fields_of("moon.landed", {"moon": "full"}, project="")
    assert (field.name, field.says) == ("moon", ["full"])


def test_what_strangers_typed_forges_no_line() -> None:  # AU-07
    nasty = "blue\r\nolga disabled\N{RIGHT-TO-LEFT OVERRIDE}\x1b[31m"
    for value in (nasty, [nasty, "x"], {nasty: nasty}, {"x": [nasty]}, [["networks", [nasty]]]):
        for name in ("name", "restrictions"):
            assert all(line.isprintable() for line in said(name, value)), value


def test_what_a_token_may_do_is_told_as_on_the_page_of_tokens() -> None:
    limits = Restrictions(
        projects=(named("demo"),), expires=datetime(2026, 6, 1, tzinfo=UTC), networks=("192.0.2.0/24",)
    )
    with clock.frozen(NOON):
        assert said("restrictions", limits.caveats(), project="demo") == [
            "For the project demo.",
            "It may upload, yank and read.",
            "Only from 192.0.2.0/24.",
            "It works through 31 May 2026 (UTC).",
        ]


def test_a_token_for_many_projects_is_told_once_for_each() -> None:
    limits = Restrictions(projects=(named("demo"), named("box")))
    assert said("restrictions", limits.caveats(), project="demo")[0] == "For the projects demo and others."


def test_restrictions_of_a_later_version_are_shown_as_they_are() -> None:
    assert said("restrictions", [["moon", "full"]]) == ["['moon', 'full']"]


def named(name: str) -> NamedProject:
    return NamedProject(id=1, public_id=uuid.uuid4(), name=normalize(name))
