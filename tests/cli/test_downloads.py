"""``strongroom audit downloads``: what is asked, how it is answered, and that the question is recorded."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from strongroom.audit.downloads import Downloads
from strongroom.audit.models import Entry
from strongroom.cli.audit import audit
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.projects import files

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture(autouse=True)
def folder() -> Iterator[None]:
    """The data folder looks like that of a site; its database and its key are those of the tests."""
    wanted = (settings.CONFIG.key_file, settings.CONFIG.data / "strongroom.sqlite3")
    made = [path for path in wanted if not path.exists()]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    yield
    for path in made:
        path.unlink()


def download(
    sha256: str, filename: str, at: datetime, *, username: str = "alice", client: str = "pip"
) -> None:
    downloads = Downloads()
    by = Actor(
        kind=ActorKind.TOKEN,
        origin=Origin(address="203.0.113.7", client=client),
        user_id=len(username),
        username=username,
        credential="t0ken",
    )
    with clock.frozen(at):
        downloads.begun(sha256, filename, by=by)
    downloads.flush()


def ask(*words: str, now: datetime = NOON) -> Result:
    with clock.frozen(now):
        return CliRunner().invoke(audit, ["downloads", *words])


def found(*words: str, now: datetime = NOON) -> list[str]:
    result = ask(*words, "--json", now=now)
    assert result.exit_code == 0, result.output
    return [row["filename"] for row in json.loads(result.stdout)]


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        (("--since", "2d", "--until", "23h"), True),
        (("--since", "30h"), True),
        (("--since", "24h"), True),
        (("--since", "23h"), False),
        (("--since", "2d", "--until", "24h"), False),
        (("--since", "2026-11-02T12:00", "--until", "2026-11-02T12:00:00.000001"), True),
        (("--since", "2026-11-02T13:00+01:00", "--until", "2026-11-03"), True),
        (("--since", "2026-11-02T12:00:00.000001"), False),
        (("--since", "2026-11-01", "--until", "2026-11-02T12:00"), False),
    ],
)
def test_times_are_ago_or_points_in_time_and_the_end_is_exclusive(
    words: tuple[str, ...], is_found: bool
) -> None:
    download(ONE, "demo-1.0.whl", NOON - timedelta(days=1))
    assert found("--sha256", ONE, *words) == (["demo-1.0.whl"] if is_found else [])


def test_files_are_found_by_digest_by_name_and_by_project_even_when_they_were_deleted() -> None:
    for number, name in ((ONE, "demo-1.0-py3-none-any.whl"), (TWO, "demo-2.0.tar.gz")):
        files.take_name(name, project="demo", sha256=number)  # no file is there any more
        download(number, name, NOON)
    later = NOON + timedelta(minutes=1)
    assert len(found("--project", "Demo", "--since", "1h", now=later)) == 2
    assert found("--project", "demo", "--version", "2", "--since", "1h", now=later) == ["demo-2.0.tar.gz"]
    assert found("--sha256", ONE, "--since", "1h", now=later) == ["demo-1.0-py3-none-any.whl"]
    both = found("--sha256", ONE, "--file", "demo-2.0.tar.gz", "--since", "1h", now=later)
    assert both == ["demo-1.0-py3-none-any.whl", "demo-2.0.tar.gz"]
    again = found("--sha256", ONE, "--file", "demo-1.0-py3-none-any.whl", "--since", "1h", now=later)
    assert again == ["demo-1.0-py3-none-any.whl"]


def test_more_digests_than_a_query_takes_are_asked_about() -> None:
    download("f" * 64, "demo-1.0.whl", NOON)
    digests = [word for number in range(1200) for word in ("--sha256", f"{number:064x}")]
    later = NOON + timedelta(minutes=1)
    assert found(*digests, "--sha256", "f" * 64, "--since", "1h", now=later) == ["demo-1.0.whl"]
    assert len(Entry.objects.get().details["digests"]) == 50


def test_the_question_is_recorded_with_its_author() -> None:
    assert ask("--sha256", f"sha256:{ONE}", "--since", "7d").exit_code == 0
    entry = Entry.objects.get()
    assert (entry.tag, entry.actor_name, entry.outcome) == ("audit.downloads_asked", "console", "done")
    assert entry.details == {
        "digests": [ONE],
        "filenames": [],
        "version": "",
        "since": "2026-10-27T12:00:00.000000Z",
        "until": "2026-11-03T12:00:00.000000Z",
        "count": 0,
    }


def test_nobody_is_said_in_a_word_and_nothing_in_json_and_csv() -> None:
    nobody = ask("--sha256", ONE, "--since", "1d")
    assert nobody.stdout == "Nobody.\n"
    assert "This site is public: downloads are not recorded." in nobody.stderr
    assert ask("--sha256", ONE, "--since", "1d", "--json").stdout == "[]\n"
    assert ask("--sha256", ONE, "--since", "1d", "--csv").stdout.count("\n") == 1


def test_no_cell_is_a_formula_and_no_markup_is_read() -> None:
    # AU-07, AD-08
    download(ONE, "demo-1.0.whl", NOON, client='=HYPERLINK("http://evil")')
    download(ONE, "demo-1.0.whl", NOON, username="bob", client="[red]\x1b[31mforged[/red]\n")
    words = ("--sha256", ONE, "--since", "1h")
    later = NOON + timedelta(minutes=1)
    rows = list(csv.DictReader(io.StringIO(ask(*words, "--csv", now=later).stdout)))
    assert rows[0]["client"] == '\'=HYPERLINK("http://evil")'
    table = ask(*words, now=later).stdout
    assert "[red]" in table
    assert "\x1b" not in table


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--since", "1d"), "--sha256, --file or --project"),
        (("--sha256", ONE), "--since"),
        (("--sha256", ONE, "--since", "yesterday"), "no time"),
        (("--sha256", "abc", "--since", "1d"), "64 hex digits"),
        (("--sha256", ONE, "--since", "1d", "--until", "2d"), "ends before it begins"),
        (("--sha256", ONE, "--since", "1d", "--version", "1.0"), "--project"),
        (("--project", "nothing", "--since", "1d"), "no file of “nothing”"),
        (("--project", "../\x00", "--since", "1d"), "no file of"),
    ],
)
def test_what_can_not_be_asked_is_refused_and_nothing_is_recorded(
    words: tuple[str, ...], message: str
) -> None:
    result = ask(*words)
    assert result.exit_code != 0
    assert message in result.output
    assert not Entry.objects.exists()
