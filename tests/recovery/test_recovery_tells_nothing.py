"""Asking for a recovery tells nobody whether there is such an account, nor whether it has a second factor (design, D17)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from strongroom.accounts import standing
from strongroom.accounts.models import MailLink
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices.models import QueuedMail
from strongroom.recovery import begin
from strongroom.recovery.models import Recovery
from tests.recovery.recovering import protected
from tests.support.people import mails, person, visitor

pytestmark = pytest.mark.django_db
LOGINS = ("alice", "alice@example.org", "bob", "carol", "dave", "nobody", "nobody@example.org")


@pytest.fixture(autouse=True)
def people(db: None, mailoutbox: list) -> None:
    """Alice with two factors; bob with none; carol, who is disabled; dave, whose address is not verified."""
    protected("alice")
    person("bob")
    standing.disable(protected("carol"), by=Actor.console())
    person("dave", verified=False)
    mails(mailoutbox).clear()


def test_only_verified_addresses_of_accounts_that_may_sign_in_get_a_mail(mailoutbox: list) -> None:
    for login in LOGINS:
        begin.request(login, by=visitor())
    told = [mail.to[0] for mail in mails(mailoutbox)]
    assert told == ["alice@example.org", "alice@example.org", "bob@example.org"]
    assert not QueuedMail.objects.exists()
    assert not Recovery.objects.exists()
    assert MailLink.objects.filter(purpose="recover", user__username__in=["carol", "dave"]).count() == 0
    assert Entry.objects.filter(tag="recovery.requested").count() == len(LOGINS)


def test_the_work_is_the_same_for_everybody() -> None:
    counted = {}
    for login in LOGINS:
        with CaptureQueriesContext(connection) as captured:
            begin.request(login, by=visitor("198.51.100.9"))
        texts = [query["sql"] for query in captured.captured_queries]
        counted[login] = tuple(
            " ".join(text.split()[:3]) for text in texts if text.startswith(("INSERT", "UPDATE", "DELETE"))
        )
    assert len(set(counted.values())) == 1, counted


def test_a_mailbox_gets_five_links_a_day_whoever_asks(mailoutbox: list) -> None:
    answers = []
    for turn in range(8):
        try:
            begin.request("alice", by=visitor(f"198.51.100.{turn}"))
            answers.append("asked")
        except Refused as refusal:
            answers.append(refusal.code)
    assert answers == ["asked"] * 5 + ["too_many_attempts"] * 3
    assert len(mails(mailoutbox)) == 5


def test_one_address_asks_twenty_times_an_hour() -> None:
    answers = []
    for turn in range(22):
        try:
            begin.request(f"somebody-{turn}", by=visitor())
            answers.append("asked")
        except Refused as refusal:
            answers.append(refusal.code)
    assert answers == ["asked"] * 20 + ["too_many_attempts"] * 2
