"""The sinks that the configuration names."""

from urllib.parse import urlsplit

from django.conf import settings

from strongroom.audit.sinks.otlp import Otlp
from strongroom.audit.sinks.relay import Relay, Say
from strongroom.audit.sinks.sink import OTLP, SYSLOG
from strongroom.audit.sinks.syslog import syslog


def relays(*, say: Say) -> list[Relay]:
    """One for each; their ``turn`` is to be called every second. Raises ``ValueError`` for what cannot be used."""
    config = settings.CONFIG
    hostname = urlsplit(config.base_url).hostname or ""
    found = []
    if config.audit.syslog:
        found.append(Relay(SYSLOG, syslog(config.audit.syslog, hostname=hostname), say=say))
    if config.audit.otlp_url:
        otlp = Otlp(config.audit.otlp_url, headers=config.audit.otlp_headers, hostname=hostname)
        found.append(Relay(OTLP, otlp, say=say))
    return found
