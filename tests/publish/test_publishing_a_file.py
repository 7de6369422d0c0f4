"""A file that is published is there in every respect; one that is refused is there in none."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from strongroom.accounts import standing
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.projects.models import File, Journal, Project, Release, Role, TakenFilename
from strongroom.tokens.revoke import revoke
from tests.artifacts.building import build_sdist, build_wheel
from tests.publish.publishing import Press, by_password, by_token, form_of, left_behind, refusals
from tests.support.configuration import configured
from tests.support.people import as_user, mails, person, refusal_of
from tests.tokens.making import token_for

pytestmark = pytest.mark.django_db

ABOUT = (
    "Summary: Tests\nRequires-Python: >=3.9\nRequires-Dist: six>=1\nDescription-Content-Type: text/markdown"
)


def test_the_first_file_of_a_name_makes_everything(press: Press, tmp_path: Path, mailoutbox: list) -> None:
    alice = person()
    made = token_for(alice, name="ci")
    wheel = build_wheel(tmp_path, name="Demo", metadata_extra=ABOUT, description="# Hello")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()

    published = press.publish(wheel, by=by_token(made.secret))

    assert (published.filename, published.serial) == (wheel.name, Journal.objects.get().serial)
    project = Project.objects.get()
    assert (project.name, project.normalized, project.size) == ("Demo", "demo", wheel.stat().st_size)
    assert (project.latest_version, project.summary) == ("1.0", "Tests")
    role = Role.objects.get()
    assert (role.project, role.user_id, role.kind) == (project, alice.pk, "owner")
    release = Release.objects.get()
    assert (release.project, release.version, release.summary) == (project, "1.0", "Tests")
    assert release.metadata["requires_dist"] == ["six>=1"]
    assert "<h1" in release.description_html
    file = File.objects.get()
    assert (file.release, file.filename, file.kind, file.python_tag) == (
        release,
        wheel.name,
        "bdist_wheel",
        "py3",
    )
    assert (file.size, file.sha256) == (wheel.stat().st_size, sha256)
    assert file.md5 == hashlib.md5(wheel.read_bytes()).hexdigest()
    assert file.blake2_256 == hashlib.blake2b(wheel.read_bytes(), digest_size=32).hexdigest()
    assert (file.requires_python, file.yanked) == (">=3.9", None)
    assert (file.uploader_id, file.uploader_name, file.authenticated) == (alice.pk, "alice", "token")
    assert press.blobs.path(sha256).read_bytes() == wheel.read_bytes()
    assert b"Summary: Tests" in press.blobs.path(file.metadata_sha256).read_bytes()
    assert press.drafts() == []
    taken = TakenFilename.objects.get()
    assert (taken.published_as, taken.sha256, taken.project) == (wheel.name, sha256, "demo")
    journal = Journal.objects.get()
    assert (journal.project, journal.action, journal.version) == ("demo", "add file", "1.0")
    assert (journal.filename, journal.by) == (wheel.name, "alice")
    mail = mails(mailoutbox)[-1]
    assert mail.to == ["alice@example.org"]
    assert "Demo" in mail.subject
    assert wheel.name in mail.body


def test_the_audit_trail_says_who_published_what_and_how(press: Press, tmp_path: Path) -> None:
    alice = person()
    made = token_for(alice)
    wheel = build_wheel(tmp_path)
    press.publish(wheel, by=by_token(made.secret))
    entry = Entry.objects.get(tag="file.uploaded")
    assert (entry.outcome, entry.reason, entry.project, entry.subject_id) == ("done", "", "demo", alice.pk)
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("token", alice.pk, "alice")
    assert (entry.authenticated, entry.credential) == ("token", made.token.short_id)
    assert (entry.address, entry.client, entry.request_id) == ("203.0.113.7", "twine/7.0.0", "test")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert entry.details == {
        "version": "1.0",
        "filename": wheel.name,
        "sha256": sha256,
        "size": wheel.stat().st_size,
    }
    created = Entry.objects.get(tag="project.created")
    assert (created.project, created.subject_id, created.details) == ("demo", alice.pk, {"name": "demo"})


def test_an_sdist_and_wheels_make_one_release(press: Press, tmp_path: Path, mailoutbox: list) -> None:
    alice = by_password(person())
    for path in (
        build_sdist(tmp_path),
        build_wheel(tmp_path),
        build_wheel(tmp_path, tag="cp311-cp311-win_amd64"),
    ):
        press.publish(path, by=alice)
    release = Release.objects.get()
    assert sorted(release.files.values_list("python_tag", flat=True)) == ["cp311", "py3", "source"]
    assert File.objects.get(kind="sdist").metadata_sha256 == ""
    assert Project.objects.get().size == sum(File.objects.values_list("size", flat=True))
    assert len([mail for mail in mails(mailoutbox) if "created" in mail.subject]) == 1


def test_equal_versions_are_one_release(press: Press, tmp_path: Path) -> None:  # UP-43
    alice = by_password(person())
    press.publish(build_wheel(tmp_path, version="1.0"), by=alice)
    press.publish(build_sdist(tmp_path, version="1.0.0"), by=alice)
    assert Release.objects.get().version == "1.0"
    assert File.objects.count() == 2


def test_spellings_of_a_name_are_one_project(press: Press, tmp_path: Path) -> None:  # UP-32
    alice = by_password(person())
    press.publish(build_wheel(tmp_path, name="A.B"), by=alice)
    for version, name in (("2.0", "a-b"), ("3.0", "a__b"), ("4.0", "A_b")):
        press.publish(build_wheel(tmp_path, name=name, version=version), by=alice)
    assert (Project.objects.get().name, Release.objects.count()) == ("A.B", 4)


@pytest.mark.parametrize(
    ("versions", "latest"),
    [
        (["1.0", "2.0"], "2.0"),
        (["2.0", "1.0"], "2.0"),
        (["1.10", "1.9"], "1.10"),
        (["1.0", "2.0rc1"], "1.0"),
        (["2.0rc1", "1.0"], "1.0"),
        (["1.0a1", "1.0b1", "1.0.dev1"], "1.0b1"),
        (["1!0.1", "2.0"], "1!0.1"),
        (["1.0", "1.0.post1"], "1.0.post1"),
    ],
)
def test_visitors_see_the_newest_final_release_first(
    press: Press, tmp_path: Path, versions: list[str], latest: str
) -> None:
    alice = by_password(person())
    for version in versions:
        press.publish(build_wheel(tmp_path, version=version, metadata_extra=f"Summary: {version}"), by=alice)
    project = Project.objects.get()
    assert (project.latest_version, project.summary) == (latest, latest)


def test_an_upload_asks_the_database_little(
    press: Press, tmp_path: Path, django_assert_max_num_queries: Callable
) -> None:
    token = token_for(person()).secret
    press.publish(build_wheel(tmp_path), by=by_token(token))
    wheel = build_wheel(tmp_path, version="2.0")
    with django_assert_max_num_queries(17):  # two that open and close the transaction, and two events
        press.publish(wheel, by=by_token(token))


def broken_wheel(folder: Path) -> Path:
    path = build_wheel(folder)
    path.write_bytes(path.read_bytes()[:-5])
    return path


def test_a_broken_file_leaves_nothing_but_the_refusal(press: Press, tmp_path: Path) -> None:
    wheel = broken_wheel(tmp_path)
    alice = by_password(person())
    before = left_behind()
    code = refusal_of(lambda: press.publish(wheel, by=alice))
    assert code.startswith(("zip_", "archive_"))
    assert left_behind() == before
    assert refusals() == [code]
    assert not press.blobs.has(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert press.drafts() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sha256_digest": "0" * 64}, "digest_mismatch"),
        ({"md5_digest": "0" * 32}, "digest_mismatch"),
        ({"blake2_256_digest": "0" * 64}, "digest_mismatch"),
        ({"version": "1.1"}, "metadata_mismatch"),
        ({"summary": "Another"}, "metadata_mismatch"),
        ({"filetype": "sdist", "pyversion": "source"}, "metadata_mismatch"),
    ],
)
def test_a_form_of_another_file_leaves_nothing(
    press: Press, tmp_path: Path, change: dict[str, str], code: str
) -> None:  # UP-04, UP-20
    wheel = build_wheel(tmp_path, metadata_extra="Summary: Tests")
    alice = by_password(person())
    before = left_behind()
    assert refusal_of(lambda: press.publish(wheel, by=alice, given=form_of(wheel, **change))) == code
    assert left_behind() == before
    assert refusals() == [code]
    assert press.drafts() == []


def test_a_project_takes_no_more_than_its_limit(press: Press, tmp_path: Path) -> None:  # UP-03
    alice = by_password(person())
    first, second = build_wheel(tmp_path), build_wheel(tmp_path, version="2.0")
    press.publish(first, by=alice)
    room = first.stat().st_size + second.stat().st_size
    with configured("uploads", max_project_size=room - 1):
        assert refusal_of(lambda: press.publish(second, by=alice)) == "project_too_large"
    assert (Project.objects.get().size, TakenFilename.objects.count()) == (first.stat().st_size, 1)
    with configured("uploads", max_project_size=room):
        press.publish(second, by=alice)
    assert Project.objects.get().size == room


def test_a_release_is_open_for_fourteen_days(press: Press, tmp_path: Path) -> None:  # UP-42
    alice = by_password(person())
    press.publish(build_wheel(tmp_path), by=alice)
    with clock.shifted(timedelta(days=13, hours=23)):
        press.publish(build_sdist(tmp_path), by=alice)
    late = build_wheel(tmp_path, tag="cp311-cp311-win_amd64")
    before = left_behind()
    with clock.shifted(timedelta(days=14, minutes=1)):
        assert refusal_of(lambda: press.publish(late, by=alice)) == "release_closed"
        assert left_behind() == before
        press.publish(build_wheel(tmp_path, version="1.1"), by=alice)


def test_who_was_disabled_meanwhile_publishes_nothing(press: Press, tmp_path: Path) -> None:  # UP-36, TK-09
    alice = person()
    token, password = by_token(token_for(alice).secret), by_password(alice)
    press.publish(build_wheel(tmp_path), by=token)
    standing.disable(alice, by=Actor.console())
    before = left_behind()
    wheel = build_wheel(tmp_path, version="2.0")
    assert refusal_of(lambda: press.publish(wheel, by=token)) == "account_disabled"
    assert refusal_of(lambda: press.publish(wheel, by=password)) == "credentials_wrong"
    assert left_behind() == before


def test_a_token_revoked_meanwhile_publishes_nothing(press: Press, tmp_path: Path) -> None:  # TK-10
    alice = person()
    made = token_for(alice)
    identity = by_token(made.secret)
    revoke(alice.pk, made.token.pk, by=as_user(alice))
    before = left_behind()
    assert refusal_of(lambda: press.publish(build_wheel(tmp_path), by=identity)) == "token_invalid"
    assert left_behind() == before


def test_a_description_that_cannot_be_rendered_does_not_stop_an_upload(press: Press, tmp_path: Path) -> None:
    # UP-27
    wheel = build_wheel(tmp_path, description="Title\n===\n\n.. include:: /etc/passwd\n")
    press.publish(wheel, by=by_password(person()))
    html = Release.objects.get().description_html
    assert "root:" not in html
    assert html.startswith("<pre")
