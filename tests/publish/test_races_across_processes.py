"""Sixty-four uploads in four processes come at once with one token: as many are published as it is good for."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.audit.models import Entry
from strongroom.projects.models import File, Journal, Project, TakenFilename
from strongroom.tokens.models import Token, TokenNetwork, TokenUses
from strongroom.tokens.narrow import Narrowing, narrow
from tests.artifacts.building import build_wheel
from tests.publish.publishing import Press
from tests.support.people import person
from tests.support.racing import PROCESSES, THREADS, Call, Runners, runners
from tests.tokens.making import project_of, token_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = 3
ALL = PROCESSES * THREADS


@pytest.fixture(scope="module")
def track(django_db_setup: None) -> Iterator[Runners]:
    with runners() as ready:
        yield ready


def uploads(texts: list[str], folder: Path, *, version: str = "1") -> list[Call]:
    """Sixty-four files of one project, each with the next of ``texts``."""
    paths = [build_wheel(folder, version=f"{version}.{number}") for number in range(ALL)]
    return [
        {"verb": "publish", "token": texts[number % len(texts)], "path": str(path), "folder": str(folder)}
        for number, path in enumerate(paths)
    ]


def assert_consistent(files: int) -> None:
    """Every file that is there is there in every respect."""
    tables = (File, TakenFilename, Journal, Entry.objects.filter(tag="file.uploaded", outcome="done"))
    counts = [getattr(table, "objects", table).count() for table in tables]
    assert counts == [files] * 4
    assert Project.objects.get().size == sum(File.objects.values_list("size", flat=True))


def test_a_single_use_token_publishes_one_file(track: Runners, press: Press, tmp_path: Path) -> None:  # TK-21
    alice = person()
    project_of(alice)
    for number in range(1, ROUNDS + 1):
        text = token_for(alice, name=str(number), uses=1).secret
        heard = Counter(track.race(uploads([text], tmp_path, version=str(number))))
        assert heard == {"done": 1, "token_used_up": ALL - 1}
        assert_consistent(number)
    assert [row.count for row in TokenUses.objects.all()] == [1] * ROUNDS
    assert press.drafts() == []


def test_a_single_use_token_makes_one_project(track: Runners, press: Press, tmp_path: Path) -> None:  # TK-21
    text = token_for(person(), uses=1).secret
    assert Counter(track.race(uploads([text], tmp_path))) == {"done": 1, "token_used_up": ALL - 1}
    assert_consistent(1)


def test_eight_copies_of_one_token_publish_what_each_is_good_for(
    track: Runners, press: Press, tmp_path: Path
) -> None:  # TK-21
    alice = person()
    project_of(alice)
    text = token_for(alice, uses=10).secret
    copies = [narrow(text, Narrowing(uses=2, label=str(number))) for number in range(8)]
    heard = Counter(track.race(uploads(copies, tmp_path)))
    assert heard == {"done": 10, "token_used_up": ALL - 10}
    assert_consistent(10)
    counts = {row.chain: row.count for row in TokenUses.objects.all()}
    assert max(counts.values()) == 10
    assert sum(counts.values()) == 20


def test_parallel_uploads_neither_wait_for_the_note_of_their_token_nor_break(
    track: Runners, press: Press, tmp_path: Path
) -> None:  # TK-19
    alice = person()
    project_of(alice)
    text = token_for(alice).secret
    assert set(track.race(uploads([text], tmp_path))) == {"done"}
    assert_consistent(ALL)
    assert Token.objects.get().last_network == "203.0.113.0/24"
    assert TokenNetwork.objects.count() == 1
