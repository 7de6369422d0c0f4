"""A token for a number of uses publishes as many files, and what is refused costs none."""

from functools import partial
from pathlib import Path

import pytest

from strongroom.audit.models import Entry
from strongroom.tokens.models import Token, TokenUses
from strongroom.tokens.narrow import Narrowing, narrow
from tests.artifacts.building import build_sdist, build_wheel
from tests.publish.publishing import Press, by_token, form_of, left_behind, refusals
from tests.support.configuration import configured
from tests.support.people import person, refusal_of
from tests.tokens.making import project_of, token_for

pytestmark = pytest.mark.django_db


def test_a_token_for_two_uses_publishes_two_files(press: Press, tmp_path: Path) -> None:  # TK-21
    text = token_for(person(), uses=2).secret
    press.publish(build_wheel(tmp_path), by=by_token(text))
    late = by_token(text)
    press.publish(build_sdist(tmp_path), by=by_token(text))
    before = left_behind()
    third = build_wheel(tmp_path, version="2.0")
    assert refusal_of(lambda: by_token(text)) == "token_used_up"
    assert refusal_of(lambda: press.publish(third, by=late)) == "token_used_up"
    assert left_behind() == before
    assert refusals() == ["token_used_up"]
    assert press.drafts() == []
    assert TokenUses.objects.get().count == 2
    assert Entry.objects.filter(tag="file.uploaded", outcome="done").count() == 2


def test_copies_for_jobs_publish_one_file_each(press: Press, tmp_path: Path) -> None:
    text = token_for(person()).secret
    for number, version in enumerate(("1.0", "2.0")):
        copy = narrow(text, Narrowing(uses=1, label=f"job {number}"))
        press.publish(build_wheel(tmp_path, version=version), by=by_token(copy))
        assert refusal_of(partial(by_token, copy)) == "token_used_up"


def test_what_is_refused_costs_no_use_and_leaves_nothing(press: Press, tmp_path: Path) -> None:  # TK-21
    alice = person()
    demo = project_of(alice)
    project_of(alice, "other")
    token = by_token(
        token_for(alice, project=demo, uses=1, version="1.0", sha256=(_digest(build_wheel(tmp_path)),)).secret
    )
    before = left_behind()
    wheel, other = build_wheel(tmp_path), build_wheel(tmp_path, name="other")
    sdist, newer = build_sdist(tmp_path), build_wheel(tmp_path, version="2.0")
    wrong = form_of(wheel, sha256_digest="0" * 64)
    cases = [
        (partial(press.publish, other, by=token), "token_scope"),
        (partial(press.publish, newer, by=token), "token_version"),
        (partial(press.publish, sdist, by=token), "token_file"),
        (partial(press.publish, wheel, by=token, given=wrong), "digest_mismatch"),
    ]
    with configured("uploads", max_project_size=10):
        assert refusal_of(lambda: press.publish(wheel, by=token)) == "project_too_large"
    for call, code in cases:
        assert refusal_of(call) == code
    assert left_behind() == before
    assert not TokenUses.objects.exists()
    assert refusals() == ["project_too_large", *(code for _call, code in cases)]
    press.publish(wheel, by=token)
    assert TokenUses.objects.get().count == 1


def test_a_file_that_is_there_already_costs_no_use(press: Press, tmp_path: Path) -> None:
    text = token_for(person(), uses=2).secret
    wheel = build_wheel(tmp_path)
    for _ in range(4):
        press.publish(wheel, by=by_token(text))
    assert TokenUses.objects.get().count == 1


def test_a_token_that_is_only_to_yank_or_read_publishes_nothing(press: Press, tmp_path: Path) -> None:
    # TK-20
    alice = person()
    before = left_behind()
    for name, actions in (("y", ("yank",)), ("r", ("read",)), ("both", ("yank", "read"))):
        token = by_token(token_for(alice, name=name, actions=actions).secret)
        assert refusal_of(partial(press.publish, build_wheel(tmp_path), by=token)) == "token_action"
    assert left_behind() == before
    assert refusals() == ["token_action"] * 3


def test_a_token_for_a_pattern_makes_projects_that_fit_it(press: Press, tmp_path: Path) -> None:  # TK-06
    text = token_for(person(), patterns=("acme-*",)).secret
    press.publish(build_wheel(tmp_path, name="Acme.One"), by=by_token(text))
    before = left_behind()
    for name in ("acme", "acmetwo", "other"):
        wheel = build_wheel(tmp_path, name=name)
        assert refusal_of(partial(press.publish, wheel, by=by_token(text))) == "token_scope"
    assert left_behind() == before
    assert Token.objects.count() == 1


def test_a_token_for_several_projects_publishes_to_each(press: Press, tmp_path: Path) -> None:  # TK-06
    alice = person()
    for name in ("one", "two", "three"):
        project_of(alice, name)
    copy = narrow(token_for(alice).secret, Narrowing(projects=["One", "two"]))
    for name in ("one", "two"):
        press.publish(build_wheel(tmp_path, name=name), by=by_token(copy))
    for name in ("three", "four"):
        wheel = build_wheel(tmp_path, name=name)
        assert refusal_of(partial(press.publish, wheel, by=by_token(copy))) == "token_scope"


def _digest(path: Path) -> str:
    from hashlib import sha256

    return sha256(path.read_bytes()).hexdigest()
