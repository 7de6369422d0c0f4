"""What a token may do, in sentences."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from strongroom.kernel import clock
from strongroom.tokens.caveats import understood
from strongroom.web import token_words

ID = str(uuid.uuid4())
ALL = "For all of your projects, and those to come."
DIGESTS = [f"{number:064x}" for number in range(1, 6)]


def words(
    *held: list[Any], projects: tuple[str, ...] = (), expires: datetime | None = None
) -> token_words.Words:
    return token_words.told([understood(caveat) for caveat in held], projects=projects, expires=expires)


@pytest.mark.parametrize(
    ("caveat", "projects", "sentence"),
    [
        ([2, [ID]], ("box",), "For the project box."),
        ([2, [ID, ID]], ("vault", "box"), "For the projects box and vault."),
        ([2, [ID]], (), "For projects that are gone: it is of no use any more."),
        ([1, ["box", "Acme"]], (), "For the projects acme and box."),
        (
            ["projects", [], ["acme-*"]],
            (),
            "For every project of yours with the name acme-*, also those to come.",
        ),
        (
            ["projects", [ID], ["acme-*", "lib"]],
            ("box",),
            "For box, and for every project of yours with the name acme-* or lib, also those to come.",
        ),
        ([3, ID], (), ALL),
    ],
)
def test_a_scope_names_its_projects(caveat: list[Any], projects: tuple[str, ...], sentence: str) -> None:
    assert words(caveat, projects=projects).scope == sentence


@pytest.mark.parametrize(
    ("held", "projects", "sentence"),
    [
        ([], (), "For all projects, whoever owns them, and those to come."),
        ([[2, [ID]]], ("box",), "For the project box."),
        (
            [["projects", [], ["acme-*"]]],
            (),
            "For every project with the name acme-*, also those to come.",
        ),
        (
            [["projects", [ID], ["acme-*"]]],
            ("box",),
            "For box, and for every project with the name acme-*, also those to come.",
        ),
    ],
)
def test_a_token_that_only_reads_reads_everybodys_projects(
    held: list[Any], projects: tuple[str, ...], sentence: str
) -> None:
    assert words(*held, ["actions", ["read"]], projects=projects).scope == sentence
    assert words(["actions", ["read", "yank"]], ["actions", ["read"]]).scope.startswith("For all projects,")
    assert words(["actions", ["read", "yank"]]).scope == ALL


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        ([], "It may upload, yank and read."),
        ([["actions", ["read"]]], "It may read."),
        ([["actions", ["yank", "upload"]]], "It may upload and yank."),
        ([["actions", []]], "It may do nothing."),
        ([["actions", ["audit"]]], "It may read the audit trail."),
        (
            [["actions", ["audit", "read", "yank", "upload"]]],
            "It may upload, yank, read and read the audit trail.",
        ),
    ],
)
def test_what_a_token_is_for_is_told_in_one_order(held: list[Any], sentence: str) -> None:
    assert words(*held).actions == sentence


def test_actions_must_all_be_allowed() -> None:
    held = [["actions", ["upload", "yank"]], ["actions", ["upload", "read"]]]
    assert token_words.actions_of([understood(caveat) for caveat in held]) == {"upload"}
    assert token_words.actions_of([]) == {"upload", "yank", "read"}


@pytest.mark.parametrize(
    ("caveat", "sentences"),
    [
        ([0, 2**40, 0], ()),
        ([0, 2**40, 1577836800], ("Not before 1 Jan 2020 (UTC).",)),
        ([0, 2**40, 1577836860], ("Not before 1 Jan 2020, 00:01 UTC.",)),
        (["networks", ["192.0.2.7/32", "2001:db8::/32"]], ("Only from 192.0.2.7 or 2001:db8::/32.",)),
        (["uses", 1], ("For one use: a file published, or a release yanked.",)),
        (["uses", 2, "ci"], ("For 2 uses: each file published and each release yanked is one.",)),
        (["version", "1.0rc1"], ("Only for version 1.0rc1.",)),
        (["sha256", DIGESTS[:1]], (f"Only for the file with the SHA-256 digest {'0' * 12}…",)),
        (["sha256", DIGESTS], (f"Only for 5 files, with the SHA-256 digests {'000000000000…, ' * 3}…",)),
    ],
)
def test_each_limit_is_a_sentence(caveat: list[Any], sentences: tuple[str, ...]) -> None:
    assert words(caveat).limits == sentences


@pytest.mark.parametrize(
    ("expires", "sentence"),
    [
        (None, "It never expires."),
        (datetime(2100, 3, 1, tzinfo=UTC), "It works through 28 Feb 2100 (UTC)."),
        (datetime(2100, 3, 1, 12, 30, tzinfo=UTC), "It works until 1 Mar 2100, 12:30 UTC."),
        (datetime(2020, 3, 1, tzinfo=UTC), "It expired at the end of 29 Feb 2020 (UTC)."),
        (datetime(2020, 3, 1, 12, 30, tzinfo=UTC), "It expired on 1 Mar 2020, 12:30 UTC."),
    ],
)
def test_an_end_that_was_chosen_as_a_day_is_told_as_one(expires: datetime | None, sentence: str) -> None:
    assert words(expires=expires).end == sentence


@pytest.mark.parametrize(
    ("days", "term"),
    [(-1, "over"), (0, "over"), (1, "soon"), (14, "soon"), (15, "running"), (None, "endless")],
)
def test_a_token_expires_soon_within_fourteen_days(days: int | None, term: str) -> None:
    expires = clock.now() + timedelta(days=days) if days is not None else None
    assert token_words._term(expires) == term
