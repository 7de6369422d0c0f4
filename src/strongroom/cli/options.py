"""What commands have in common: ``--config`` and ``--data`` of those that work on an instance, and times."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import click

from strongroom.kernel import clock, config

_SPAN = re.compile(r"(\d{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--config`` and ``--data``, and let them stand before it runs."""

    @click.option(
        "--config", "config_file", type=click.Path(path_type=Path, dir_okay=False), help="The TOML file."
    )
    @click.option(
        "--data", type=click.Path(path_type=Path, file_okay=False), help="The data folder (default: ./var)."
    )
    @wraps(command)
    def run(config_file: Path | None, data: Path | None, **options: Any) -> Any:
        config.choose(config=config_file, data=data)
        return command(**options)

    return run


def moment(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """For ``callback``: a time from ``30d``, ``12h`` or ``15m`` from now, or from ISO 8601, in UTC unless it says otherwise."""
    return _moment(value, sign=1) if value is not None else None


def past(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """For ``callback``: the same with ``30d``, ``12h`` or ``15m`` ago."""
    return _moment(value, sign=-1) if value is not None else None


def ago(value: str) -> str:
    """``30d``, ``12h`` or ``15m`` as the time (ISO 8601) that is so long ago; anything else as it is."""
    return _moment(value, sign=-1).isoformat() if _SPAN.fullmatch(value) else value


def _moment(value: str, *, sign: int) -> datetime:
    if found := _SPAN.fullmatch(value):
        return clock.now() + sign * timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no time. Write 30d, 12h, 15m or 2027-01-31T12:00.") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
