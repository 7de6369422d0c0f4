"""Processes of their own that deliver from the running test's database, as servers do; they can be killed at any moment.

Run as a program this module is one of them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path


@contextmanager
def delivering() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that delivers until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.delivering"],
        cwd=Path(__file__).parents[2],
        env=os.environ
        | _database()
        | {
            "DJANGO_SETTINGS_MODULE": "strongroom.settings",
            "STRONGROOM_AUDIT__WEBHOOK_NETWORKS": "127.0.0.0/8",
        },
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _database() -> dict[str, str]:
    """The test's own database; the one on SQLite has the usual name in the run's data folder."""
    from django.db import connection

    url = os.environ.get("STRONGROOM_DATABASE_URL", "")
    if not url:
        return {}
    return {"STRONGROOM_DATABASE_URL": f"{url.rpartition('/')[0]}/{connection.settings_dict['NAME']}"}


def main() -> None:
    """Deliver for ever."""
    import django

    django.setup()
    from strongroom.api.threads import with_connection
    from strongroom.webhooks.couriers import Couriers

    turn = Couriers(with_connection).turn
    while True:
        with_connection(partial(turn))
        time.sleep(0.05)


if __name__ == "__main__":
    main()
