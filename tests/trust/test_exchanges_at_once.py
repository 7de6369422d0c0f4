"""Sixty-four threads in four processes come with identity tokens at once: each is exchanged once, and nothing breaks."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel.refused import Refused
from strongroom.projects.models import Project, Role
from strongroom.throttle.models import Bucket
from strongroom.tokens.models import Token
from strongroom.trust import pending, publishers
from strongroom.trust.models import Minted, PendingPublisher, Publisher, UsedIdentity
from tests.support.people import as_user, at_once, person
from tests.support.racing import PROCESSES, THREADS, Call, Runners, runners
from tests.trust.trusting import GITHUB, WANTED, come_with, github, project_of, provider, signed, trusted

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = 3
ALL = PROCESSES * THREADS


@pytest.fixture(scope="module")
def track(django_db_setup: None) -> Iterator[Runners]:
    with runners() as ready:
        yield ready


@pytest.fixture
def alice() -> User:
    provider()
    return person()


def exchanges(*texts: str) -> list[Call]:
    return [{"verb": "exchange", "text": text} for text in texts]


def exchanged() -> int:
    return Entry.objects.filter(tag="identity.exchanged", outcome="done").count()


def test_one_identity_token_gives_one_token(track: Runners, alice: User) -> None:
    # TP-10
    trusted(alice, project_of(alice))
    for number in range(1, ROUNDS + 1):
        heard = Counter(track.race(exchanges(*[signed(github())] * ALL)))
        assert heard == {"done": 1, "identity_reused": ALL - 1}
        assert Token.objects.count() == Minted.objects.count() == UsedIdentity.objects.count() == number
        assert exchanged() == number


def test_another_process_knows_what_was_used_when_everything_that_is_kept_for_speed_is_gone(
    track: Runners, alice: User
) -> None:
    # TP-12: there is nothing but the row
    trusted(alice, project_of(alice))
    text = signed(github())
    assert track.race(exchanges(text)) == ["done"]
    Bucket.objects.all().delete()
    cache.clear()
    with runners() as restarted:
        assert restarted.race(exchanges(text)) == ["identity_reused"]
    assert Token.objects.count() == 1


def test_one_identity_token_that_makes_a_project_makes_one(track: Runners, alice: User) -> None:
    # TP-10, TP-21
    pending.add(alice, name="widget", issuer=GITHUB, values=WANTED, by=as_user(alice))
    heard = Counter(track.race(exchanges(*[signed(github())] * ALL)))
    assert heard == {"done": 1, "identity_reused": ALL - 1}
    assert Project.objects.count() == Role.objects.count() == Publisher.objects.count() == 1
    assert Token.objects.count() == 1


def test_a_pending_publisher_makes_one_project_and_one_publisher_of_many_tokens(
    track: Runners, alice: User
) -> None:
    # TP-21
    for number in range(1, ROUNDS + 1):
        name, environment = f"widget{number}", f"e{number}"
        pending.add(
            alice,
            name=name,
            issuer=GITHUB,
            values={**WANTED, "environment": environment},
            by=as_user(alice),
        )
        texts = [signed(github(environment=environment)) for _ in range(ALL)]
        assert Counter(track.race(exchanges(*texts))) == {"done": ALL}
        assert Project.objects.count() == Role.objects.count() == Publisher.objects.count() == number
        assert not PendingPublisher.objects.exists()
        assert Token.objects.count() == exchanged() == number * ALL


def test_of_two_owners_to_be_one_gets_the_project(track: Runners, alice: User) -> None:
    # TP-20, TP-21
    mallory = person("mallory")
    for user, owner in ((alice, "acme"), (mallory, "mallory")):
        values = {**WANTED, "owner": owner}
        pending.add(user, name="widget", issuer=GITHUB, values=values, by=as_user(user))
    theirs = {
        "repository": "mallory/widget",
        "repository_owner": "mallory",
        "repository_id": "5",
        "repository_owner_id": "6",
        "job_workflow_ref": "mallory/widget/.github/workflows/release.yml@refs/tags/v1.0",
    }
    texts = [signed(github(**(theirs if number % 2 else {}))) for number in range(ALL)]
    heard = Counter(track.race(exchanges(*texts)))
    # Whoever comes later finds that the pending publisher is gone, or that the name has just been taken.
    assert set(heard) <= {"done", "publisher_unknown", "pending_publisher_void"}, heard
    assert heard["done"] == ALL / 2
    assert Project.objects.count() == Role.objects.count() == Publisher.objects.count() == 1
    assert UsedIdentity.objects.count() == Token.objects.count() == ALL / 2


def test_two_first_tokens_with_other_ids_keep_one_set_of_ids(track: Runners, alice: User) -> None:
    # TP-14
    project = project_of(alice)
    for number in range(ROUNDS):
        publisher = trusted(alice, project, environment=f"e{number}")
        claims = {"environment": f"e{number}"}
        texts = [signed(github(**claims, repository_id=f"{which % 2}")) for which in range(ALL)]
        heard = Counter(track.race(exchanges(*texts)))
        assert heard == {"done": ALL / 2, "publisher_resurrected": ALL / 2}
        kept = Publisher.objects.get(pk=publisher.pk).pins["repository_id"]
        runs = [token.publisher for token in Token.objects.all()]
        assert kept in {"0", "1"}
        assert len(runs) == (number + 1) * ALL / 2


def test_a_publisher_that_is_removed_meanwhile_leaves_no_token(alice: User) -> None:
    # TP-23
    project = project_of(alice)
    for _ in range(ROUNDS):
        publisher = trusted(alice, project)

        def remove(number: int = publisher.pk) -> str:
            publishers.remove(project, number, by=as_user(alice))
            return "removed"

        def come() -> str:
            come_with(github())
            return "done"

        calls: list[Callable[[], str]] = [come, come, come, remove, come, come, come]
        outcomes = at_once(calls)
        assert outcomes[3] == "removed"
        codes = {outcome.code for outcome in outcomes if isinstance(outcome, Refused)}
        assert codes <= {"publisher_unknown"}
        assert not Publisher.objects.exists()
        assert not Token.objects.exists()
        assert not Minted.objects.exists()


def test_people_at_once_do_not_pass_the_limits(alice: User) -> None:
    # TP-20
    def announce(number: int) -> str:
        pending.add(alice, name=f"widget{number}9", issuer=GITHUB, values=WANTED, by=as_user(alice))
        return "done"

    outcomes = at_once([lambda number=number: announce(number) for number in range(8)])
    assert outcomes.count("done") == pending.MAX_PENDING
    assert PendingPublisher.objects.count() == pending.MAX_PENDING
    codes = {outcome.code for outcome in outcomes if isinstance(outcome, Refused)}
    assert codes == {"pending_publishers_too_many"}
