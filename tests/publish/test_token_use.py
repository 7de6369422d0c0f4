"""Owners hear of a network from which their token never came, once a day; the trail holds every one."""

from datetime import timedelta
from functools import partial

import pytest

from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Origin
from strongroom.notices.models import QueuedMail
from strongroom.publish.identity import Identity, identify
from strongroom.tokens.models import Token
from tests.support.people import at_once, mails, person, refusal_of
from tests.tokens.making import token_for

pytestmark = pytest.mark.django_db


def use(text: str, address: str, *, client: str = "twine/7.0.0") -> Identity:
    return identify(f"Bearer {text}", origin=Origin(address=address, client=client, request_id="test"))


def recorded() -> list[str]:
    found = Entry.objects.filter(tag="token.new_network").order_by("serial")
    return [entry.details["network"] for entry in found]


def test_a_new_network_is_mailed_and_recorded(mailoutbox: list) -> None:
    alice = person()
    made = token_for(alice, name="ci & more")
    use(made.secret, "203.0.113.7")
    assert mails(mailoutbox) == []
    assert recorded() == []
    use(made.secret, "198.51.100.1", client="evil\r\nBcc: x\u202e" + "y" * 900)
    (mail,) = mails(mailoutbox)
    assert mail.to == ["alice@example.org"]
    assert "ci & more" in mail.subject + mail.body
    assert "198.51.100.1" in mail.body
    assert "evil\ufffd\ufffdBcc: x\ufffdyy" in mail.body
    assert "y" * 200 not in mail.body
    entry = Entry.objects.get(tag="token.new_network")
    assert (entry.subject_id, entry.actor_id, entry.actor_kind) == (alice.pk, alice.pk, "token")
    assert entry.details == {
        "name": "ci & more",
        "token": made.token.short_id,
        "network": "198.51.100.0/24",
    }


def test_one_mail_a_day_is_enough_and_each_network_is_recorded(mailoutbox: list) -> None:
    text = token_for(person()).secret
    with clock.frozen(clock.now()):
        for number in range(5):
            use(text, f"10.0.{number}.1")
        assert len(mails(mailoutbox)) == 1
        assert recorded() == [f"10.0.{number}.0/24" for number in range(1, 5)]
        with clock.shifted(timedelta(days=1, seconds=1)):
            use(text, "10.0.0.9")
            assert len(mails(mailoutbox)) == 1  # it was there before
            use(text, "10.0.9.1")
            assert len(mails(mailoutbox)) == 2


def test_tokens_of_others_are_counted_for_themselves(mailoutbox: list) -> None:
    one, two = token_for(person()).secret, token_for(person("bob")).secret
    for text in (one, two):
        use(text, "203.0.113.7")
        use(text, "198.51.100.1")
    assert sorted(mail.to[0] for mail in mails(mailoutbox)) == ["alice@example.org", "bob@example.org"]


def test_what_is_refused_at_the_door_is_no_use() -> None:
    text = token_for(person(), networks=("203.0.113.0/24",)).secret
    use(text, "203.0.113.7")
    before = Token.objects.values().get()
    assert refusal_of(partial(use, text, "198.51.100.1")) == "token_network"
    assert Token.objects.values().get() == before
    assert recorded() == []
    assert not QueuedMail.objects.filter().exists()


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_from_a_new_network_one_is_told(mailoutbox: list) -> None:
    text = token_for(person()).secret
    at_once([partial(use, text, "203.0.113.7")] * 8)
    assert recorded() == []
    at_once([partial(use, text, "198.51.100.1")] * 8)
    assert recorded() == ["198.51.100.0/24"]
    assert len(mails(mailoutbox)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_from_many_networks_each_is_recorded_and_one_mailed(mailoutbox: list) -> None:
    text = token_for(person()).secret
    use(text, "203.0.113.7")
    at_once([partial(use, text, f"10.0.{number}.1") for number in range(8)])
    assert sorted(recorded()) == [f"10.0.{number}.0/24" for number in range(8)]
    assert len(mails(mailoutbox)) == 1
