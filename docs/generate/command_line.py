"""``docs/command-line.md``: every command of ``strongroom``, from its declaration."""

from collections.abc import Iterator

import click

from strongroom.cli import main

_INTRO = """\
# Command line

<!-- Written by `make docs` from src/strongroom/cli/; not edited by hand. -->

Commands about an instance take `--config FILE` (the [configuration](configuration.md)) and `--data FOLDER` (database, files, keys,
outbox), so that any number of instances can stand side by side. `strongroom login` and `strongroom token` are for publishers, on any
machine; they take an API token from `STRONGROOM_TOKEN` or from standard input, never from the command line.

`strongroom login` keeps the token in the keyring of the system where Strongroom is installed with its extra `keyring`
(`pip install '.[keyring]'` in a checkout), which uv needs for `--keyring-provider subprocess`, too; else in `~/.pypirc`.
"""
_EVERYWHERE = {"config_file", "data", "help"}


def page() -> str:
    """The whole page, in Markdown, in the order of the help text."""
    return "\n".join([_INTRO, *(_section(name, command) for name, command in commands())])


def commands() -> list[tuple[str, click.Command]]:
    """Every command with its full name, such as ``strongroom user add``."""
    return list(_walk("strongroom", main))


def _walk(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    for key in sorted(command.commands):
        yield from _walk(f"{name} {key}", command.commands[key])


def _section(name: str, command: click.Command) -> str:
    arguments = [
        param.make_metavar(_context(name, command))
        for param in command.params
        if isinstance(param, click.Argument)
    ]
    lines = [f"## `{' '.join([name, *arguments])}`", "", _unwrapped(command.help or ""), ""]
    options = [
        param for param in command.params if isinstance(param, click.Option) and param.name not in _EVERYWHERE
    ]
    lines += [f"- `{_spelled(option, _context(name, command))}`: {option.help or ''}" for option in options]
    return "\n".join(lines + [""] * bool(options))


def _context(name: str, command: click.Command) -> click.Context:
    return click.Context(command, info_name=name)


def _spelled(option: click.Option, context: click.Context) -> str:
    name = ", ".join(option.opts)
    return name if option.is_flag else f"{name} {option.make_metavar(context)}"


def _unwrapped(text: str) -> str:
    return " ".join(text.split())
