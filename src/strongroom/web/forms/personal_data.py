"""The form with which an account is deleted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from strongroom.kernel.names import normalize_username
from strongroom.web.forms.base import Form


class DeleteAccount(Form):
    """The username, typed: nobody deletes an account by a slip."""

    username = forms.CharField(
        label=_("Your username"),
        max_length=200,
        help_text=_("Type it, so that this does not happen by a slip."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, username: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = username

    def clean_username(self) -> str:
        """It must be the account's own, in any case."""
        typed = str(self.cleaned_data["username"]).strip()
        if normalize_username(typed) != normalize_username(self._expected):
            raise forms.ValidationError(_("This is not your username."), code="username_differs")
        return typed
