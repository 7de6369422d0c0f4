"""Secrets that stand in some table of the database, where none may (AU-10)."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model

from tests.audit.acts_of_signing_in import NEW
from tests.support.people import PASSWORD, mails

_LINKS = re.compile(r"\?token=([\w-]{16,})")
_SHAPES = re.compile(
    r"strongroom-[\w-]{40,}"  # API tokens
    r"|whsec_[\w+/]{20,}"  # secrets of webhooks
    r"|(?<![A-Z2-7])[A-Z2-7]{32}(?![A-Z2-7])"  # seeds of authenticator apps
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"  # identity tokens
)


def spilled(mailbox: list[Any]) -> list[str]:
    """The columns in which a password of the cast, a mailed link, or what has the shape of a secret stands readable."""
    found = []
    known = (PASSWORD, NEW, *_links(mailbox))
    for model in apps.get_models():
        for column, text in _texts(model):
            if _SHAPES.search(text) or any(secret in text for secret in known):
                found.append(f"{model.__name__}.{column}: {text[:200]}")
    return found


def _links(mailbox: list[Any]) -> Iterator[str]:
    for mail in mails(mailbox):
        yield from _LINKS.findall(mail.body)


def _texts(model: type[Model]) -> Iterator[tuple[str, str]]:
    for row in model._default_manager.values():
        for column, value in row.items():
            if isinstance(value, bytes | memoryview):
                yield column, bytes(value).decode("utf-8", "replace")
            elif isinstance(value, str | dict | list):
                yield column, str(value)
