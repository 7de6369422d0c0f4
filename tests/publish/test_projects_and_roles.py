"""Who may publish where, and which names are free."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db.models import ProtectedError

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.projects.models import Project, Role
from strongroom.publish.identity import Identity
from strongroom.publish.permission import permit
from strongroom.publish.upload import upload
from tests.artifacts.building import build_wheel
from tests.publish.publishing import Press, by_password, by_token, elsewhere, form_of, left_behind, refusals
from tests.support.people import person, refusal_of
from tests.tokens.making import project_of, token_for

pytestmark = pytest.mark.django_db


def permitted(name: str, by: Identity) -> str | None:
    """The reason code, ``None`` where it is permitted."""
    try:
        permit(name, filename="f", by=by)
    except Refused as refused:
        return refused.code
    return None


def test_owners_and_maintainers_publish_and_nobody_else(press: Press, tmp_path: Path) -> None:
    alice, bob, mallory = person(), person("bob"), person("mallory")
    press.publish(build_wheel(tmp_path), by=by_password(alice))
    Role.objects.create(project=Project.objects.get(), user=bob, kind="maintainer")
    press.publish(build_wheel(tmp_path, version="2.0"), by=by_password(bob))
    before = left_behind()
    wheel = build_wheel(tmp_path, version="3.0")
    for name in ("demo", "Demo", "d.e.m.o", "DEMO"):
        given = form_of(wheel, name=name)
        code = "project_name_too_similar" if name == "d.e.m.o" else "project_not_yours"
        assert refusal_of(partial(press.publish, wheel, by=by_password(mallory), given=given)) == code
    assert left_behind() == before
    entry = Entry.objects.filter(tag="file.uploaded", outcome="refused").latest("serial")
    assert (entry.reason, entry.subject_id, entry.project) == ("project_not_yours", mallory.pk, "demo")


def test_who_lost_the_role_meanwhile_publishes_nothing(press: Press, tmp_path: Path) -> None:  # UP-36
    alice, bob = person(), person("bob")
    press.publish(build_wheel(tmp_path), by=by_password(alice))
    role = Role.objects.create(project=Project.objects.get(), user=bob, kind="maintainer")
    wheel = build_wheel(tmp_path, version="2.0")
    place = permit("demo", filename=wheel.name, by=by_password(bob))
    role.delete()
    before = left_behind()
    with press.blobs.draft() as draft:
        draft.write(wheel.read_bytes())
        late = partial(upload, form_of(wheel), draft, place=place, blobs=press.blobs, by=by_password(bob))
        assert refusal_of(late) == "project_not_yours"
    assert left_behind() == before
    assert refusals() == ["project_not_yours"]


@pytest.mark.parametrize(
    ("taken", "asked"),
    [
        ("demo", "dem0"),
        ("demo", "d-e-m-o"),
        ("ilo", "1l0"),
        ("ilo", "LI-O"),
        ("oil-lamp", "0ii1amp"),
        ("a-b", "ab"),
    ],
)
def test_a_name_that_looks_like_another_is_refused(taken: str, asked: str) -> None:  # UP-32
    alice = person()
    project_of(alice, taken)
    assert permitted(asked, by_password(alice)) == "project_name_too_similar"
    assert permitted(asked, by_password(person("bob"))) == "project_name_too_similar"
    assert Project.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "project_name_invalid"),
        ("-a", "project_name_invalid"),
        ("a b", "project_name_invalid"),
        ("démo", "project_name_invalid"),
        ("а", "project_name_invalid"),  # noqa: RUF001  (a Cyrillic letter)
        ("x" * 101, "project_name_invalid"),
        ("a\0b", "project_name_invalid"),
        ("../x", "project_name_invalid"),
        ("json", "project_name_stdlib"),
        ("Concurrent", "project_name_stdlib"),
        ("_thread", "project_name_invalid"),
        ("zzz", None),
        ("A.b_C-9", None),
    ],
)
def test_a_new_name_is_one_that_everybody_can_read_and_import(name: str, code: str | None) -> None:  # UP-32
    assert permitted(name, by_password(person())) == code
    assert not Project.objects.exists()


def test_a_token_for_one_project_publishes_to_it_alone(press: Press, tmp_path: Path) -> None:  # TK-06
    alice = person()
    demo = project_of(alice)
    project_of(alice, "other")
    token = by_token(token_for(alice, project=demo).secret)
    press.publish(build_wheel(tmp_path, name="Demo"), by=token)
    before = left_behind()
    for name in ("other", "brand-new"):
        wheel = build_wheel(tmp_path, name=name)
        assert refusal_of(lambda wheel=wheel: press.publish(wheel, by=token)) == "token_scope"
    assert left_behind() == before
    assert refusals() == ["token_scope"] * 2


def test_a_form_can_not_lead_a_token_to_another_project(press: Press, tmp_path: Path) -> None:  # TK-06
    alice = person()
    demo = project_of(alice)
    project_of(alice, "other")
    token = by_token(token_for(alice, project=demo).secret)
    wheel = build_wheel(tmp_path, name="other")
    before = left_behind()
    assert (
        refusal_of(lambda: press.publish(wheel, by=token, given=form_of(wheel, name="demo")))
        == "metadata_mismatch"
    )
    assert left_behind() == before


def test_a_person_makes_twenty_projects_an_hour(press: Press, tmp_path: Path) -> None:  # RL-11
    alice = by_password(person())
    with clock.frozen(clock.now()):
        for number in range(20):
            press.publish(build_wheel(tmp_path, name=f"p{number:02}x"), by=alice)
        one_more = build_wheel(tmp_path, name="one-more")
        before = left_behind()
        assert refusal_of(lambda: press.publish(one_more, by=alice)) == "too_many_attempts"
        assert left_behind() == before
        press.publish(build_wheel(tmp_path, name="p00x", version="2.0"), by=alice)
        with clock.shifted(timedelta(hours=1, seconds=1)):
            press.publish(one_more, by=alice)
    assert Project.objects.count() == 21


def test_an_address_makes_forty_projects_an_hour(press: Press, tmp_path: Path) -> None:  # RL-05, RL-11
    people = [person(), person("bob"), person("carol")]
    with clock.frozen(clock.now()):
        for number in range(40):
            by = elsewhere(by_password(people[number // 20]), f"2001:db8::{number:x}")
            press.publish(build_wheel(tmp_path, name=f"p{number:02}x"), by=by)
        wheel = build_wheel(tmp_path, name="one-more")
        carol = by_password(people[2])
        refused = partial(press.publish, wheel, by=elsewhere(carol, "2001:db8::ffff"))
        assert refusal_of(refused) == "too_many_attempts"
        press.publish(wheel, by=elsewhere(carol, "2001:db8:1::1"))


def test_an_upload_that_fails_costs_no_project(press: Press, tmp_path: Path) -> None:
    alice = by_password(person())
    with clock.frozen(clock.now()):
        for number in range(25):
            bad = build_wheel(tmp_path, name=f"p{number:02}x", dist_info={"METADATA": None})
            assert refusal_of(lambda bad=bad: press.publish(bad, by=alice)) == "wheel_file_missing"
        press.publish(build_wheel(tmp_path), by=alice)


def test_a_user_with_files_cannot_vanish_from_under_the_role(press: Press, tmp_path: Path) -> None:  # CC-04
    alice = person()
    press.publish(build_wheel(tmp_path), by=by_password(alice))
    with pytest.raises(ProtectedError):
        User.objects.get(pk=alice.pk).delete()
    assert Role.objects.count() == 1
