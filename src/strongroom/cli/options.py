"""What commands have in common: ``--config`` and ``--data`` of those that work on an instance, and kinds of values."""

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


class Moment(click.ParamType):
    """A point in time: ``30d``, ``12h`` or ``15m`` from now, or an ISO 8601 date or time, in UTC unless it says otherwise."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime:
        """The moment, aware."""
        if isinstance(value, datetime):
            return value
        if found := _SPAN.fullmatch(value):
            return clock.now() + timedelta(**{_UNITS[found[2]]: int(found[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time. Write 30d, 12h, 15m or 2027-01-31T12:00.", param, context)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


MOMENT = Moment()
