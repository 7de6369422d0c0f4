"""Which pages are generated, and by what."""

from collections.abc import Callable
from pathlib import Path

from docs.generate import command_line, configuration, events, refusals, security_model

_DOCS = Path(__file__).parent.parent

PAGES: dict[Path, Callable[[], str]] = {
    _DOCS / "configuration.md": configuration.page,
    _DOCS / "refusals.md": refusals.page,
    _DOCS / "events.md": events.page,
    _DOCS / "command-line.md": command_line.page,
    _DOCS / "security-model.md": security_model.page,
}
"""Page -> the function that returns its text. `tests/architecture/test_docs.py` fails when one is stale."""
