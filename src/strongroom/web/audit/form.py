"""The form with which people look for events: sent by GET, so that what was found has an address."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strongroom.audit import query
from strongroom.audit.search import Scope
from strongroom.kernel.names import MAX_PROJECT_NAME, MAX_USERNAME
from strongroom.web.audit import words
from strongroom.web.forms.base import Form

_AS_TYPED = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}


def _line(longest: int, **choices: Any) -> forms.CharField:
    attrs = {**_AS_TYPED, "maxlength": str(longest), **choices.pop("attrs", {})}
    return forms.CharField(required=False, widget=forms.TextInput(attrs=attrs), **choices)


class SearchForm(Form):
    """All filters that ``scope`` has. What they say is read behind the form (``audit.query``), for pages and programs alike."""

    q = forms.CharField(
        required=False,
        label=_("Find"),
        widget=forms.TextInput(attrs={**_AS_TYPED, "maxlength": "200", "type": "search"}),
    )
    actor = _line(
        MAX_USERNAME, label=_("Done by"), help_text=_("A username, anonymous, console, publisher or system.")
    )
    subject = _line(MAX_USERNAME, label=_("Done to"), help_text=_("A username."))
    what = forms.CharField(required=False, label=_("What"), widget=forms.Select)
    outcome = forms.CharField(
        required=False,
        label=_("Outcome"),
        widget=forms.Select(choices=[("", _("Any")), ("done", _("Done")), ("refused", _("Refused"))]),
    )
    reason = _line(80, label=_("Reason"), help_text=_("The code of a refusal, such as totp_wrong."))
    project = _line(MAX_PROJECT_NAME, label=_("Project"))
    address = _line(45, label=_("IP address"))
    since = _line(40, label=_("From"), help_text=_("2026-01-31, or 2026-01-31 17:30 (UTC)."))
    until = _line(40, label=_("Until"), help_text=_("A day is meant to its end."))
    request_id = _line(40, label=_("Request"), help_text=_("Its id, as in the header X-Request-Id."))
    person = forms.CharField(required=False, label=_("Done by or to"), widget=forms.HiddenInput)
    serial = forms.CharField(required=False, label=_("Serial number"), widget=forms.HiddenInput)
    days = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, typed: QueryDict | dict[str, str], *, scope: Scope) -> None:
        super().__init__(typed, named="trail")
        offered = {*query.fields_of(scope), "q", "what", "days"}
        for name in set(self.fields) - offered:
            del self.fields[name]
        self.fields["what"].widget.choices = words.choices()
        self.fields["q"].help_text = _hint(scope)

    def fields_to_see(self) -> list[forms.BoundField]:
        """The filters below the search box."""
        return [field for field in self.visible_fields() if field.name != "q"]


def _hint(scope: Scope) -> str:
    if scope.project is not None:
        return gettext("A username, event, reason or serial number.")
    return gettext("A username, project, IP address, event, reason, request id or serial number.")
