"""One door per dangerous thing, where import-linter does not see it: inside Django, which is one thing to it, or within a layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.architecture.source import Module, imports, modules

FACES = ("strongroom.web", "strongroom.api", "strongroom.urls", "strongroom.asgi")


@dataclass(frozen=True)
class Door:
    """``behind``: what lies behind it, with everything below. ``keepers``: who alone may open it."""

    behind: str
    keepers: tuple[str, ...]
    unless: tuple[str, ...] = ()


DOORS = [
    Door("django.http", FACES),
    Door("django.shortcuts", FACES),
    Door("django.views", FACES),
    Door("django.urls", (*FACES, "strongroom.settings")),
    Door("django.middleware", FACES),
    Door("django.template", ("strongroom.web", "strongroom.notices")),
    Door("django.core.handlers", ("strongroom.asgi",)),
    Door("django.core.mail", ("strongroom.notices",)),
    Door("django.contrib.auth.hashers", ("strongroom.accounts.passwords", "strongroom.accounts.hashing")),
    Door("django.contrib.auth", (), unless=("django.contrib.auth.hashers",)),
    Door("django.contrib.sessions", ()),  # sessions are rows of strongroom.signin
    Door("django.core.cache", ()),  # D2: no security state in a cache, and so no cache (LT-09, RL-03, RL-08)
    Door("django.utils.crypto", ()),  # strongroom.kernel.secrets
    Door("django.core.signing", ()),  # strongroom.kernel.secrets
    Door("django.dispatch", ()),  # call the verb; no signals
    Door("django.db.models.signals", ()),
    # The one place that changes what was recorded (design, D13).
    Door("strongroom.audit.redaction", ("strongroom.audit.aging", "strongroom.personal_data.erase")),
]


def _is_within(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")


def trespassers(door: Door, all_modules: Sequence[Module]) -> list[str]:
    """Every import of what is behind ``door`` outside of its keepers, as ``module:line``."""
    return [
        f"{module.name}:{line}"
        for module in all_modules
        if not any(_is_within(module.name, keeper) for keeper in door.keepers)
        for imported, line in imports(module)
        if _is_within(imported, door.behind) and not any(_is_within(imported, place) for place in door.unless)
    ]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.behind)
def test_only_its_keepers_open_a_door(door: Door) -> None:
    assert trespassers(door, modules()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "import django.http",
        "from django import http",
        "from django.http import HttpRequest",
        "from django.http.response import HttpResponseBase",
        "def late():\n    from django.http import Http404",
    ],
)
def test_every_spelling_of_an_import_is_seen(statement: str) -> None:
    assert trespassers(DOORS[0], [Module("strongroom.accounts.emails", statement)])
    assert not trespassers(DOORS[0], [Module("strongroom.web.pages", statement)])
