"""A copy of everything that the site knows about an account, as one JSON document; no secret is in it (AU-10)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import orjson
from django.conf import settings

from strongroom.accounts.events import AccountExported
from strongroom.accounts.models import User
from strongroom.audit import search, trail
from strongroom.audit.document import document
from strongroom.audit.models import Download
from strongroom.audit.search import Scope
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices.models import QueuedMail
from strongroom.personal_data import sections
from strongroom.throttle.limits import Limit, spend

FORMAT: Final = 1
"""The version of the document; it grows when a field changes its meaning."""

_OFTEN: Final = Limit("account-export", count=20, seconds=24 * 3600)
_CHUNK: Final = 500
_TOGETHER: Final = 100


def export(user: User, *, by: Actor) -> Iterator[bytes]:
    """The document in pieces, UTF-8; events are read while it is written. Raises ``Refused`` (``too_many_attempts``).

    That it was made is recorded before the first piece.
    """
    spend(str(user.pk), _OFTEN)
    trail.record(AccountExported(subject_id=user.pk), by=by)
    return _pieces(user)


def _pieces(user: User) -> Iterator[bytes]:
    head = orjson.dumps(_document(user), option=orjson.OPT_INDENT_2)
    yield head.removesuffix(b"\n}")
    yield from _list("downloads", _downloads(user.pk))
    yield from _list("events", _events(user.pk))
    yield b"\n}\n"


def _list(name: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One row a line; no more than a hundred of them are held at a time."""
    yield b",\n  " + orjson.dumps(name) + b": ["
    left, between = iter(rows), b"\n    "
    while lines := [orjson.dumps(row) for row in islice(left, _TOGETHER)]:
        yield between + b",\n    ".join(lines)
        between = b",\n    "
    yield b"\n  ]"


def _document(user: User) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "site": settings.CONFIG.base_url,
        "made": clock.now(),
        **{name: read(user) for name, read in _SECTIONS.items()},
    }


def _mails(user: User) -> list[dict[str, Any]]:
    """Of addresses that are proved to be the person's: anybody can add somebody else's, to learn what is mailed there (D17)."""
    addresses = user.addresses.filter(verified__isnull=False).values_list("address", flat=True)
    rows = QueuedMail.objects.filter(address__in=addresses).order_by("pk")
    return [dict(row) for row in rows.values("address", "queued", "due", "attempts")]


def _downloads(user_id: int) -> Iterator[dict[str, Any]]:
    """Each chunk is a query of its own, so a long walk holds nothing open."""
    columns = ("filename", "sha256", "first", "last", "count", "credential", "address", "client")
    rows, after = Download.objects.filter(user_id=user_id).order_by("pk"), 0
    while chunk := list(rows.filter(pk__gt=after).values("pk", *columns)[:_CHUNK]):
        after = chunk[-1]["pk"]
        yield from ({name: row[name] for name in columns} for row in chunk)


def _events(user_id: int) -> Iterator[dict[str, Any]]:
    scope = Scope(user_id=user_id)
    return (document(entry, scope) for entry in search.everything(scope))


_SECTIONS: Final[Mapping[str, Callable[[User], Any]]] = {**sections.SECTIONS, "mails_to_be_sent": _mails}
