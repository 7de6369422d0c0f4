"""``strongroom token narrow`` makes copies of a token that are good for less, offline."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from strongroom.cli.main import main
from strongroom.kernel import clock
from strongroom.tokens import macaroon
from tests.support.clients import run
from tests.support.server import STRONGROOM

TOKEN = str(macaroon.dump(macaroon.mint(b"00000000-0000-0000-0000-000000000000", key=bytes(32))))


def narrow(*words: str, text: str = TOKEN, variable: str = "") -> Result:
    runner = CliRunner(env={"STRONGROOM_TOKEN": variable})
    return runner.invoke(main, ["token", "narrow", *words], input=text)


def caveats(text: str) -> list[object]:
    return [json.loads(caveat) for caveat in macaroon.load(text.strip()).caveats]


def test_each_option_adds_what_it_says() -> None:
    moment = datetime(2027, 1, 31, 12, tzinfo=UTC)
    result = narrow(
        *(
            "--project",
            "Acme.Box",
            "--action",
            "upload",
            "--network",
            "192.0.2.7",
            "--uses",
            "1",
            "--label",
            "a",
        ),
        *(
            "--version",
            "1.0.0",
            "--sha256",
            "a" * 64,
            "--expires",
            "2099-01-01",
            "--not-before",
            "2027-01-31T12:00",
        ),
    )
    assert result.exit_code == 0, result.output
    assert caveats(result.stdout) == [
        [1, ["acme-box"]],
        ["actions", ["upload"]],
        [0, int(datetime(2099, 1, 1, tzinfo=UTC).timestamp()), int(moment.timestamp())],
        ["networks", ["192.0.2.7/32"]],
        ["uses", 1, "a"],
        ["version", "1.0.0"],
        ["sha256", ["a" * 64]],
    ]


def test_options_may_come_more_than_once() -> None:
    result = narrow("--pattern", "acme-*", "--pattern", "box", "--action", "read", "--action", "upload")
    assert caveats(result.stdout) == [["projects", [], ["acme-*", "box"]], ["actions", ["upload", "read"]]]


@pytest.mark.parametrize(("span", "seconds"), [("30d", 30 * 86400), ("12h", 43200), ("15m", 900)])
def test_times_may_be_from_now_on(span: str, seconds: int) -> None:
    with clock.frozen(datetime(2027, 1, 1, tzinfo=UTC)):
        result = narrow("--expires", span)
        assert caveats(result.stdout) == [[0, int(clock.timestamp()) + seconds, 0]]


def test_the_token_may_stand_in_the_environment() -> None:
    assert caveats(narrow("--uses", "1", text="", variable=TOKEN).stdout) == [["uses", 1]]


@pytest.mark.parametrize(
    ("words", "text", "message"),
    [
        ((), TOKEN, "at least one thing"),
        (("--uses", "0"), TOKEN, "from 1 to"),
        (("--uses", "x"), TOKEN, "not a valid integer"),
        (("--action", "fly"), TOKEN, "nothing that a token is for"),
        (("--network", "home"), TOKEN, "no network"),
        (("--pattern", "*"), TOKEN, "no name of projects"),
        (("--expires", "soon"), TOKEN, "is no time"),
        (("--expires", "2001-01-01"), TOKEN, "ended already"),
        (("--sha256", "abc"), TOKEN, "no SHA-256 digest"),
        (("--version", "one"), TOKEN, "no version"),
        (("--uses", "1"), "pypi-AAAA", "no API token"),
        (("--uses", "1"), "strongroom-AAAA", "no API token"),
        (("--uses", "1"), "", "on standard input"),
        (("--uses", "1"), "a b", "on standard input"),
        (("--uses", "1"), "strongroom-\x1b[2J", "on standard input"),
    ],
)
def test_a_mistake_is_told_and_gives_no_token(words: tuple[str, ...], text: str, message: str) -> None:
    result = narrow(*words, text=text)
    assert result.exit_code in {1, 2}
    assert message in result.output
    assert TOKEN not in result.output
    assert "strongroom-" not in result.stdout


def test_it_needs_no_instance(tmp_path: Path) -> None:
    """Neither a data folder nor a good configuration."""
    result = run(
        [STRONGROOM, "token", "narrow", "--uses", "1"],
        cwd=tmp_path, STRONGROOM_TOKEN=TOKEN, STRONGROOM_SITE__KIND="nonsense",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert caveats(result.stdout) == [["uses", 1]]
    assert list(tmp_path.iterdir()) == []
