"""Who downloaded a file between two times: rows are hours, what is asked for need not be."""

from datetime import UTC, datetime, timedelta

import pytest

from strongroom.audit.downloaded import Question, ask
from strongroom.audit.downloads import Downloads
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin

pytestmark = pytest.mark.django_db

FILE = "1" * 64
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def downloaded(*minutes: float) -> None:
    """Alice downloads the file so many minutes after noon."""
    downloads = Downloads()
    alice = Actor(kind=ActorKind.USER, origin=Origin(address="203.0.113.7"), user_id=7, username="alice")
    for minute in minutes:
        with clock.frozen(NOON + timedelta(minutes=minute)):
            downloads.begun(FILE, "demo-1.0.tar.gz", by=alice)
    downloads.flush()


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (0, 60, True),
        (20, 21, True),
        (20, 20.01, True),
        (19, 20, False),
        (0, 20, False),
        (20.01, 40, False),
        (21, 60, False),
        (-60, 0, False),
        (60, 120, False),
        (-600, 600, True),
    ],
)
def test_a_download_is_found_from_its_moment_on_until_before_it(
    since: float, until: float, found: bool
) -> None:
    downloaded(20)
    begin, end = (NOON + timedelta(minutes=minute) for minute in (since, until))
    rows = ask(Question(digests=(FILE,), since=begin, until=end), by=Actor.console())
    assert [row.username for row in rows] == ["alice"] * found


def test_between_the_first_and_the_last_download_of_an_hour_somebody_may_have_had_it() -> None:
    downloaded(10, 30, 50)
    begin, end = (NOON + timedelta(minutes=minute) for minute in (15, 20))
    (row,) = ask(Question(digests=(FILE,), since=begin, until=end), by=Actor.console())
    assert (row.first, row.last, row.count) == (
        NOON + timedelta(minutes=10),
        NOON + timedelta(minutes=50),
        3,
    )


def test_a_file_that_is_named_twice_is_found_once() -> None:
    downloaded(0, 61)
    asked = Question(
        digests=(FILE, FILE), filenames=("demo-1.0.tar.gz",), since=NOON, until=NOON + timedelta(hours=2)
    )
    rows = ask(asked, by=Actor.console())
    assert [row.first for row in rows] == [NOON, NOON + timedelta(minutes=61)]
