"""Webhooks and their deliveries as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from strongroom.audit import search
from strongroom.web.audit.lines import lines_of
from strongroom.web.webhooks import words
from strongroom.web.webhooks.places import Pages, Place
from strongroom.webhooks import addresses, counting, find, owner
from strongroom.webhooks.find import Listed
from strongroom.webhooks.models import Delivery, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWebhook:
    """A webhook in words. ``to`` is its address without what may be a secret in it; ``state`` is of ``find.STATES``.

    ``trouble`` says why it sends nothing, or why its last attempt failed; ``waiting`` how far behind it is.
    """

    row: Webhook
    pages: Pages
    to: str
    state: str
    trouble: str
    wanted: list[str]
    waiting: str
    newest: Delivery | None
    made_by: str
    has_two_secrets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to deliver. ``said`` is the event in words, empty where there is none any more; ``link`` leads to it.

    ``can_repeat``: it is an event that the webhook has done with.
    """

    row: Delivery
    said: str
    link: str
    outcome: str
    seconds: float
    can_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A page of attempts, newest first, and the query strings of the first page and of the next."""

    attempts: list[Attempt]
    newest: str
    older: str


def webhooks_of(place: Place) -> list[ShownWebhook]:
    """All of a place, oldest first."""
    return [_shown(place, listed) for listed in find.of(place.owner)]


def webhook_of(place: Place, webhook: Webhook) -> ShownWebhook:
    """One of them."""
    return _shown(place, find.listed(webhook))


def log_of(place: Place, webhook: Webhook, *, before: int | None) -> Log:
    """A page of its delivery log: the attempts with an id below ``before``."""
    found = find.deliveries(webhook, before=before, limit=find.PAGE + 1)
    rows = found[: find.PAGE]
    older = f"?{urlencode({'before': rows[-1].pk})}#log" if len(found) > find.PAGE else ""
    return Log(
        attempts=_attempts(place, webhook, rows), newest="?#log" if before is not None else "", older=older
    )


def _shown(place: Place, listed: Listed) -> ShownWebhook:
    row = listed.webhook
    return ShownWebhook(
        row=row,
        pages=place.pages_of(row.public_id),
        to=addresses.shown(row.url),
        state=listed.state,
        trouble=_trouble(listed),
        wanted=words.wanted(row.wanted),
        waiting=words.waiting(counting.waiting(row)),
        newest=listed.newest,
        made_by=row.created_by.username if row.created_by else "",
        has_two_secrets=find.has_two_secrets(row),
    )


def _trouble(listed: Listed) -> str:
    if listed.state == "paused":
        return words.paused(listed.webhook.paused_why)
    if listed.state != "failing":
        return ""
    failed = listed.webhook.deliveries.exclude(code="").order_by("-pk").first()
    return words.outcome(failed.code) if failed else ""


def _attempts(place: Place, webhook: Webhook, rows: Sequence[Delivery]) -> list[Attempt]:
    said = _sentences(place, [row.serial for row in rows if row.serial is not None])
    return [
        Attempt(
            row=row,
            said=said.get(row.serial or 0, ""),
            link=f"{place.history}?{urlencode({'serial': row.serial})}" if row.serial in said else "",
            outcome=words.outcome(row.code),
            seconds=row.took / 1000,
            can_repeat=row.serial is not None and row.serial <= webhook.serial,
        )
        for row in rows
    ]


def _sentences(place: Place, serials: list[int]) -> dict[int, str]:
    """What happened, as readers of the place's trail may see it (AU-11)."""
    scope = owner.scope(place.owner)
    entries = [
        entry
        for branch in search.branches(scope, search.ANYTHING)
        for entry in branch.filter(serial__in=serials)
    ]
    return {line.serial: line.sentence for line in lines_of(entries, scope)}
