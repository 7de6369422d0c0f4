"""With which configuration a server was started: a change of it is an act of its operators like any other."""

from typing import Any, Final

import msgspec
import orjson
from django.conf import settings
from django.db import connection

import strongroom
from strongroom.audit import trail
from strongroom.audit.events import ConfigurationStarted
from strongroom.audit.models import Entry
from strongroom.kernel.actor import Actor
from strongroom.kernel.config import Config
from strongroom.kernel.secrets import mac
from strongroom.kernel.sections import Section

SHOWN: Final = frozenset(
    {
        "accounts.registration",
        "accounts.session_hours",
        "accounts.session_idle_minutes",
        "audit.pseudonymize_after_days",
        "audit.retention_days",
        "features.webauthn",
        "mail.security",
        "recovery.wait_hours",
        "server.port",
        "server.workers",
        "sign_in.confirm_new_browsers",
        "sign_in.two_factor",
        "sign_in.two_factor_from",
        "site.access",
        "site.kind",
        "tokens.max_days",
        "trusted_publishing.enabled",
        "trusted_publishing.providers",
        "uploads.allowed",
        "uploads.max_file_size",
        "uploads.max_project_size",
        "uploads.release_open_days",
    }
)
"""Settings of which the value is recorded: choices, numbers and days. Of all others only that they are set (AU-10)."""

_DIGITS: Final = 16  # hex digits of a fingerprint
_FILE: Final = "config"  # where settings come from, none itself


def record(*, by: Actor) -> None:
    """Record the start of a server: its version, its database, and what of its configuration is not as it comes.

    Call it once for each start, not for each worker.
    """
    shown, others = chosen(settings.CONFIG)
    changed = _changed({**shown, **others})
    event = ConfigurationStarted(
        version=strongroom.__version__,
        database=connection.vendor,
        settings=shown,
        fingerprints=others,
        changed=changed,
        why="changed" if changed else "",
    )
    trail.record(event, by=by)


def chosen(config: Config) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings that differ from their defaults: those of ``SHOWN`` with values, all others with a fingerprint.

    A fingerprint tells only whoever has the instance's key what a value is not.
    """
    given, usual = _flat(config), _flat(Config())
    differing = {name: value for name, value in given.items() if value != usual[name] and name != _FILE}
    shown = {name: value for name, value in differing.items() if name in SHOWN}
    return shown, {name: _fingerprint(name, value) for name, value in differing.items() if name not in SHOWN}


def _flat(config: Config) -> dict[str, Any]:
    """Every setting by its whole name, as what JSON can hold."""
    flat: dict[str, Any] = {}
    for name in config.__struct_fields__:
        value = getattr(config, name)
        if isinstance(value, Section):
            flat |= {f"{name}.{key}": _plain(getattr(value, key)) for key in value.__struct_fields__}
        else:
            flat[name] = _plain(value)
    return flat


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, enc_hook=str, str_keys=True)


def _fingerprint(name: str, value: Any) -> str:
    """Of the name, too, so that two settings of one value do not show that they are."""
    key = settings.KEYRING.derive("audit configuration")
    return mac(key, orjson.dumps([name, value], option=orjson.OPT_SORT_KEYS)).hex()[:_DIGITS]


def _changed(now: dict[str, Any]) -> list[str]:
    """The settings that were others at the last start; none at the first one."""
    last = Entry.objects.filter(tag=ConfigurationStarted.tag).order_by("-serial").first()
    if last is None:
        return []
    details = last.details
    before = {**details.get("settings", {}), **details.get("fingerprints", {})}
    return sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
