"""How long another server asks to wait."""

from email.utils import parsedate_to_datetime

from strongroom.kernel import clock


def seconds(retry_after: str) -> float | None:
    """The value of ``Retry-After`` (RFC 9110 §10.2.3), seconds or a date, in seconds from now; ``None`` for what is neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - clock.now()).total_seconds())
    except (TypeError, ValueError, OverflowError):  # a date without a zone is none, either
        return None
