"""Forms to get back into an account after every second factor is lost, and to help somebody who has."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from strongroom.kernel.names import MAX_USERNAME
from strongroom.recovery.models import MAX_REASON
from strongroom.web.forms import fields
from strongroom.web.forms.base import Form
from strongroom.web.forms.signin import same_twice


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": "3"}),
        help_text=_("Why you are sure that it is them. The person and the audit trail get it."),
    )


class AskRecovery(Form):
    """Whose second factors are lost."""

    login = fields.login(label=_("Username or email address"), help_text="")


class FinishRecovery(Form):
    """The new password of a recovered account."""

    password = fields.new_password(label=_("New password"))
    confirm = fields.password(label=_("Confirm password"), autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        """Both passwords must be the same."""
        return same_twice(self)


class BeginForSomebody(Form):
    """An operator begins a recovery for somebody."""

    username = forms.CharField(
        label=_("Username"),
        max_length=MAX_USERNAME,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    reason = _reason()
    address = fields.email(
        label=_("Another address for the last link"),
        required=False,
        help_text=_("Only if their own addresses are lost, too. Empty: their primary address."),
    )


class Approve(Form):
    """An operator approves a recovery that somebody else began."""

    reason = _reason()
