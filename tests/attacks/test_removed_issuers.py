"""An identity provider that is removed while it is asked for its keys vouches for nothing any more."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections, transaction

from strongroom.accounts.models import User
from strongroom.kernel.actor import Actor
from strongroom.projects.models import Project
from strongroom.tokens.models import Token
from strongroom.trust import identity, issuers, pending
from strongroom.trust.exchange import exchange
from strongroom.trust.identity import Presented
from strongroom.trust.jwt import Claims
from strongroom.trust.models import Issuer, UsedIdentity
from tests.support.patience import SECONDS
from tests.support.people import as_user, person, refusal_of
from tests.trust.trusting import GITHUB, RUNNER, WANTED, github, project_of, provider, signed, trusted

pytestmark = pytest.mark.django_db(transaction=True)
verified = identity.verify


@pytest.fixture
def alice() -> Iterator[User]:
    provider()
    yield person()
    connections.close_all()


def remove() -> None:
    issuers.remove(Issuer.objects.get().pk, by=Actor.console())


def test_a_token_that_was_verified_before_mints_nothing_after(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted(alice, project_of(alice))
    pending.add(alice, name="gadget", issuer=GITHUB, values=WANTED, by=as_user(alice))

    def verified_late(presented: Presented) -> Claims:
        claims = verified(presented)
        remove()
        return claims

    monkeypatch.setattr(identity, "verify", verified_late)
    text = signed(github())
    assert refusal_of(lambda: exchange(text, origin=RUNNER)) == "identity_issuer_unknown"
    assert not Token.objects.exists()
    assert not UsedIdentity.objects.exists()
    assert Project.objects.count() == 1


def test_whoever_removes_it_waits_for_exchanges_under_way_and_ends_their_tokens(alice: User) -> None:
    trusted(alice, project_of(alice))
    held, done = threading.Event(), threading.Event()

    def remove_meanwhile() -> None:
        held.wait(timeout=SECONDS)
        remove()
        connections.close_all()
        done.set()

    remover = threading.Thread(target=remove_meanwhile)
    remover.start()
    with transaction.atomic():
        exchange(signed(github()), origin=RUNNER)
        held.set()
        assert not done.wait(timeout=0.5)
    remover.join(timeout=SECONDS)
    assert done.is_set()
    assert not Token.objects.exists()
