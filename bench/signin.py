"""Signing in: what it costs over checking the password, and what checking a code or a key costs. CPU time of one process."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from bench.process import Failed

ARGON2 = "check of a password, bare argon2"
APP = "sign-in, password and app"
KEY = "sign-in, password and security key"
PASSKEY = "sign-in, passkey alone"
TOTP_CHECK = "check of a code"
ASSERTION = "check of a key's answer"
KEY_ROWS = "the same, with its challenge and count in the database"
COSTS = [ARGON2, APP, KEY, PASSKEY, TOTP_CHECK, ASSERTION, KEY_ROWS]

MAX_OVER_ARGON2 = 1.15
MAX_TOTP_MILLISECONDS = 1
MAX_ASSERTION_MILLISECONDS = 3
ROUNDS = 60
_SECONDS = 600


def costs(folder: Path, *, rounds: int = ROUNDS) -> dict[str, float]:
    """The median milliseconds of CPU of each of ``COSTS``, measured in turn on a database in ``folder``.

    Raises ``Failed`` where somebody could not sign in.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STRONGROOM_")}
    environment |= {"DJANGO_SETTINGS_MODULE": "strongroom.settings", "STRONGROOM_DATA": str(folder)}
    result = subprocess.run(
        [sys.executable, "-m", "bench.signin_costs", str(rounds)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if result.returncode:
        raise Failed(result.stderr[-400:])
    return {what: statistics.median(times) for what, times in json.loads(result.stdout).items()}
