"""A token acts with the rights that its owner has now: what is lost is lost at the door, and until the commit."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from strongroom.accounts import standing
from strongroom.accounts.models import EmailAddress, User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.refused import Refused
from strongroom.projects import policy
from strongroom.projects.models import Project, Role
from strongroom.publish.identity import Identity, identify
from strongroom.publish.permission import permit
from strongroom.publish.upload import upload
from strongroom.tokens.models import Token, TokenUses
from strongroom.tokens.revoke import revoke
from tests.artifacts.building import build_wheel
from tests.publish.publishing import TWINE, Press, by_password, form_of, left_behind, refusals
from tests.support.configuration import configured
from tests.support.people import as_user, person, refusal_of
from tests.tokens.making import project_of, token_for

pytestmark = pytest.mark.django_db

Loss = Callable[[User], None]


def _no_role(user: User) -> None:
    Role.objects.filter(user=user).delete()


def _unverified(user: User) -> None:
    EmailAddress.objects.filter(user=user).update(verified=None)


def _frozen(user: User) -> None:
    User.objects.filter(pk=user.pk).update(frozen=clock.now())


def _disabled(user: User) -> None:
    standing.disable(user, by=Actor.console())


def _must_enroll(user: User) -> None:
    User.objects.filter(pk=user.pk).update(must_enroll=True)


def _revoked(user: User) -> None:
    for token in Token.objects.filter(user=user):
        revoke(user.pk, token.pk, by=as_user(user))


def _account_trusted(user: User) -> None:
    standing.switch_publishing(user, MayPublish.TRUSTED, by=as_user(user))


def _project_trusted(user: User) -> None:
    policy.switch_project(Project.objects.get().pk, MayPublish.TRUSTED, by=as_user(user))


def _operators_trusted(user: User) -> None:
    policy.switch_for_all(MayPublish.TRUSTED, by=Actor.console())


LOSSES: list[tuple[Loss, str]] = [
    (_no_role, "project_not_yours"),
    (_unverified, "email_unverified"),
    (_frozen, "account_frozen"),
    (_disabled, "account_disabled"),
    (_must_enroll, "two_factor_required"),
    (_revoked, "token_invalid"),
    (_account_trusted, "tokens_refused"),
    (_project_trusted, "tokens_refused"),
    (_operators_trusted, "tokens_refused"),
]


@pytest.fixture
def alice() -> User:
    user = person()
    project_of(user)
    return user


def who(text: str) -> Identity:
    return identify(f"Bearer {text}", origin=TWINE)


@pytest.mark.parametrize(("lose", "code"), LOSSES)
def test_what_the_owner_has_lost_is_refused_at_the_door(
    press: Press, tmp_path: Path, alice: User, lose: Loss, code: str
) -> None:  # TK-09, TK-10, TK-22
    text = token_for(alice, uses=1).secret
    wheel = build_wheel(tmp_path)
    lose(alice)
    before = left_behind()
    assert refusal_of(lambda: press.publish(wheel, by=who(text))) == code
    assert left_behind() == before
    assert not TokenUses.objects.exists()
    recorded = {*refusals(), *refusals("publisher.refused")}
    assert recorded == ({code} if code != "token_invalid" else set())


@pytest.mark.parametrize(("lose", "code"), LOSSES)
def test_what_the_owner_loses_while_the_bytes_come_is_refused_at_the_commit(
    press: Press, tmp_path: Path, alice: User, lose: Loss, code: str
) -> None:  # UP-36, TK-09, TK-10, TK-22
    token = who(token_for(alice, uses=1).secret)
    wheel = build_wheel(tmp_path)
    place = permit("demo", filename=wheel.name, by=token)
    lose(alice)
    before = left_behind()
    with press.blobs.draft() as draft:
        draft.write(wheel.read_bytes())
        late = partial(upload, form_of(wheel), draft, place=place, blobs=press.blobs, by=token)
        assert refusal_of(late) == code
    assert left_behind() == before
    assert not TokenUses.objects.exists()
    assert refusals() == [code]


@pytest.mark.parametrize("new", [False, True])
def test_what_the_configuration_takes_away_is_refused_with_a_hint(
    press: Press, tmp_path: Path, alice: User, new: bool
) -> None:  # TK-22
    token = who(token_for(alice).secret)
    wheel = build_wheel(tmp_path, name="brand-new" if new else "demo")
    before = left_behind()
    with configured("uploads", allowed="trusted"):
        assert refusal_of(lambda: press.publish(wheel, by=token)) == "tokens_refused"
    assert left_behind() == before
    place = permit(wheel.name.split("-")[0], filename=wheel.name, by=token)
    with press.blobs.draft() as draft, configured("uploads", allowed="trusted"):
        draft.write(wheel.read_bytes())
        late = partial(upload, form_of(wheel), draft, place=place, blobs=press.blobs, by=token)
        assert refusal_of(late) == "tokens_refused"
    assert left_behind() == before
    press.publish(wheel, by=token)


def test_the_strictest_of_all_who_have_a_say_counts(press: Press, tmp_path: Path, alice: User) -> None:
    policy.switch_for_all(MayPublish.TOKENS, by=Actor.console())
    policy.switch_project(Project.objects.get().pk, MayPublish.PASSWORDS, by=as_user(alice))
    wheel = build_wheel(tmp_path)
    assert refusal_of(lambda: press.publish(wheel, by=by_password(alice))) == "passwords_refused"
    press.publish(wheel, by=who(token_for(alice).secret))


def test_a_project_that_takes_no_passwords_takes_none_though_the_site_does(
    press: Press, tmp_path: Path, alice: User
) -> None:
    wheel = build_wheel(tmp_path)
    place = permit("demo", filename=wheel.name, by=by_password(alice))
    policy.switch_project(Project.objects.get().pk, MayPublish.TOKENS, by=as_user(alice))
    before = left_behind()
    assert refusal_of(lambda: press.publish(wheel, by=by_password(alice))) == "passwords_refused"
    with press.blobs.draft() as draft:
        draft.write(wheel.read_bytes())
        late = partial(upload, form_of(wheel), draft, place=place, blobs=press.blobs, by=by_password(alice))
        assert refusal_of(late) == "passwords_refused"
    assert left_behind() == before
    press.publish(wheel, by=who(token_for(alice).secret))


def test_an_account_that_allows_more_meanwhile_stops_nothing(
    press: Press, tmp_path: Path, alice: User
) -> None:
    standing.switch_publishing(alice, MayPublish.TOKENS, by=as_user(alice))
    token = who(token_for(alice).secret)
    standing.switch_publishing(alice, MayPublish.PASSWORDS, by=as_user(alice))
    press.publish(build_wheel(tmp_path), by=token)


def test_the_hint_says_where_a_trusted_publisher_is_set_up(alice: User) -> None:  # TK-22
    token = who(token_for(alice).secret)
    _project_trusted(alice)
    with pytest.raises(Refused) as caught:
        permit("Demo", filename="f", by=token)
    assert "/manage/project/demo/publishing/" in caught.value.message
    entry = Entry.objects.get(tag="file.uploaded", outcome="refused")
    assert (entry.reason, entry.project, entry.credential) == (
        "tokens_refused",
        "demo",
        token.actor.credential,
    )


def test_authorizing_an_upload_asks_three_questions_at_most(
    alice: User, django_assert_num_queries: Callable
) -> None:
    """When the use was noted within the last minute."""
    plain = token_for(alice, name="plain").secret
    counted = token_for(alice, name="counted", uses=5).secret
    with clock.frozen(clock.now()):
        for text, queries in ((plain, 2), (counted, 3)):
            who(text)
            with django_assert_num_queries(queries):
                permit("demo", filename="f", by=who(text))
