"""API tokens: what it costs to find out who publishes, and whether they may. CPU time of one process."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from bench.process import Failed

AUTHORIZE = "authorizing an upload by API token"
NARROWED = "the same, by a copy held to project, action, time, network, uses and version"
BARE = "verifying the bare token, in memory"
PYPITOKEN = "verifying the bare token, pypitoken"
COSTS = [AUTHORIZE, NARROWED, BARE, PYPITOKEN]

MAX_MILLISECONDS = 1
ROUNDS = 200
_SECONDS = 600


def costs(folder: Path, *, rounds: int = ROUNDS) -> dict[str, float]:
    """The median milliseconds of CPU of each of ``COSTS``, measured in turn on a database in ``folder``.

    Raises ``Failed`` where a token was refused.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STRONGROOM_")}
    environment |= {"DJANGO_SETTINGS_MODULE": "strongroom.settings", "STRONGROOM_DATA": str(folder)}
    result = subprocess.run(
        [sys.executable, "-m", "bench.token_costs", str(rounds)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if result.returncode:
        raise Failed(result.stderr[-400:])
    return {what: statistics.median(times) for what, times in json.loads(result.stdout).items()}
