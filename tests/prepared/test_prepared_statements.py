"""Prepared statements do what the ORM would do, with every type of value that they take."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.prepared.fetch import Fetch
from strongroom.prepared.insert import insert
from strongroom.prepared.query import Query, Row
from strongroom.prepared.update import update
from strongroom.projects.models import Journal, Project, Release, Role, TakenFilename
from tests.support.people import person
from tests.tokens.making import project_of

pytestmark = pytest.mark.django_db


def by_uuid(public_id: uuid.UUID) -> QuerySet[User, Row]:
    return User.objects.filter(public_id=public_id, disabled=False).values_list(
        "username", "public_id", "created"
    )


def by_name_and_role(name: str, user: int) -> QuerySet[Project, Row]:
    role = Role.objects.filter(project=OuterRef("pk"), user_id=user)
    return Project.objects.filter(normalized=name).values_list("pk", Exists(role))


def test_values_come_back_as_the_orm_gives_them() -> None:
    alice, bob = person(), person("bob")
    query = Query(by_uuid, public_id=uuid.UUID)
    for user in (alice, bob, alice):
        assert query.first(public_id=user.public_id) == (user.username, user.public_id, user.created)
    assert query.first(public_id=uuid.uuid4()) is None


def test_each_value_goes_to_its_own_place() -> None:
    alice, bob = person(), person("bob")
    demo, other = project_of(alice), project_of(bob, "other")
    query = Query(by_name_and_role, name=str, user=int)
    assert query.first(name="demo", user=alice.pk) == (demo.pk, True)
    assert query.first(name="demo", user=bob.pk) == (demo.pk, False)
    assert query.first(name="other", user=bob.pk) == (other.pk, True)


def test_a_value_is_a_value_whatever_it_holds() -> None:
    project_of(person())
    query = Query(by_name_and_role, name=str, user=int)
    for name in ("demo' OR '1'='1", "%", "%s", "\ue000", "\ue0000"):
        assert query.first(name=name, user=1) is None


def test_a_query_is_compiled_once_and_asks_once(django_assert_num_queries: Callable) -> None:
    built = []

    def build(name: str) -> QuerySet[Project, Row]:
        built.append(name)
        return Project.objects.filter(normalized=name).values_list("pk")

    query = Query(build, name=str)
    with django_assert_num_queries(3):
        for _ in range(3):
            query.first(name="demo")
    assert len(built) == 1


def test_a_value_that_is_not_compared_for_equality_is_noticed() -> None:
    query = Query(lambda name: Project.objects.filter(normalized__contains=name).values_list("pk"), name=str)
    with pytest.raises(TypeError):
        query.first(name="demo")


def test_a_row_is_inserted_with_its_key_and_defaults() -> None:
    now = clock.now()
    serial = insert(Journal, project="demo", action="add file", time=now, by="alice")
    row = Journal.objects.get(pk=serial)
    assert (row.project, row.action, row.time, row.by) == ("demo", "add file", now, "alice")
    assert (row.version, row.filename) == ("", "")


def test_json_and_uuids_are_inserted_as_the_orm_does() -> None:
    details = {"text": "ä'\"", "list": [1, None, True], "empty": ""}
    project = insert(
        Project, name="D", normalized="d", lookalike="d", created=clock.now(), updated=clock.now()
    )
    release = insert(Release, project_id=project, version="1", metadata=details, created=clock.now())
    assert Release.objects.get(pk=release).metadata == details
    row = Project.objects.get(pk=project)
    assert Project.objects.filter(public_id=row.public_id).get() == row
    assert (row.size, row.latest_version) == (0, "")


def test_bytes_and_nothing_are_inserted_as_they_are() -> None:
    row = {"time": clock.now(), "tag": "t", "outcome": "done", "actor_kind": "system"}
    entry = Entry.objects.get(pk=insert(Entry, **row, body_salt=b"\0\xff'", body_hash=None))
    assert (bytes(entry.body_salt or b""), entry.body_hash, entry.actor_id) == (b"\0\xff'", None, None)


def test_of_two_rows_with_one_key_the_second_is_left_out_or_raises() -> None:
    row = {"filename": "a-1.tar.gz", "project": "a", "sha256": "0" * 64, "taken": clock.now()}
    assert insert(TakenFilename, unless_taken=True, **row) == "a-1.tar.gz"
    assert insert(TakenFilename, unless_taken=True, **{**row, "sha256": "1" * 64}) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(TakenFilename, **row)
    assert TakenFilename.objects.get().sha256 == "0" * 64


def test_a_column_that_there_is_not_is_noticed() -> None:
    with pytest.raises(TypeError, match="no column size"):
        insert(TakenFilename, filename="a", project="a", sha256="", taken=clock.now(), size=1)
    assert not TakenFilename.objects.exists()


def test_the_samples_do_not_disturb_other_parameters() -> None:
    alice = person()
    query = Query(
        lambda user: User.objects.filter(pk=user, disabled=False, auth_epoch=1).values_list(F("pk") + 0),
        user=int,
    )
    assert query.first(user=alice.pk) == (alice.pk,)


def user_by_id(pk: int) -> QuerySet[User]:
    return User.objects.select_for_update().filter(pk=pk)


def users_of_role(project: int) -> QuerySet[Role]:
    return Role.objects.filter(project_id=project).order_by("-pk")


def test_whole_rows_come_back_as_the_orm_gives_them() -> None:
    alice, bob = person(), person("bob")
    fetch = Fetch(User, user_by_id, pk=int)
    for user in (alice, bob, alice):
        with transaction.atomic():  # what locks needs one
            found = fetch.first(pk=user.pk)
        assert found is not None
        assert {key: value for key, value in vars(found).items() if key != "_state"} == {
            key: value for key, value in vars(User.objects.get(pk=user.pk)).items() if key != "_state"
        }
        found.language = "de"
        found.save()
        assert User.objects.get(pk=user.pk).language == "de"
    with transaction.atomic():
        assert fetch.first(pk=bob.pk + 1) is None


def test_all_rows_come_in_the_order_of_the_queryset() -> None:
    alice = person()
    demo = project_of(alice)
    Role.objects.create(project=demo, user=person("bob"), kind=Role.objects.get().kind)
    fetch = Fetch(Role, users_of_role, project=int)
    assert fetch.all(project=demo.pk) == list(users_of_role(demo.pk))
    assert [role.user.username for role in fetch.all(project=demo.pk)] == ["bob", "alice"]
    assert fetch.all(project=demo.pk + 1) == []


def test_an_update_changes_the_rows_that_fit_and_tells_how_many() -> None:
    alice, bob = person(), person("bob")
    moment = clock.now()
    changes = {"frozen": moment, "language": "%s", "must_enroll": True}
    assert update(User, changes, id=alice.pk, frozen=None) == 1
    assert update(User, changes, id=alice.pk, frozen=None) == 0
    assert update(User, {"language": "x"}, frozen__lt=moment) == 0
    assert update(User, {"language": "x"}, frozen__lt=moment + timedelta(seconds=1), must_enroll=True) == 1
    for user, expected in ((alice, (moment, "x", True)), (bob, (None, "en", False))):
        user.refresh_from_db()
        assert (user.frozen, user.language, user.must_enroll) == expected


def test_an_update_of_a_column_that_is_not_there_is_a_mistake() -> None:
    for changes, where in (({"color": "red"}, {"id": 1}), ({"language": "x"}, {"color": "red"})):
        with pytest.raises(KeyError):
            update(User, changes, **where)
