"""The one clock. Nothing else in Strongroom asks the operating system for the time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_offset = timedelta(0)
_frozen: datetime | None = None


def now() -> datetime:
    """The time as an aware UTC datetime, in microseconds."""
    return _frozen if _frozen is not None else datetime.now(UTC) + _offset  # noqa: TID251


def timestamp() -> float:
    """The time in seconds since 1970-01-01T00:00:00Z."""
    return now().timestamp()


def monotonic() -> float:
    """Seconds on a clock that never goes back; for measuring, not for dates."""
    return time.monotonic()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock still at ``at`` (aware) for a test."""
    global _frozen  # noqa: PLW0603  (the port's own state; this is the fake that ships with it)
    before, _frozen = _frozen, at
    try:
        yield
    finally:
        _frozen = before


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Run the clock ``by`` ahead (or behind, if negative) for a test."""
    global _offset, _frozen  # noqa: PLW0603
    before = _offset, _frozen
    _offset += by
    if _frozen is not None:
        _frozen += by
    try:
        yield
    finally:
        _offset, _frozen = before
