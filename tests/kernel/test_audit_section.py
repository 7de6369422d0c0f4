"""The settings of the audit trail's sinks."""

import pytest

from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import Audit


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("syslog", "logs.example.com:514"),
        ("syslog", "http://logs.example.com"),
        ("syslog", "udp://"),
        ("otlp_url", "localhost:4318"),
        ("otlp_url", "ftp://localhost"),
        ("otlp_headers", Secret("authorization")),
        ("otlp_headers", Secret("=value")),
        ("otlp_headers", Secret("a=b,c")),
        ("otlp_headers", Secret("a=b\r\nc: d")),
    ],
)
def test_what_a_sink_can_not_be_is_a_mistake_that_names_its_setting(setting: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{setting}: "):
        Audit(**{setting: value})  # type: ignore[arg-type]


def test_sinks_are_taken_as_the_documentation_spells_them() -> None:
    chosen = Audit(
        syslog="tls://logs.example.com:6514",
        otlp_url="http://localhost:4318/v1/logs",
        otlp_headers=Secret("authorization=Bearer%20SECRET, x-scope = audit"),
    )
    assert chosen.syslog.startswith("tls://")
