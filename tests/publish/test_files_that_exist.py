"""A filename stands for one file, for ever."""

from pathlib import Path

import pytest

from strongroom.audit.models import Entry
from strongroom.projects.models import File, Release, TakenFilename
from tests.artifacts.building import build_sdist, build_wheel
from tests.publish.publishing import Press, by_password, left_behind, refusals
from tests.support.people import person, refusal_of

pytestmark = pytest.mark.django_db


def message_of(press: Press, path: Path, **options: object) -> str:
    from strongroom.kernel.refused import Refused

    with pytest.raises(Refused) as caught:
        press.publish(path, **options)
    return caught.value.message


def test_the_same_bytes_again_are_a_success_that_changes_nothing(
    press: Press, tmp_path: Path
) -> None:  # UP-07
    alice = by_password(person())
    wheel = build_wheel(tmp_path)
    press.publish(wheel, by=alice)
    before, entries = left_behind(), Entry.objects.count()
    assert press.publish(wheel, by=alice).serial is None
    assert (left_behind(), Entry.objects.count()) == (before, entries)
    assert press.drafts() == []
    assert press.blobs.has(File.objects.get().sha256)


def test_other_bytes_under_the_name_are_refused(press: Press, tmp_path: Path) -> None:  # UP-07
    alice = by_password(person())
    press.publish(build_wheel(tmp_path), by=alice)
    before = left_behind()
    other = build_wheel(tmp_path, files={"more.py": "1"})
    assert refusal_of(lambda: press.publish(other, by=alice)) == "file_exists"
    assert message_of(press, other, by=alice).startswith("File already exists")
    assert left_behind() == before
    assert refusals() == ["file_exists"] * 2
    assert press.drafts() == []


def test_a_deleted_file_does_not_come_back_under_its_name(press: Press, tmp_path: Path) -> None:  # UP-07, D12
    alice = by_password(person())
    wheel = build_wheel(tmp_path)
    press.publish(wheel, by=alice)
    File.objects.all().delete()
    before = left_behind()
    for path in (wheel, build_wheel(tmp_path, files={"more.py": "1"})):
        assert refusal_of(lambda path=path: press.publish(path, by=alice)) == "filename_taken"
    assert "already exist" in message_of(press, wheel, by=alice)
    assert left_behind() == before


def test_a_release_has_one_source_distribution_however_its_version_is_spelled(
    press: Press, tmp_path: Path
) -> None:
    alice = by_password(person())
    press.publish(build_sdist(tmp_path, version="1.0"), by=alice)
    before = left_behind()
    second = build_sdist(tmp_path, version="1.0.0")
    assert refusal_of(lambda: press.publish(second, by=alice)) == "file_exists"
    assert left_behind() == before
    assert Release.objects.get().files.count() == TakenFilename.objects.count() == 1
