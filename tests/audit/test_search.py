"""Who finds what in the trail by asking for it, whatever the faces let them ask."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from strongroom.accounts.models import User
from strongroom.audit import pseudonyms, search
from strongroom.audit.search import EVERYTHING, Filter, Scope
from strongroom.kernel.actor import ActorKind
from tests.support.people import person
from tests.web.trails import happened, somebody, uploaded

pytestmark = pytest.mark.django_db

ADDRESS = "198.51.100.7"
PSEUDONYM = "0123456789abcdef"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
REQUEST = "00c0ffee00c0ffee"
BY_ORIGIN = ("address", "request_id")


@pytest.fixture
def alice(db: None) -> User:
    return person()


def from_there(name: str) -> Filter:
    return Filter(address=pseudonyms.of(ADDRESS)) if name == "address" else Filter(request_id=REQUEST)


def found(scope: Scope, wanted: Filter) -> list[int]:
    """What is found newest first, oldest first and as a whole is the same."""
    newest = [entry.serial for entry in search.newest(scope, wanted)]
    assert newest == [entry.serial for entry in search.oldest(scope, wanted)][::-1]
    assert newest == [entry.serial for entry in search.everything(scope, wanted)][::-1]
    return newest


@pytest.mark.parametrize("name", BY_ORIGIN)
def test_owners_of_a_project_find_nothing_by_where_it_came_from(name: str) -> None:  # AU-11
    wanted = from_there(name)
    serial = happened(uploaded("a.whl", project="box"), by=somebody(address=ADDRESS))
    assert found(EVERYTHING, wanted) == [serial]
    assert found(Scope(project="box"), Filter()) == [serial]
    assert found(Scope(project="box"), wanted) == []


@pytest.mark.parametrize("name", BY_ORIGIN)
def test_people_find_by_where_it_came_from_what_they_did_and_what_strangers_did_to_them(  # AU-11
    alice: User, name: str
) -> None:
    wanted = from_there(name)
    about = replace(uploaded("a.whl"), subject_id=alice.pk)
    own = happened(uploaded("b.whl"), by=somebody(alice, address=ADDRESS))
    by_stranger = happened(about, by=somebody(address=ADDRESS))
    by_bob = happened(about, by=somebody(person("bob"), address=ADDRESS))
    assert set(found(Scope(user_id=alice.pk), Filter(tags=("file.uploaded",)))) == {own, by_stranger, by_bob}
    assert found(Scope(user_id=alice.pk), wanted) == [by_stranger, own]


def test_an_entry_of_which_one_is_author_and_subject_is_found_once(alice: User) -> None:
    serial = happened(replace(uploaded("a.whl"), subject_id=alice.pk), by=somebody(alice))
    assert found(Scope(user_id=alice.pk), Filter(tags=("file.uploaded",))) == [serial]
    assert found(EVERYTHING, Filter(person_id=alice.pk, tags=("file.uploaded",))) == [serial]


def test_alternatives_are_found_in_one_order() -> None:
    serials = [happened(uploaded(f"{number}.whl"), by=somebody()) for number in range(3)]
    several = Filter(tags=("file.uploaded", "session.sign_in"))
    assert found(EVERYTHING, several) == serials[::-1]
    assert [entry.serial for entry in search.newest(EVERYTHING, several, limit=2)] == serials[:0:-1]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("scope", "wanted", "index"),
    [
        (Scope(user_id=1), Filter(address=PSEUDONYM, since=NOON), "audit_by_address"),
        (EVERYTHING, Filter(address=PSEUDONYM, reason="credentials_wrong"), "audit_by_address"),
        (EVERYTHING, Filter(address=PSEUDONYM, tags=("file.uploaded",), until=NOON), "audit_by_address"),
        (EVERYTHING, Filter(actor_kind=ActorKind.TOKEN, tags=("session.sign_in",)), "audit_nameless"),
        (Scope(project="demo"), Filter(actor_id=1, tags=("file.uploaded",), until=NOON), "audit_by_actor"),
    ],
)
def test_the_planner_walks_the_index_that_holds_the_least(scope: Scope, wanted: Filter, index: str) -> None:
    """Among a million entries another one takes half a second instead of milliseconds."""
    for branch in search.branches(scope, wanted):
        assert f" {index} " in branch.order_by("-serial").values_list("serial")[:50].explain()
