"""The page of a trail: what is looked for, a picture, and a page of events that stays where it is while new ones come."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from strongroom.accounts import find as people
from strongroom.audit import search
from strongroom.audit.models import Entry
from strongroom.audit.search import PAGE, Scope
from strongroom.kernel.refused import Refused
from strongroom.web import redirects
from strongroom.web.asking import Request
from strongroom.web.audit import found, picture, searching
from strongroom.web.audit.lines import Line, lines_of
from strongroom.web.audit.searching import Search
from strongroom.web.pages import show_form


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Whose trail a page shows: ``kind`` is ``account``, ``project`` or ``operate``, ``url`` the address of its pages."""

    scope: Scope
    kind: str
    url: str
    project: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """A page of events, newest first, and the query strings of the pages beside it."""

    lines: list[Line]
    newest: str
    newer: str
    older: str


def show_trail(request: Request, template: str, trail: Trail, **values: Any) -> HttpResponse:
    """The page of ``trail``, or of the one thing that was typed into its search box."""
    looked = searching.of(request, trail.scope)
    meanings: list[found.Meaning] = []
    if looked.text and not looked.form.errors:
        meanings = found.meanings(looked.text, trail.scope, person=people.id_of)
        if len(meanings) == 1:
            return redirects.see_other(trail.url + looked.link("q", **{meanings[0].field: meanings[0].value}))
        _require_one(looked, meanings)
    elif _is_sent(request) and not looked.form.errors:
        return redirects.see_other(trail.url + looked.link())
    events = _events(trail.scope, looked) if not looked.form.errors and not meanings else None
    chips = looked.chips()
    is_start = events is not None and not (chips or events.newest)
    days = picture.span(looked.values.get("days", ""))
    return show_form(
        request,
        template,
        looked.form,
        trail=trail,
        search=looked,
        meanings=[(looked.link("q", **{one.field: one.value}), one.words) for one in meanings],
        chips=chips,
        asked=looked.asked(),
        events=events,
        spans=[(span, looked.link(days=span)) for span in picture.SPANS],
        picture=picture.of(trail.scope, days=days) if is_start else None,
        **values,
    )


def _is_sent(request: Request) -> bool:
    """Whether the form sent it, with all its empty fields; what was found gets an address without them."""
    return "" in request.GET.values() and not {"before", "after"} & request.GET.keys()


def _require_one(looked: Search, meanings: list[found.Meaning]) -> None:
    with looked.form.refusals():
        if not meanings:
            raise Refused(
                "audit_nothing_found",
                _("No event here has anything to do with “%(text)s”. Words are looked up as a whole.")
                % {"text": looked.text},
                field="q",
            )


def _events(scope: Scope, looked: Search) -> Events:
    """Each page begins beside the serial with which the one before it ended, so that nothing is shifted by what is new."""
    place = looked.place
    if place.after is not None:
        entries = search.oldest(scope, looked.wanted, after=place.after, limit=PAGE + 1)
        more_newer, more_older = len(entries) > PAGE, place.after > 0
        shown = entries[:PAGE][::-1]
    else:
        entries = search.newest(scope, looked.wanted, before=place.before, limit=PAGE + 1)
        more_newer, more_older = place.before is not None, len(entries) > PAGE
        shown = entries[:PAGE]
    return Events(
        lines=lines_of(shown, scope),
        newest=looked.link() if place.before is not None or place.after is not None else "",
        newer=_newer(looked, shown) if more_newer else "",
        older=_older(looked, shown) if more_older else "",
    )


def _newer(looked: Search, shown: list[Entry]) -> str:
    edge = shown[0].serial if shown else (looked.place.before or 1) - 1
    return looked.link(after=edge)


def _older(looked: Search, shown: list[Entry]) -> str:
    edge = shown[-1].serial if shown else (looked.place.after or 0) + 1
    return looked.link(before=edge)
