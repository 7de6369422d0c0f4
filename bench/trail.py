"""The audit trail: what an event adds to its action, how soon a search answers, how fast the trail is sealed and verified."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from bench.process import Failed
from tests.support.postgresql import fresh_database, running_cluster

UPLOAD = "publishing a small wheel"
TOKEN = "making an API token, in a page"
LEVEL = "choosing what may publish, in a page"
ACTIONS = [UPLOAD, TOKEN, LEVEL]
WITHOUT = ", without its event"

SEAL = "entries sealed a second"
VERIFY = "entries verified a second"
SEARCH = "search: "

MOST_OVER = 1.15
MOST_SEARCH_MILLISECONDS = 100
LEAST_VERIFIED = 50_000

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
DATABASES = [SQLITE, POSTGRESQL]

ROUNDS = 60
ENTRIES = 1_000_000
_SECONDS = 1800

Costs = dict[str, float]


def costs(folder: Path, *, rounds: int = ROUNDS, entries: int = ENTRIES) -> dict[str, Costs]:
    """For each of ``DATABASES``: the median milliseconds of actions and searches, and entries a second of sealing and verifying.

    Raises ``Failed`` where something could not be done.
    """
    found = {SQLITE: _costs(folder / "sqlite", "", rounds, entries)}
    with running_cluster(durable=True) as cluster, fresh_database(cluster.url("strongroom")) as url:
        found[POSTGRESQL] = _costs(folder / "postgresql", url, rounds, entries)
    return found


def _costs(folder: Path, database_url: str, rounds: int, entries: int) -> Costs:
    folder.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STRONGROOM_")}
    environment |= {"DJANGO_SETTINGS_MODULE": "strongroom.settings", "STRONGROOM_DATA": str(folder)}
    if database_url:
        environment["STRONGROOM_DATABASE_URL"] = database_url
    result = subprocess.run(
        [sys.executable, "-m", "bench.trail_costs", str(rounds), str(entries)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if result.returncode:
        raise Failed(result.stderr[-400:])
    return {what: statistics.median(values) for what, values in json.loads(result.stdout).items()}
