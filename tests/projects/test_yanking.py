"""What is yanked is passed over by installers, shown as such, and never lost."""

import pytest
from django.db import transaction

from strongroom.accounts.models import User
from strongroom.artifacts.facts import Metadata
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.projects import yank
from strongroom.projects.claim import Claim, claim
from strongroom.projects.models import File, Journal, Project, Release
from strongroom.projects.releases import find_or_add
from strongroom.projects.yank import MAX_REASON, Order
from tests.support.people import as_user, person, refusal_of
from tests.web.content import publish

pytestmark = pytest.mark.django_db


def hold(project: Project) -> Claim:
    return claim(project.pk, user_id=None, size=0, limit=10**9)


def carry_out(project: Project, **asked: object) -> int | None:
    order = Order(**{"project": project.normalized, "version": "1.0", **asked})  # type: ignore[arg-type]
    with transaction.atomic():
        target = yank.target_of(project.pk, order)
        return yank.carry_out(
            order, target, held=hold(project), by=as_user(User.objects.get(username="alice"))
        )


def marks(project: Project) -> dict[str, str | None]:
    return dict(File.objects.filter(release__project=project).values_list("release__version", "yanked"))


def shown(project: Project) -> tuple[str, str]:
    project.refresh_from_db()
    return project.latest_version, project.summary


def with_versions(*versions: str) -> Project:
    return publish(person("alice"), versions=versions)


def add_file(project: Project, version: str = "1.0") -> File:
    """An sdist beside the wheel."""
    wheel = File.objects.get(release__project=project, release__version=version)
    wheel.pk, wheel.kind, wheel.filename, wheel.sha256 = (
        None,
        "sdist",
        f"strong_box-{version}.tar.gz",
        "d4" * 32,
    )
    wheel.save(force_insert=True)
    return wheel


def test_a_yanked_release_has_all_of_its_files_marked_and_one_row_in_the_journal() -> None:
    project = with_versions("1.0", "1.1")
    add_file(project)
    serial = carry_out(project, reason="breaks on Windows")
    assert set(File.objects.filter(release__version="1.0").values_list("yanked", flat=True)) == {
        "breaks on Windows"
    }
    assert set(File.objects.filter(release__version="1.1").values_list("yanked", flat=True)) == {None}
    row = Journal.objects.get()
    assert (row.serial, row.project, row.action, row.version, row.filename, row.by) == (
        serial, "strong-box", "yank release", "1.0", "", "alice",
    )  # fmt: skip
    event = Entry.objects.get(tag="release.yanked")
    assert (event.outcome, event.project, event.details) == (
        "done", "strong-box", {"version": "1.0", "filename": "", "reason": "breaks on Windows"},
    )  # fmt: skip


def test_one_file_can_be_yanked_alone() -> None:
    project = with_versions("1.0")
    sdist = add_file(project)
    carry_out(project, filename=sdist.filename)
    assert dict(File.objects.values_list("filename", "yanked")) == {
        sdist.filename: "", "strong-box-1.0-py3-none-any.whl": None,
    }  # fmt: skip
    assert Journal.objects.get().action == "yank file"
    assert Entry.objects.get(tag="release.yanked").details["filename"] == sdist.filename


def test_unyanking_takes_every_mark_away() -> None:
    project = with_versions("1.0")
    carry_out(project, reason="oops")
    carry_out(project, yanked=False)
    assert marks(project) == {"1.0": None}
    assert list(Journal.objects.order_by("serial").values_list("action", flat=True)) == [
        "yank release", "unyank release",
    ]  # fmt: skip
    assert Entry.objects.get(tag="release.unyanked").details == {"version": "1.0", "filename": ""}


@pytest.mark.parametrize("before", [{"reason": "broken"}, {"yanked": False}])
def test_what_is_so_already_writes_nothing(before: dict[str, object]) -> None:
    project = with_versions("1.0")
    carry_out(project, **before)
    rows = (Journal.objects.count(), Entry.objects.count())
    assert carry_out(project, **before) is None
    assert (Journal.objects.count(), Entry.objects.count()) == rows


def test_another_reason_replaces_the_first() -> None:
    project = with_versions("1.0")
    carry_out(project)
    assert carry_out(project, reason="broken") is not None
    assert marks(project) == {"1.0": "broken"}


def test_a_release_is_found_by_any_spelling_of_its_version() -> None:
    project = with_versions("1.0")
    carry_out(project, version="v1.0.0")
    assert marks(project) == {"1.0": ""}
    assert Journal.objects.get().version == "1.0"


@pytest.mark.parametrize("version", ["2.0", "", "no version", "1.0\0", "1" * 5000])
def test_an_unknown_release_is_refused(version: str) -> None:
    project = with_versions("1.0")
    assert refusal_of(lambda: carry_out(project, version=version)) == "release_unknown"
    assert marks(project) == {"1.0": None}


@pytest.mark.parametrize("filename", ["strong-box-1.1-py3-none-any.whl", "\0", "../x"])
def test_an_unknown_file_is_refused(filename: str) -> None:
    project = with_versions("1.0", "1.1")
    assert refusal_of(lambda: carry_out(project, filename=filename)) == "file_unknown"
    assert marks(project) == {"1.0": None, "1.1": None}


@pytest.mark.parametrize(
    "reason", ["x" * (MAX_REASON + 1), "two\nlines", "\x1b[2J", "\u202eright", "\0", "\ud800"]
)
def test_a_reason_that_no_terminal_should_print_is_refused(reason: str) -> None:
    order = Order(project="strong-box", version="1.0", reason=reason)
    assert refusal_of(lambda: yank.require_sound(order)) == "yank_reason_invalid"


def test_the_longest_reason_is_taken() -> None:
    yank.require_sound(Order(project="strong-box", version="1.0", reason="ü" * MAX_REASON))


def test_visitors_see_the_newest_release_that_is_not_yanked() -> None:
    project = with_versions("1.0", "1.1")
    Release.objects.filter(version="1.0").update(summary="The older one")
    carry_out(project, version="1.1")
    assert shown(project) == ("1.0", "The older one")
    carry_out(project, version="1.1", yanked=False)
    assert shown(project) == ("1.1", "Keeps things safe")


def test_where_all_is_yanked_visitors_see_the_newest_of_all() -> None:
    project = with_versions("1.0", "1.1")
    carry_out(project, version="1.1")
    carry_out(project, version="1.0")
    assert shown(project)[0] == "1.1"


def test_a_release_stays_the_latest_as_long_as_one_of_its_files_can_be_installed() -> None:
    project = with_versions("1.0", "1.1")
    sdist = add_file(project, "1.1")
    carry_out(project, version="1.1", filename=sdist.filename)
    assert shown(project)[0] == "1.1"


def test_an_older_version_published_after_the_latest_was_yanked_is_shown() -> None:
    project = with_versions("2.0")
    carry_out(project, version="2.0")
    with transaction.atomic():
        find_or_add(
            hold(project),
            "1.5",
            Metadata(metadata_version="2.1", name="Strong.Box", version="1.5"),
            description_html="",
            by=Actor.console(),
        )
    assert shown(project)[0] == "1.5"
