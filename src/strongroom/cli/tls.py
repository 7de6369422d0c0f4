"""The certificate with which ``serve`` speaks HTTPS, looked at before anybody else does."""

import ssl
from pathlib import Path

from strongroom.kernel.sections import Server


def mistakes(chosen: Server) -> list[str]:
    """What keeps certificate and key from being used, a sentence each; nothing where there are none."""
    files = {"tls_certificate": chosen.tls_certificate, "tls_key": chosen.tls_key}
    if not chosen.tls_certificate:
        return []
    unreadable = [
        f"server.{setting}: {path} cannot be read ({reason})."
        for setting, path in files.items()
        if (reason := _why_unreadable(Path(path)))
    ]
    if unreadable:
        return unreadable
    try:
        # A key that asks for a passphrase would ask at the terminal: the callback says that there is none.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            chosen.tls_certificate, chosen.tls_key, password=lambda: ""
        )
    except (ssl.SSLError, OSError, ValueError) as error:
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            return ["server.tls_key: this is not the key of server.tls_certificate."]
        return [
            "server.tls_certificate: certificate chain and key must be PEM files, the key without a passphrase."
        ]
    return []


def _why_unreadable(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
