"""Uploads at the same time come out as if one had come after the other."""

from functools import partial
from pathlib import Path
from shutil import copy

import pytest

from strongroom.audit.models import Entry
from strongroom.kernel.refused import Refused
from strongroom.projects.models import File, Journal, Project, Release, Role, TakenFilename
from strongroom.publish.upload import Published
from tests.artifacts.building import build_sdist, build_wheel
from tests.publish.publishing import Press, by_password, by_token, refusals
from tests.support.configuration import configured
from tests.support.people import at_once, person
from tests.tokens.making import project_of, token_for

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def codes(results: list[Published | Refused]) -> list[str]:
    """The reason codes of those that were refused."""
    return [result.code for result in results if isinstance(result, Refused)]


def test_of_two_people_who_want_a_name_one_gets_it(press: Press, tmp_path: Path) -> None:  # UP-33
    people = [by_password(person(name)) for name in ("alice", "bob", "carol")]
    for number in range(ROUNDS):
        wheels = [
            build_wheel(tmp_path, name=f"p{number}x", version=f"{index}.0") for index in range(len(people))
        ]
        calls = [partial(press.publish, wheel, by=by) for wheel, by in zip(wheels, people, strict=True)]
        assert codes(at_once(calls)) == ["project_not_yours"] * 2
        project = Project.objects.get(normalized=f"p{number}x")
        assert project.roles.count() == File.objects.filter(release__project=project).count() == 1
        assert project.size == File.objects.get(release__project=project).size
    assert TakenFilename.objects.count() == Journal.objects.count() == ROUNDS


def test_of_two_names_that_look_alike_one_is_made(press: Press, tmp_path: Path) -> None:  # UP-32, UP-33
    people = [by_password(person(name)) for name in ("alice", "bob")]
    for number in range(ROUNDS):
        names = (f"demo{number}", f"dem-0{number}")
        wheels = [build_wheel(tmp_path, name=name) for name in names]
        calls = [partial(press.publish, wheel, by=by) for wheel, by in zip(wheels, people, strict=True)]
        assert codes(at_once(calls)) == ["project_name_too_similar"]
    assert Project.objects.count() == File.objects.count() == TakenFilename.objects.count() == ROUNDS


def test_the_same_file_from_many_at_once_is_published_once(press: Press, tmp_path: Path) -> None:  # UP-34
    alice = by_password(person())
    for number in range(ROUNDS):
        wheel = build_wheel(tmp_path, version=f"{number}.0")
        results = at_once([partial(press.publish, wheel, by=alice)] * 4)
        assert codes(results) == []
        assert sum(isinstance(result, Published) and result.serial is not None for result in results) == 1
    assert File.objects.count() == Journal.objects.count() == ROUNDS
    assert Entry.objects.filter(tag="file.uploaded").count() == ROUNDS
    assert Project.objects.get().size == sum(File.objects.values_list("size", flat=True))
    assert press.drafts() == []


def test_of_different_bytes_under_one_name_one_wins(press: Press, tmp_path: Path) -> None:  # UP-34
    alice = by_password(person())
    for number in range(ROUNDS):
        wheels = []
        for index in range(3):
            folder = tmp_path / f"{number}-{index}"
            folder.mkdir()
            built = build_wheel(tmp_path, version=f"{number}.0", files={"more.py": str(index)})
            wheels.append(Path(copy(built, folder)))
        results = at_once([partial(press.publish, wheel, by=alice) for wheel in wheels])
        assert codes(results) == ["file_exists"] * 2
    assert File.objects.count() == TakenFilename.objects.count() == ROUNDS
    assert refusals() == ["file_exists"] * 2 * ROUNDS
    for file in File.objects.all():
        assert press.blobs.has(file.sha256)


def test_ten_files_of_a_new_release_at_once_are_all_published(press: Press, tmp_path: Path) -> None:  # UP-35
    alice = by_token(token_for(person()).secret)
    paths = [build_wheel(tmp_path, tag=f"cp3{minor}-cp3{minor}-win_amd64") for minor in range(6, 15)]
    paths.append(build_sdist(tmp_path))
    assert codes(at_once([partial(press.publish, path, by=alice) for path in paths])) == []
    assert (Project.objects.count(), Release.objects.count(), File.objects.count()) == (1, 1, 10)
    assert Role.objects.count() == 1
    assert Project.objects.get().size == sum(path.stat().st_size for path in paths)


def test_two_source_distributions_at_once_are_one(press: Press, tmp_path: Path) -> None:
    alice = person()
    project_of(alice)
    paths = [build_sdist(tmp_path, version=version) for version in ("1.0", "1.0.0", "1")]
    results = at_once([partial(press.publish, path, by=by_password(alice)) for path in paths])
    assert codes(results) == ["file_exists"] * 2
    assert File.objects.count() == TakenFilename.objects.count() == Release.objects.count() == 1


def test_parallel_uploads_do_not_pass_the_quota_together(
    press: Press, tmp_path: Path
) -> None:  # UP-03, CC-06
    alice = by_password(person())
    press.publish(build_wheel(tmp_path, version="0.1"), by=alice)
    wheels = [build_wheel(tmp_path, version=f"{number}.0") for number in range(1, 7)]
    size = max(wheel.stat().st_size for wheel in wheels)
    with configured("uploads", max_project_size=Project.objects.get().size + 2 * size):
        results = at_once([partial(press.publish, wheel, by=alice) for wheel in wheels])
    assert codes(results) == ["project_too_large"] * 4
    assert Project.objects.get().size == sum(File.objects.values_list("size", flat=True))
    assert File.objects.count() == TakenFilename.objects.count() == 3


def test_serials_follow_the_order_in_which_changes_can_be_seen(press: Press, tmp_path: Path) -> None:  # IX-19
    """Whoever reads the newest serial has seen, or can see, everything up to it."""
    from strongroom.projects.pages import RowPages

    people = [by_password(person(name)) for name in ("alice", "bob", "carol", "dave")]
    seen: list[tuple[str, int]] = []

    def follow() -> None:
        last, rounds = 0, 0
        while len(seen) < 24 and rounds < 20_000:
            rounds += 1
            for name, serial in RowPages().changed_since(last):
                seen.append((name, serial))
                last = serial

    def publish(index: int) -> None:
        for number in range(6):
            press.publish(build_wheel(tmp_path, name=f"p{index}x", version=f"{number}.0"), by=people[index])

    at_once([follow, *(partial(publish, index) for index in range(4))])
    serials = [serial for _, serial in seen]
    assert serials == sorted(serials)
    assert len(set(serials)) == Journal.objects.count() == 24
