"""Each start of a server records its configuration, and no secret of it."""

from typing import Any

import orjson
import pytest

import strongroom
from strongroom.audit import starting
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.kernel.config import Config
from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import Mail, SecretScanning, Server, Site
from strongroom.web import saying
from tests.support.configuration import changed

pytestmark = pytest.mark.django_db

PASSWORD = "granite-umbrella-parsnip"


def started(settings: Any, config: Config | None = None) -> Entry:
    """The entry of a start with this configuration."""
    if config is not None:
        settings.CONFIG = config
    starting.record(by=Actor.system())
    return Entry.objects.order_by("-serial")[0]


def test_a_start_records_version_database_and_what_differs(settings: Any) -> None:
    entry = started(settings, changed("server", workers=3))
    assert (entry.tag, entry.outcome, entry.actor_name) == ("configuration.started", "done", "system")
    details = entry.details
    assert details["version"] == strongroom.__version__
    assert details["database"] in {"sqlite", "postgresql"}
    assert details["settings"] == {"server.workers": 3}
    assert "server.workers" not in details["fingerprints"]
    assert details["changed"] == []


def test_the_next_start_names_what_changed_since(settings: Any) -> None:
    started(settings, Config(server=Server(workers=3)))
    entry = started(settings, Config(site=Site(access="private")))
    assert entry.details["changed"] == ["server.workers", "site.access"]
    assert saying.sentence(entry, {}, shows_origin=True).endswith(
        "settings changed: server.workers, site.access."
    )
    again = started(settings)
    assert again.details["changed"] == []
    assert saying.sentence(again, {}, shows_origin=True).startswith("This site started with Strongroom ")


def test_no_secret_is_recorded_and_yet_its_change_is_noticed(settings: Any) -> None:  # AU-10
    entry = started(
        settings, changed("mail", password=Secret(PASSWORD), username="mailer", host="smtp.example")
    )
    stored = entry.facts + entry.personal
    assert not [text for text in (PASSWORD, "mailer", "smtp.example") if text in stored]
    assert {"mail.password", "mail.username", "mail.host"} <= entry.details["fingerprints"].keys()
    changed_password = changed("mail", password=Secret("other"), username="mailer", host="smtp.example")
    assert started(settings, changed_password).details["changed"] == ["mail.password"]


def test_a_database_with_its_password_is_a_fingerprint_alone() -> None:
    config = Config(
        database_url=Secret(f"postgresql://strongroom:{PASSWORD}@db/strongroom"),
        site=Site(name="Vault"),
        server=Server(trusted_proxies=("10.0.0.1",)),
        mail=Mail(host="smtp.example"),
        secret_scanning=SecretScanning(keys_url="https://keys.example/x"),
    )
    shown, others = starting.chosen(config)
    assert shown == {}
    assert set(others) == {
        "database_url",
        "site.name",
        "server.trusted_proxies",
        "mail.host",
        "secret_scanning.keys_url",
    }
    assert all(len(fingerprint) == 16 for fingerprint in others.values())
    assert PASSWORD not in orjson.dumps(others).decode()


def test_every_setting_that_is_shown_is_one_and_none_is_a_secret() -> None:
    flat = starting._flat(Config())
    assert flat.keys() >= starting.SHOWN
    assert not [name for name in starting.SHOWN if "url" in name or "password" in name or "headers" in name]
