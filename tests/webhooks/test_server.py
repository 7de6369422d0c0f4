"""A running server delivers by itself."""

import subprocess
import sys
from pathlib import Path

from strongroom.kernel.secrets import Secret
from tests.support.patience import until
from tests.support.server import running_server
from tests.webhooks.receiving import Receiver

_ADD = """
import sys, django
django.setup()
from strongroom.kernel.actor import Actor
from strongroom.webhooks import adding, owner
from strongroom.webhooks.adding import Wish
by = Actor.console()
print(adding.add(owner.instance(by=by), Wish(url=sys.argv[1]), by=by).secret)
"""


def test_a_server_posts_what_happens_within_seconds(
    tmp_path: Path, fresh_database_url: str | None, post: Receiver
) -> None:
    networks = {"STRONGROOM_AUDIT__WEBHOOK_NETWORKS": "127.0.0.0/8"}
    with running_server(tmp_path / "data", database_url=fresh_database_url, env=networks):
        database = {"STRONGROOM_DATABASE_URL": fresh_database_url} if fresh_database_url else {}
        environment = networks | database | {
            "STRONGROOM_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "strongroom.settings",
            "PATH": "",
        }  # fmt: skip
        added = subprocess.run(
            [sys.executable, "-c", _ADD, post.url],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        until(lambda: post.got)
    assert post.got[0].message["type"] == "webhook.added"
    assert post.got[0].verify(Secret(added.stdout.strip()))
