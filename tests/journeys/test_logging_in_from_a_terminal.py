"""``strongroom login``: a code in a terminal, a person who approves in a browser, and a token that publishes."""

import configparser
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.keyring import Device, add_first_key, close_list, log_out, settle
from tests.journeys.publishing_clients import fresh_name, wheel
from tests.journeys.residents import PASSWORD
from tests.support.clients import environment_of_clients, run, said, uv_publish
from tests.support.console import console_of
from tests.support.file_keyring import ENVIRONMENT as FILE_KEYRING
from tests.support.patience import PROGRAM_SECONDS
from tests.support.server import STRONGROOM, Server

pytestmark = pytest.mark.journey

TWINE = Path(sys.executable).with_name("twine")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal of somebody whose home folder is ``home``, in which the command waits, showing ``code`` and ``link``.

    ``environment`` is what that somebody has set.
    """

    process: "subprocess.Popen[str]"
    home: Path
    code: str
    link: str
    environment: Mapping[str, str]

    def ends(self) -> tuple[int, str, str]:
        """Exit code, output and errors, once it has ended."""
        output, errors = self.process.communicate(timeout=PROGRAM_SECONDS)
        return self.process.returncode, output, errors

    def run(self, *words: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Another command in it."""
        return run(words, cwd=self.home, **{**self.environment, "HOME": str(self.home), **environment})


@contextmanager
def logging_in(
    server: Server, home: Path, *options: str, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Terminal]:
    """Type the command, and read on until it waits."""
    with subprocess.Popen(
        [str(STRONGROOM), "login", server.base_url, "--name", "laptop", *options],
        env=environment_of_clients(**{**environment, "HOME": str(home)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        shown = ""
        try:
            for line in process.stderr:
                shown += line
                if "Waiting" in line:
                    break
            code = re.search(r"^  ([A-Z]{4}-[A-Z]{4})$", shown, re.MULTILINE)
            link = re.search(r"http\S+user_code=\S+", shown)
            assert code, shown
            assert link, shown
            yield Terminal(process, home, code[1], link[0], environment)
        finally:
            process.kill()


@pytest.fixture
def person(page: Page, house: Server) -> str:
    """Somebody with a security key, which is plugged in, and who is not logged in."""
    name = fresh_name("person")
    settle(page, house, name)
    Device(page)
    add_first_key(page, "Key")
    log_out(page)
    return name


def test_a_person_approves_with_a_second_factor_and_twine_publishes(
    person: str, page: Page, house: Server, tmp_path: Path
) -> None:
    with logging_in(house, tmp_path) as terminal:
        log_in_at(page, terminal.link, person)
        expect(page.get_by_role("main")).to_contain_text(terminal.code)
        expect(page.get_by_role("main")).to_contain_text("strongroom login")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("Approved.")).to_be_visible()
        code, output, _errors = terminal.ends()
        assert code == 0
        page.reload()
        expect(page.get_by_role("region", name="API tokens")).to_contain_text("laptop")

        section, token = kept(terminal.home)
        assert token not in output
        file = wheel(tmp_path, person)
        done = terminal.run(TWINE, "upload", "--non-interactive", "--repository", section, file.path)
        assert done.returncode == 0, said(done)
        with console_of(house) as console:
            assert console("file", filename=file.path.name)["uploader"] == person

        ended = terminal.run(STRONGROOM, "token", "revoke", house.base_url, STRONGROOM_TOKEN=token)
        assert ended.returncode == 0, said(ended)
        second = wheel(tmp_path, person, version="2.0")
        refused = terminal.run(TWINE, "upload", "--non-interactive", "--repository", section, second.path)
        assert refused.returncode != 0
        assert "403" in said(refused)


def test_the_token_is_printed_where_it_is_asked_for_and_uv_publishes(
    person: str, page: Page, house: Server, tmp_path: Path
) -> None:
    with logging_in(house, tmp_path, "--print") as terminal:
        log_in_at(page, f"{house.base_url}/account/device/", person)
        page.get_by_label("Code").fill(terminal.code.lower().replace("-", " "))
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("Approved.")).to_be_visible()
        code, output, _errors = terminal.ends()
        assert code == 0
        assert not (terminal.home / ".pypirc").exists()
        done = uv_publish(house.base_url, wheel(tmp_path, person).path, token=output.strip())
        assert done.returncode == 0, said(done)


def test_the_token_goes_into_the_keyring_where_uv_and_twine_find_it(
    person: str, page: Page, house: Server, tmp_path: Path
) -> None:
    with logging_in(house, tmp_path, environment=FILE_KEYRING) as terminal:
        log_in_at(page, terminal.link, person)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("Approved.")).to_be_visible()
        code, output, _errors = terminal.ends()
        assert code == 0
        assert "strongroom-" not in output
        assert not (terminal.home / ".pypirc").exists()
        told = re.findall(r"^  ((?:twine|uv) .+)$", output, re.MULTILINE)
        assert len(told) == 2

        path = f"{TWINE.parent}:{environment_of_clients()['PATH']}"  # where uv looks for the program keyring
        for version, command in enumerate(told):
            file = wheel(tmp_path, person, version=f"{version}.0")
            words = command.removesuffix("dist/*").split()
            done = terminal.run(*words, file.path, PATH=path, TWINE_NON_INTERACTIVE="1")
            assert done.returncode == 0, said(done)
            with console_of(house) as console:
                assert console("file", filename=file.path.name)["authenticated"] == "token"


def test_a_program_that_is_denied_gets_nothing(
    person: str, page: Page, house: Server, tmp_path: Path
) -> None:
    with logging_in(house, tmp_path) as terminal:
        log_in_at(page, terminal.link, person)
        page.get_by_role("button", name="Deny").click()
        expect(page.get_by_text("Denied.")).to_be_visible()
        assert_nothing_was_given(terminal, why="denied")
        page.goto("/manage/account/")
        expect(page.get_by_role("region", name="API tokens")).not_to_contain_text("laptop")


def test_a_program_that_nobody_approves_in_time_gets_nothing(
    person: str, page: Page, house: Server, tmp_path: Path
) -> None:
    with logging_in(house, tmp_path) as terminal, console_of(house) as console:
        log_in_at(page, terminal.link, person)
        console("end_device_requests")
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("[data-refused=device_code_unknown]").first).to_be_attached()
        assert_nothing_was_given(terminal, why="in time")


def log_in_at(page: Page, link: str, username: str) -> None:
    """Open a link without a session: password and key come first, then the page that was meant."""
    close_list(page)
    page.goto(link)
    expect(page.get_by_role("heading", name="Log in", level=1)).to_be_visible()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(link)


def kept(home: Path) -> tuple[str, str]:
    """The section of ``~/.pypirc`` that the command has made, and the token in it."""
    path = home / ".pypirc"
    assert path.stat().st_mode & 0o777 == 0o600
    parser = configparser.RawConfigParser()
    parser.read(path)
    [section] = (name for name in parser.sections() if name != "distutils")
    return section, parser[section]["password"]


def assert_nothing_was_given(terminal: Terminal, *, why: str) -> None:
    code, output, errors = terminal.ends()
    assert code == 1
    assert why in errors
    assert "strongroom-" not in output + errors
    assert not (terminal.home / ".pypirc").exists()
