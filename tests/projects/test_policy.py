"""What may publish on the site and in a project, whoever asks."""

import pytest

from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish, laxer_than, strictest
from strongroom.projects import policy
from strongroom.projects.models import Project, UploadPolicy
from tests.support.configuration import configured
from tests.support.people import as_user, at_once, person
from tests.tokens.making import project_of

pytestmark = pytest.mark.django_db


def test_the_ladder_has_three_rungs() -> None:
    assert strictest("passwords", "trusted", "tokens") is MayPublish.TRUSTED
    assert strictest("passwords", "tokens") is MayPublish.TOKENS
    assert strictest("passwords") is MayPublish.PASSWORDS
    assert [laxer_than(level) for level in MayPublish] == [(), ("passwords",), ("passwords", "tokens")]
    for wrong in ("", "Tokens", "none"):
        with pytest.raises(ValueError, match="MayPublish"):
            strictest("passwords", wrong)


def test_everything_publishes_until_the_operators_say_otherwise() -> None:
    assert policy.for_all() is MayPublish.PASSWORDS
    for level in (MayPublish.TOKENS, MayPublish.TOKENS, MayPublish.TRUSTED, MayPublish.PASSWORDS):
        policy.switch_for_all(level, by=Actor.console())
        assert policy.for_all() is level
    assert UploadPolicy.objects.count() == 1
    events = Entry.objects.filter(tag="uploads.publishing_switched").order_by("serial")
    assert [event.details["level"] for event in events] == ["tokens", "trusted", "passwords"]


def test_the_configuration_is_never_loosened() -> None:
    with configured("uploads", allowed=MayPublish.TOKENS):
        for operators, level in (("passwords", "tokens"), ("tokens", "tokens"), ("trusted", "trusted")):
            policy.switch_for_all(MayPublish(operators), by=Actor.console())
            assert policy.for_all() == level


def test_what_holds_for_all_costs_one_query(django_assert_num_queries: object) -> None:
    policy.for_all()
    with django_assert_num_queries(1):  # type: ignore[operator]
        policy.for_all()


def test_a_project_that_is_so_already_is_left_alone() -> None:
    alice = person()
    project = project_of(alice)
    assert policy.switch_project(project.pk, MayPublish.TOKENS, by=as_user(alice))
    assert not policy.switch_project(project.pk, MayPublish.TOKENS, by=as_user(alice))
    assert Project.objects.get().may_publish == "tokens"
    assert Entry.objects.filter(tag="project.publishing_switched", project="demo").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_switches_at_once_one_counts() -> None:
    alice = person()
    project = project_of(alice)
    calls = [lambda: policy.switch_project(project.pk, MayPublish.TOKENS, by=as_user(alice))] * 8
    assert sorted(at_once(calls), key=bool) == [False] * 7 + [True]
    assert Entry.objects.filter(tag="project.publishing_switched").count() == 1
