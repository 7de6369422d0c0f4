"""A keyring for processes under test: a file in their home folder, where a desktop would have a service.

``keyring`` loads it by its name (``PYTHON_KEYRING_BACKEND``), as it does with every keyring that others provide.
"""

import json
from pathlib import Path

from keyring.backend import KeyringBackend

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = {
    "PYTHON_KEYRING_BACKEND": f"{__name__}.FileKeyring",
    "PYTHONPATH": str(REPOSITORY),
}
"""What lets a process find it."""


class FileKeyring(KeyringBackend):
    """Passwords by service and username."""

    priority = 5  # as the services of desktops have it

    def get_password(self, service: str, username: str) -> str | None:
        """What was set, if anything."""
        found = _kept().get(service, {}).get(username)
        return None if found is None else str(found)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it in the file."""
        kept = _kept()
        kept.setdefault(service, {})[username] = password
        _path().write_text(json.dumps(kept))


def _path() -> Path:
    return Path.home() / "keyring.json"


def _kept() -> dict[str, dict[str, str]]:
    return dict(json.loads(_path().read_text())) if _path().exists() else {}
