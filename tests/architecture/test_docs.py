"""What can be read off the code stands in the docs, and is not older than the code."""

from pathlib import Path

import click
import pytest

from docs.generate import command_line, configuration, events, refusals
from docs.generate.pages import PAGES


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_as_the_code_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path](), "stale: run `make docs`"


def test_every_setting_says_what_it_does() -> None:
    settings = configuration.settings()
    assert settings
    assert [setting.name for setting in settings if not setting.meaning] == []


def test_every_refusal_spells_out_its_code() -> None:
    assert [reason.place for reason in refusals.reasons() if reason.code is None] == []


def test_every_code_has_a_sentence() -> None:
    explained = refusals.by_code()
    assert explained
    assert [code for code, reason in explained.items() if len(reason.sentence) < 10] == []


def test_every_event_has_a_tag_of_its_own_and_says_what_happened() -> None:
    declared = events.declared()
    tags = [event.tag for event in declared]
    assert tags
    assert sorted(set(tags)) == sorted(tags)
    assert [event for event in declared if not event.tag or len(event.meaning) < 10] == []


def test_every_command_and_every_option_says_what_it_does() -> None:
    commands = command_line.commands()
    assert commands
    options = [
        (name, param)
        for name, command in commands
        for param in command.params
        if isinstance(param, click.Option)
    ]
    assert [name for name, command in commands if not command.help] == []
    assert [(name, option.name) for name, option in options if not option.help] == []


def test_a_code_that_the_source_does_not_spell_out_is_noticed() -> None:
    (reason,) = refusals.reasons_in("def check(code):\n    raise Refused(code, 'No.')\n", module="web/x.py")
    assert reason.code is None


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ('Refused("full", "There is no room left.")', "There is no room left."),
        ('Refused("full", f"At most {count} files.")', "At most … files."),
        ('Refused("full", _("At most %(count)d files.") % {"count": 3})', "At most … files."),
        ('Refused("full", "At most {} files.".format(3))', "At most {} files."),
        ('Refused(code="full", message=_("There is no" + " room left."))', "There is no room left."),
    ],
)
def test_the_sentence_of_a_refusal_is_read_from_the_source(call: str, sentence: str) -> None:
    (reason,) = refusals.reasons_in(f"raise {call}\n", module="web/x.py")
    assert (reason.code, reason.sentence) == ("full", sentence)
