"""A device's token is not made past an account that has just moved on."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections, transaction

from strongroom.accounts import epoch
from strongroom.accounts.models import User
from strongroom.kernel.secrets import Secret
from strongroom.signin import devices
from strongroom.signin.devices import Approval, Grant
from strongroom.signin.models import DeviceRequest
from strongroom.signin.session import actor_of
from tests.support.patience import SECONDS
from tests.support.people import BROWSER, person, refusal_of, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice() -> Iterator[User]:
    yield person()
    connections.close_all()


def approved(alice: User) -> Secret:
    """The device code of a program that alice has approved."""
    codes = devices.ask("strongroom login", host="laptop", origin=BROWSER)
    session = signed_in(alice).session
    grant = Grant(name="laptop", projects=(), days=7)
    devices.approve(session, codes.user_code, grant=grant, by=actor_of(session, BROWSER))
    return codes.device_code


def test_whoever_changes_the_password_waits_for_the_token_that_they_then_find(alice: User) -> None:
    device_code = approved(alice)
    done = threading.Event()

    def move_on() -> None:
        with transaction.atomic():
            epoch.bump(alice.pk)
        connections.close_all()
        done.set()

    mover = threading.Thread(target=move_on)

    def issue(approval: Approval) -> bool:
        mover.start()
        return done.wait(timeout=0.5)

    moved_meanwhile = devices.redeem(device_code, issue=issue)
    mover.join(timeout=SECONDS)
    assert (moved_meanwhile, done.is_set()) == (False, True)


def test_a_password_that_was_changed_before_ends_the_approval(alice: User) -> None:
    device_code = approved(alice)
    epoch.bump(alice.pk)
    assert refusal_of(lambda: devices.redeem(device_code, issue=lambda approval: approval)) == "device_denied"
    assert DeviceRequest.objects.exists()
