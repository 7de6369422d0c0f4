"""What somebody looks for in the trail, as it is typed."""

from datetime import UTC, datetime

import pytest

from strongroom.audit import event, pseudonyms, query
from strongroom.audit.search import EVERYTHING, Filter, Outcome, Scope
from strongroom.kernel.actor import ActorKind
from strongroom.kernel.refused import Refused

ACCOUNT, PROJECT = Scope(user_id=7), Scope(project="strong-box")


def person(username: str) -> int | None:
    """The cast."""
    return {"alice": 7, "bob": 8}.get(username)


def parsed(scope: Scope = EVERYTHING, **values: str) -> Filter:
    """What is looked for, read by the rules of ``scope``."""
    return query.parse(values, scope, person=person)


def refused(scope: Scope = EVERYTHING, **values: str) -> tuple[str, str | None]:
    """The code, and the parameter at fault."""
    with pytest.raises(Refused) as raised:
        parsed(scope, **values)
    return raised.value.code, raised.value.field


def test_each_parameter_narrows_what_is_looked_for() -> None:
    found = parsed(
        actor="alice",
        subject="bob",
        project="Strong_Box",
        tag="session.sign_in",
        outcome="refused",
        reason="totp_wrong",
        address=" 203.0.113.7 ",
        request_id="0123456789abcdef",
        since="2026-01-31",
        until="2026-01-31 17:30+02:00",
    )
    assert found == Filter(
        actor_id=7,
        subject_id=8,
        project="strong-box",
        tags=("session.sign_in",),
        outcome=Outcome.REFUSED,
        reason="totp_wrong",
        address=pseudonyms.of("203.0.113.7"),
        request_id="0123456789abcdef",
        since=datetime(2026, 1, 31, tzinfo=UTC),
        until=datetime(2026, 1, 31, 15, 30, tzinfo=UTC),
    )


def test_a_date_is_wanted_to_its_end_and_a_time_to_its_beginning() -> None:
    assert parsed(until="2026-01-31").until == datetime(2026, 2, 1, tzinfo=UTC)
    assert parsed(until="2026-01-31T00:00").until == datetime(2026, 1, 31, tzinfo=UTC)


def test_one_day_can_be_asked_for() -> None:
    found = parsed(since="2026-01-31", until="2026-01-31")
    assert (found.since, found.until) == (
        datetime(2026, 1, 31, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
    )


def test_authors_without_an_account_have_names_of_their_own() -> None:
    kinds = {name: parsed(actor=name).actor_kind for name in ("anonymous", "console", "publisher", "system")}
    assert kinds == {
        "anonymous": ActorKind.ANONYMOUS,
        "console": ActorKind.OPERATOR,
        "publisher": ActorKind.TOKEN,
        "system": ActorKind.SYSTEM,
    }


def test_a_kind_stands_for_all_of_its_tags() -> None:
    tags = parsed(kind="session").tags
    assert "session.sign_in" in tags
    assert len(tags) > 1
    assert set(tags) == {tag for tag in event.kinds() if tag.startswith("session.")}


def test_a_tag_of_another_kind_is_found_nowhere() -> None:
    assert parsed(kind="session", tag="session.sign_in").tags == ("session.sign_in",)
    assert parsed(kind="session", tag="email.added").tags == ("",)


def test_empty_parameters_ask_for_nothing() -> None:
    assert parsed(actor="", since=" ", tag="") == Filter()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("actor", "mallory", "audit_person_unknown"),
        ("actor", "\0", "audit_person_unknown"),
        ("subject", "x" * 10**6, "audit_person_unknown"),
        ("person", "system", "audit_person_unknown"),
        ("kind", "paint", "audit_kind_unknown"),
        ("tag", "session", "audit_tag_unknown"),
        ("project", "strong box", "audit_project_invalid"),
        ("project", "x" * 101, "audit_project_invalid"),
        ("outcome", "maybe", "audit_outcome_unknown"),
        ("reason", "TOTP wrong", "audit_reason_invalid"),
        ("address", "203.0.113", "audit_address_invalid"),
        ("address", "203.0.113.0/24", "audit_address_invalid"),
        ("request_id", "' OR 1=1", "audit_request_id_invalid"),
        ("serial", "one", "audit_serial_invalid"),
        ("since", "yesterday", "audit_time_invalid"),
        ("since", "2026-02-30", "audit_time_invalid"),
        ("since", "0001-01-01 00:00+14:00", "audit_time_invalid"),
        ("until", "9999-12-31", "audit_time_invalid"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_at_its_parameter(name: str, value: str, code: str) -> None:
    assert refused(EVERYTHING, **{name: value}) == (code, name)


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    assert refused(since="2026-02-01", until="2026-01-31") == ("audit_times_reversed", "until")


def test_a_parameter_that_is_none_is_refused() -> None:
    assert refused(actr="alice") == ("audit_filter_unknown", "actr")


@pytest.mark.parametrize("name", ["address", "request_id", "subject", "person", "project"])
def test_owners_of_a_project_can_not_ask_for_what_they_may_not_see(name: str) -> None:  # AU-11
    assert refused(PROJECT, **{name: "203.0.113.7"}) == ("audit_filter_unknown", name)


def test_all_mistakes_are_told_at_once_and_the_rest_is_read() -> None:
    found, mistakes = query.read(
        {"actor": "mallory", "since": "soon", "outcome": "done"}, ACCOUNT, person=person
    )
    assert [(mistake.code, mistake.field) for mistake in mistakes] == [
        ("audit_person_unknown", "actor"),
        ("audit_time_invalid", "since"),
    ]
    assert found == Filter(outcome=Outcome.DONE)


def test_a_place_is_before_or_after_a_serial() -> None:
    assert query.place({}) == query.Place(limit=50)
    assert query.place({"before": "12", "limit": "1000"}) == query.Place(before=12, limit=1000)
    assert query.place({"after": "0"}) == query.Place(after=0)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"before": "-1"}, "audit_serial_invalid", "before"),
        ({"before": "٣"}, "audit_serial_invalid", "before"),
        ({"after": str(2**63)}, "audit_serial_invalid", "after"),
        ({"after": "9" * 5000}, "audit_serial_invalid", "after"),
        ({"before": "9", "after": "2"}, "audit_serial_invalid", "after"),
        ({"limit": "0"}, "audit_limit_invalid", "limit"),
        ({"limit": "1001"}, "audit_limit_invalid", "limit"),
        ({"limit": "9" * 5000}, "audit_limit_invalid", "limit"),
    ],
)
def test_a_place_that_is_none_is_refused(values: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(Refused) as raised:
        query.place(values)
    assert (raised.value.code, raised.value.field) == (code, field)
