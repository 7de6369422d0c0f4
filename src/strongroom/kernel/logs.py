"""Where log lines go, and in what form: one line each on standard error, never a query string or a body.

Modules say ``_log = logging.getLogger(__name__)`` and hand facts over as ``extra``; they are written as ``key=value``.
"""

import json
import logging
from datetime import UTC, datetime

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class OneLine(logging.Formatter):
    """``time level logger message key=value …``; what could break out of the line is quoted as JSON (AU-07)."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with a traceback below it where there is one."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts = {key: value for key, value in vars(record).items() if key not in _KNOWN}
        words = [time, record.levelname.lower(), record.name, _quoted(record.getMessage())]
        line = " ".join(words + [f"{key}={json.dumps(str(value))}" for key, value in facts.items()])
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def set_up() -> None:
    """Send all log lines of this process to standard error; quiet those that say what an answer says already."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for quiet in ("httpx", "httpcore", "django.request", "django.security"):
        logging.getLogger(quiet).setLevel(logging.ERROR)


def _quoted(message: str) -> str:
    return message if message.isprintable() else json.dumps(message)
