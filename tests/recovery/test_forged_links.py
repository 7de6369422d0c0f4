"""Links to stop and to finish a recovery that nobody has mailed."""

import base64

import pytest

from strongroom.accounts import standing
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.recovery import finish, links, stop
from strongroom.recovery.models import Recovery
from tests.recovery.recovering import NEW, WAIT, Cast, cast, complete, untouched
from tests.support.people import mails, refusal_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody(mailoutbox: list) -> Cast:
    people = cast()
    mails(mailoutbox).clear()
    return people


@pytest.fixture
def recovery(everybody: Cast, mailoutbox: list) -> Recovery:
    return complete(mailoutbox, everybody)


def token_of(url: str) -> str:
    return url.partition("token=")[2]


def test_a_link_with_any_bit_changed_is_no_link(everybody: Cast, recovery: Recovery) -> None:
    stopping = token_of(links.to_stop(recovery, everybody.alice.pk))
    finishing = token_of(links.to_finish(recovery))
    with clock.shifted(WAIT):
        for token, use in ((stopping, stop.find), (finishing, finish.find)):
            raw = base64.urlsafe_b64decode(token)
            for position in range(len(raw) * 8):
                changed = bytearray(raw)
                changed[position // 8] ^= 1 << position % 8
                forged = base64.urlsafe_b64encode(bytes(changed)).decode()
                assert refusal_of(lambda forged=forged, use=use: use(forged)) == "link_invalid"  # type: ignore[misc]
            assert use(token) == recovery
    assert untouched(everybody.alice)


@pytest.mark.parametrize(
    "token",
    ["", "x", "=" * 64, "!" * 64, "\N{FULLWIDTH DIGIT ONE}" * 64, "A" * 64, "A" * 65, "-_" * 32, "\0" * 64],
)
def test_what_was_never_a_link_is_none(token: str, recovery: Recovery) -> None:
    for use in (stop.find, finish.find):
        assert refusal_of(lambda use=use: use(token)) == "link_invalid"  # type: ignore[misc]
    assert refusal_of(lambda: stop.by_link(token, by=visitor())) == "link_invalid"
    assert refusal_of(lambda: finish.finish(token, NEW, by=visitor())) == "link_invalid"
    recovery.refresh_from_db()
    assert recovery.ended is None


def test_a_link_of_one_recovery_is_none_of_a_later_one_with_its_number(
    everybody: Cast, recovery: Recovery
) -> None:
    token = token_of(links.to_stop(recovery, everybody.alice.pk))
    number = recovery.pk
    recovery.delete()
    now = clock.now()
    Recovery.objects.create(
        pk=number, user=everybody.alice, begun=now, told=now, expires=now + WAIT, address="alice@example.org"
    )
    assert refusal_of(lambda: stop.by_link(token, by=visitor())) == "link_invalid"
    assert Recovery.objects.get().ended is None


def test_the_link_of_a_disabled_account_stops_nothing(everybody: Cast, recovery: Recovery) -> None:
    token = token_of(links.to_stop(recovery, everybody.bob.pk))
    standing.disable(everybody.bob, by=Actor.console())
    assert refusal_of(lambda: stop.by_link(token, by=visitor())) == "link_invalid"
    recovery.refresh_from_db()
    assert recovery.ended is None


def test_a_disabled_account_is_not_recovered(everybody: Cast, recovery: Recovery) -> None:
    standing.disable(everybody.alice, by=Actor.console())
    everybody.alice.refresh_from_db()
    with clock.shifted(WAIT):
        token = token_of(links.to_finish(recovery))
        assert refusal_of(lambda: finish.finish(token, NEW, by=visitor())) == "account_disabled"
    assert untouched(everybody.alice)
