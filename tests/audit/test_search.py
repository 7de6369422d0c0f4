"""Who finds what in the trail by asking for it, whatever the faces let them ask."""

from dataclasses import replace

import pytest

from strongroom.accounts.models import User
from strongroom.audit import pseudonyms, search
from strongroom.audit.search import EVERYTHING, Filter, Scope
from tests.support.people import person
from tests.web.trails import happened, somebody, uploaded

pytestmark = pytest.mark.django_db

ADDRESS = "198.51.100.7"
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
