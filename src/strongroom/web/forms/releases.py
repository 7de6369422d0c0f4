"""The forms to yank a release or a file, and to undo that."""

from django import forms
from django.utils.translation import gettext_lazy as _

from strongroom.projects.models import MAX_FILENAME
from strongroom.projects.yank import MAX_REASON
from strongroom.web.forms.base import Form


def _filename() -> forms.CharField:
    """Which file it is about; empty for all of the release."""
    return forms.CharField(required=False, max_length=MAX_FILENAME, strip=False, widget=forms.HiddenInput())


class Yank(Form):
    """Why, for whoever installs it all the same."""

    filename = _filename()
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=MAX_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("One line, or nothing. Everybody can read it; installers print it."),
    )


class Unyank(Form):
    """Nothing to type."""

    filename = _filename()
