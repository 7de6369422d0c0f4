"""What an operator is told when attestations cannot be checked."""

from pathlib import Path


class TrustRootUnusable(Exception):
    """The trust root that the configuration names cannot be read; the message says which file and why."""

    def __init__(self, path: Path, problem: Exception) -> None:
        first_line = next(iter(str(problem).splitlines()), "") or type(problem).__name__
        super().__init__(f"{path} cannot be used as a trust root for attestations: {first_line}")
