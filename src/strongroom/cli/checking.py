"""``strongroom check``: what is wrong with a configuration, all at once."""

import ipaddress
import sys
from pathlib import Path

import click

from strongroom.cli import tls
from strongroom.kernel import config
from strongroom.kernel.sections import Feature

_NO_KEYS_BY_ADDRESS = (
    "site.base_url names an IP address: security keys and passkeys cannot work, because browsers bind them to a "
    "host name. Use the machine's name (http://localhost on your own), or set features.webauthn to off."
)
_NO_KEYS_IN_THE_CLEAR = (
    "site.base_url is plain HTTP beyond localhost: security keys and passkeys cannot work, because browsers "
    "offer them over HTTPS alone. Use HTTPS, or set features.webauthn to off."
)


def check() -> None:
    """List mistakes (exit 2), or say what is configured with advice on what will not work well."""
    try:
        chosen = config.load()
        mistakes = [*tls.mistakes(chosen.server), *_why_no_trust_root(chosen.trusted_publishing.trust_root)]
    except config.InvalidConfig as error:
        mistakes = error.mistakes
    for mistake in mistakes:
        click.echo(f"Mistake: {mistake}", err=True)
    if mistakes:
        sys.exit(2)
    for advice in _advice(chosen):
        click.echo(f"Advice: {advice}")
    click.echo(f"The configuration is valid. {chosen.site.name} would answer at {chosen.base_url}/")


def _why_no_trust_root(path: str) -> list[str]:
    if not path:
        return []
    from strongroom.attestations.configuration import check_trust_root
    from strongroom.attestations.trust_root_unusable import TrustRootUnusable

    try:
        check_trust_root(Path(path))
    except TrustRootUnusable as error:
        return [f"trusted_publishing.trust_root: {error}"]
    return []


def _advice(chosen: config.Config) -> list[str]:
    advice = []
    if not chosen.is_https and not _is_loopback(chosen.hostname):
        advice.append(
            "site.base_url is plain HTTP beyond localhost: passwords and tokens travel in the clear."
        )
    if chosen.site.access == "private" and chosen.accounts.registration == "open":
        advice.append(
            "site.access is private while accounts.registration is open: whoever makes an account reads everything."
        )
    advice += _why_keys_cannot_work(chosen)
    if not chosen.mail.host:
        advice.append(
            "mail.host is empty: mail goes to the terminal and the data folder, people receive none."
        )
        if chosen.confirms_new_browsers:
            advice.append(
                "sign_in.confirm_new_browsers is on without a mail server: whoever logs in from a new browser waits for "
                "a mail that only the terminal and the data folder get."
            )
    if chosen.features.webauthn is Feature.BETA and not (chosen.features.feedback or chosen.site.bug_contact):
        advice.append("features.feedback is empty: a beta feature cannot say where to write about it.")
    if not chosen.site.security_contact:
        advice.append(
            "site.security_contact is empty: the security policy cannot say where to report a hole."
        )
    if not chosen.accounts.breached_passwords_url:
        advice.append(
            "accounts.breached_passwords_url is empty: passwords are not compared with stolen ones."
        )
    return advice


def _why_keys_cannot_work(chosen: config.Config) -> list[str]:
    """Browsers bind a key to a host name (W3C WebAuthn §5.1.3 step 8) and offer it in a secure context alone (§5)."""
    if chosen.features.webauthn is Feature.OFF:
        return []
    if _is_address(chosen.hostname):
        return [_NO_KEYS_BY_ADDRESS]
    if not chosen.is_https and not _is_localhost(chosen.hostname):
        return [_NO_KEYS_IN_THE_CLEAR]
    return []


def _is_localhost(host: str) -> bool:
    """Names that browsers trust without HTTPS (W3C Secure Contexts §3.1 step 5)."""
    return host == "localhost" or host.endswith(".localhost")


def _is_loopback(host: str) -> bool:
    return _is_localhost(host) or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
