"""Finding projects, as pages show them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from strongroom.accounts.models import User
from strongroom.artifacts.facts import Metadata
from strongroom.kernel import clock
from strongroom.kernel.names import normalize
from strongroom.projects import create, find, journal, releases
from strongroom.projects.claim import claim
from strongroom.projects.models import File, Journal, Project, Release, Role, UploadPolicy
from strongroom.projects.names import lookalike_key
from tests.support.people import as_user, person
from tests.tokens.making import project_of

pytestmark = pytest.mark.django_db


def release_of(project: Project, owner: User, version: str, *, summary: str = "") -> int:
    held = claim(project.pk, user_id=owner.pk, size=0, limit=10)
    metadata = Metadata(metadata_version="2.1", name=project.name, version=version, summary=summary)
    return releases.find_or_add(held, version, metadata, description_html="", by=as_user(owner))


def test_a_page_leads_with_the_latest_release_and_lists_all() -> None:
    alice, bob = person(), person("bob")
    project = project_of(alice, "My.Demo")
    Role.objects.create(project=project, user=bob, kind="maintainer")
    with transaction.atomic():
        for version in ("1.0", "1.10", "1.9", "2.0rc1"):
            release_of(project, alice, version, summary=f"About {version}")
    view = find.page("my_demo")
    assert view is not None
    assert (view.project.name, view.release.version, view.is_latest) == ("My.Demo", "1.10", True)
    assert [release.version for release in view.releases] == ["2.0rc1", "1.10", "1.9", "1.0"]
    assert (view.owners, view.maintainers) == (["alice"], ["bob"])
    assert view.release.metadata["summary"] == "About 1.10"


def test_a_page_shows_the_release_that_was_asked_for_in_any_spelling() -> None:
    alice = person()
    project = project_of(alice)
    with transaction.atomic():
        release_of(project, alice, "1.0")
        release_of(project, alice, "2.0")
    for version in ("1.0", "1.0.0", "v1"):
        view = find.page("demo", version)
        assert view is not None
        assert (view.release.version, view.is_latest) == ("1.0", False)
    for version in ("3.0", "nonsense", "1.0\0", "x" * 5000):
        assert find.page("demo", version) is None


@pytest.mark.parametrize("name", ["nothing", "", "a\0b", "x" * 5000, "démo"])
def test_a_page_of_no_project_is_none(name: str) -> None:
    project_of(person())
    assert find.page(name) is None


def test_a_project_without_a_release_has_no_page() -> None:
    project_of(person())
    assert find.page("demo") is None


def test_people_see_the_projects_in_which_they_have_a_role() -> None:
    alice, bob = person(), person("bob")
    project_of(alice, "zeta")
    shared = project_of(alice, "alpha")
    Role.objects.create(project=shared, user=bob, kind="maintainer")
    assert [project.name for project in find.of_user(alice.pk)] == ["alpha", "zeta"]
    assert [project.name for project in find.of_user(bob.pk)] == ["alpha"]


def test_search_looks_at_names_and_summaries() -> None:
    alice = person()
    for name, summary in (("numbers", "Counts 100% of things"), ("num_py-like", "Arrays"), ("other", "")):
        project = project_of(alice, name)
        Project.objects.filter(pk=project.pk).update(summary=summary)
    assert names_for("num") == ["num_py-like", "numbers"]
    assert names_for("NUM.PY") == ["num_py-like"]
    assert names_for("arrays") == ["num_py-like"]
    assert names_for("num counts") == ["numbers"]
    assert names_for("") == ["num_py-like", "numbers", "other"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("%", ["numbers"]),
        ("_", []),
        ("100%", ["numbers"]),
        ("\\", []),
        ("'", []),
        ("\0", ["numbers", "other"]),
    ],
)
def test_search_takes_wildcards_as_what_they_are(text: str, names: list[str]) -> None:
    alice = person()
    for name, summary in (("numbers", "Counts 100% of things"), ("other", "Nothing")):
        project = project_of(alice, name)
        Project.objects.filter(pk=project.pk).update(summary=summary)
    assert names_for(text) == names


def names_for(text: str) -> list[str]:
    return [project.name for project in find.search(text, 1).projects]


def test_search_comes_in_pages() -> None:
    alice = person()
    for number in range(find.PAGE_SIZE + 1):
        project_of(alice, f"p{number:03}x")
    first, second, third = (find.search("p", page) for page in (1, 2, 3))
    assert (len(first.projects), first.has_more) == (find.PAGE_SIZE, True)
    assert ([project.name for project in second.projects], second.has_more) == (
        [f"p{find.PAGE_SIZE:03}x"],
        False,
    )
    assert (third.projects, third.has_more) == ([], False)


def test_the_newest_releases_come_first() -> None:
    alice = person()
    for number, name in enumerate(("first", "second", "third")):
        with clock.shifted(timedelta(minutes=number)), transaction.atomic():
            release_of(project_of(alice, name), alice, "1.0")
    assert [project.name for project in find.newest(2)] == ["third", "second"]
    assert find.counts() == find.Counts(projects=3, releases=3, files=0)


def test_what_looks_alike_has_one_key() -> None:  # UP-32
    assert lookalike_key(normalize("Oil.Lamp")) == lookalike_key(normalize("0i1-1amp")) == "0111amp"
    assert lookalike_key(normalize("demo")) != lookalike_key(normalize("demos"))


def test_the_constraints_hold_by_themselves() -> None:
    alice = person()
    project = project_of(alice)
    with transaction.atomic():
        release_id = release_of(project, alice, "1.0")
    now = clock.now()
    base = {
        "release_id": release_id,
        "size": 1,
        "uploaded": now,
        "uploader_name": "alice",
        "authenticated": "token",
    }
    File.objects.create(**base, filename="demo-1.0.tar.gz", kind="sdist", sha256="0" * 64)
    broken = [
        lambda: File.objects.create(**base, filename="demo-1.0.0.tar.gz", kind="sdist", sha256="1" * 64),
        lambda: File.objects.create(**base, filename="demo-1.0.tar.gz", kind="bdist_wheel", sha256="1" * 64),
        lambda: File.objects.create(**base, filename="demo-1.0.egg", kind="bdist_egg", sha256="1" * 64),
        lambda: File.objects.create(**{**base, "size": 0}, filename="x.whl", kind="bdist_wheel"),
        lambda: Release.objects.create(project=project, version="1.0.0", key="1", created=now),
        lambda: Role.objects.create(project=project, user=alice, kind="maintainer"),
        lambda: Role.objects.create(project=project, user=person("bob"), kind="admin"),
        lambda: Project.objects.filter(pk=project.pk).update(size=-1),
        lambda: UploadPolicy.objects.create(pk=2),
        lambda: Project.objects.create(
            name="DEMO", normalized="demo", lookalike="x", created=now, updated=now
        ),
    ]
    for number, violate in enumerate(broken):
        with pytest.raises(IntegrityError), transaction.atomic():
            violate()
            pytest.fail(f"nothing stopped number {number}")
    assert File.objects.count() == 1


def test_who_comes_second_to_a_name_gets_no_role_in_it() -> None:  # UP-33
    alice, mallory = person(), person("mallory")
    first = project_of(alice)
    again = create.create(normalize("demo"), name="demo", owner_id=mallory.pk, by=as_user(mallory))
    assert again == (first.pk, False)
    assert [role.user_id for role in Role.objects.all()] == [alice.pk]


def test_the_journal_counts_upwards_and_names_its_author() -> None:
    alice = as_user(person())
    with transaction.atomic():
        serials = [
            journal.append("demo", "add file", version="1.0", filename=str(n), by=alice) for n in range(3)
        ]
    assert serials == sorted(set(serials))
    row = Journal.objects.get(serial=serials[-1])
    assert (row.project, row.action, row.version, row.filename, row.by) == (
        "demo",
        "add file",
        "1.0",
        "2",
        "alice",
    )
