"""From the address of a page to what is looked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django import forms

from strongroom.accounts import find as people
from strongroom.audit import query
from strongroom.audit.query import Place
from strongroom.audit.search import Filter, Scope
from strongroom.kernel.refused import Refused
from strongroom.web.asking import Request
from strongroom.web.audit.form import SearchForm

_OF_PAGES: Final = {"q", "days", "what"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter that is on, in words, and the query string of the page without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for, and from where on. ``values`` are the filters that are on, as typed, by the form's names."""

    form: SearchForm
    wanted: Filter
    place: Place
    values: Mapping[str, str]

    @property
    def text(self) -> str:
        """What stands in the search box."""
        return self.values.get("q", "")

    def link(self, *without: str, **others: object) -> str:
        """The query string of the same search with other values, and from its newest event on."""
        kept = {name: value for name, value in self.values.items() if name not in without}
        together = urlencode({**kept, **{name: str(value) for name, value in others.items()}})
        return f"?{together}" if together else "?"

    def asked(self) -> str:
        """The filters as downloads and programs take them (``audit.query``); empty where there are none."""
        values = {name: value for name, value in parameters(self.values).items() if value}
        together = urlencode({name: value for name, value in values.items() if name not in _OF_PAGES})
        return f"?{together}" if together else ""

    def chips(self) -> list[Chip]:
        """The filters that are on."""
        shown = {name: value for name, value in self.values.items() if name not in {"q", "days"}}
        return [
            Chip(
                label=str(self.form.fields[name].label),
                value=_in_words(self.form.fields[name], value),
                without=self.link(name),
            )
            for name, value in shown.items()
        ]


def of(request: Request, scope: Scope) -> Search:
    """What ``request`` looks for in ``scope``; the form says what cannot be looked for, beside each field."""
    values = _values(request)
    form = SearchForm(values, scope=scope)
    values = {name: value for name, value in values.items() if value and name in form.fields}
    form.full_clean()
    wanted, mistakes = query.read(parameters(values), scope, person=people.id_of)
    for mistake in mistakes:
        _say(form, mistake)
    place = Place()
    with form.refusals():
        place = query.place({name: request.GET.get(name, "") for name in ("before", "after")})
    return Search(form=form, wanted=wanted, place=place, values=values)


def _values(request: Request) -> dict[str, str]:
    """As typed; ``kind`` and ``tag``, as programs call them, are one field of the form."""
    typed = {
        name: str(value).replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
        for name, value in request.GET.items()
    }
    typed["what"] = typed.get("what") or typed.get("tag") or typed.get("kind") or ""
    return typed


def parameters(values: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by the names that programs use (``audit.query``): ``what`` is a tag, or the kind of many."""
    what = values.get("what", "")
    return {**values, "tag" if "." in what else "kind": what} if what else {**values}


def _say(form: SearchForm, mistake: Refused) -> None:
    places = {"tag": "what", "kind": "what"}
    mistake.field = places.get(mistake.field or "", mistake.field)
    with form.refusals():
        raise mistake


def _in_words(field: forms.Field, value: str) -> str:
    """The words of a choice; what was typed otherwise."""
    for choice, label in getattr(field.widget, "choices", ()):
        options = label if isinstance(label, list) else [(choice, label)]
        if found := dict(options).get(value):
            return str(found)
    return value
