"""``strongroom issuer …``: the OpenID providers that are believed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from strongroom.cli import database
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused


def list_all() -> None:
    """Print all of them, a line each with the address first: it is what ``remove`` asks for, so it is never cut."""
    _start()
    from strongroom.trust import issuers

    for listed in issuers.listed():
        known = listed.issuer
        facts = [f"{known.name} ({known.kind})", f"{listed.publishers} publishers"]
        if known.preset:
            facts.append("comes with the program")
        if listed.keys_failed:
            facts.append(f"keys cannot be fetched: {listed.keys_failed}")
        elif listed.keys_fetched:
            facts.append(f"keys of {listed.keys_fetched:%Y-%m-%d %H:%M} UTC")
        click.echo(f"{known.url}  {', '.join(facts)}")


def add(url: str, *, rules: Sequence[str], keys: Path | None, **said: Any) -> None:
    """Believe another one; ``said`` are its name, kind, fields and pins."""
    wanted = _rules(rules)
    static = _text_of(keys) if keys else ""
    _start()
    from strongroom.trust import issuers
    from strongroom.trust.new_issuer import NewIssuer

    try:
        added = issuers.add(NewIssuer(url=url, rules=wanted, static_keys=static, **said), by=Actor.console())
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"Added {added.name}: its identity tokens are believed where projects name it as a publisher.")


def remove(url: str) -> None:
    """Believe one no more."""
    _start()
    from strongroom.trust import issuers

    found = next((listed for listed in issuers.listed() if listed.issuer.url == url), None)
    if found is None:
        raise click.ClickException(f"There is no provider {url!r}. See `strongroom issuer list`.")
    if found.id is None:
        raise click.ClickException(
            f"{found.issuer.name} comes with the program. Leave it out of trusted_publishing.providers."
        )
    issuers.remove(found.id, by=Actor.console())
    click.echo(f"Removed {found.issuer.name}. {found.publishers} publishers relied on it.")


def _start() -> None:
    database.prepare()
    database.bring_up()


def _rules(typed: Sequence[str]) -> Mapping[str, str]:
    rules = {}
    for rule in typed:
        claim, equals, value = rule.partition("=")
        if not equals or claim.strip() in rules:
            raise click.ClickException(f"--rule {rule!r}: write a claim once, as CLAIM=VALUE.")
        rules[claim.strip()] = value.strip()
    return rules


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} cannot be read ({type(error).__name__}).") from None
