"""The command line: ``strongroom serve``, ``check``, ``migrate`` and ``user``."""

from strongroom.cli.main import main

__all__ = ["main"]
