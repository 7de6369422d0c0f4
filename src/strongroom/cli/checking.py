"""``strongroom check``: what is wrong with a configuration, all at once."""

import ipaddress
import sys

import click

from strongroom.kernel import config


def check() -> None:
    """List mistakes (exit 2), or say what is configured with advice on what will not work well."""
    try:
        chosen = config.load()
    except config.InvalidConfig as error:
        for mistake in error.mistakes:
            click.echo(f"Mistake: {mistake}", err=True)
        sys.exit(2)
    for advice in _advice(chosen):
        click.echo(f"Advice: {advice}")
    click.echo(f"The configuration is valid. {chosen.site.name} would answer at {chosen.base_url}/")


def _advice(chosen: config.Config) -> list[str]:
    advice = []
    if not chosen.is_https and chosen.hostname != "localhost":
        advice.append(
            "site.base_url is plain HTTP beyond localhost: passwords and tokens travel in the clear."
        )
    if _is_address(chosen.hostname):
        advice.append("site.base_url names an IP address: security keys work with host names only.")
    if not chosen.mail.host:
        advice.append(
            "mail.host is empty: mail goes to the terminal and the data folder, people receive none."
        )
    if not chosen.site.security_contact:
        advice.append(
            "site.security_contact is empty: the security policy cannot say where to report a hole."
        )
    if not chosen.accounts.breached_passwords_url:
        advice.append(
            "accounts.breached_passwords_url is empty: passwords are not compared with stolen ones."
        )
    return advice


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
