"""Forms to make an account and to change it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from strongroom.web.forms import fields
from strongroom.web.forms.base import Form
from strongroom.web.forms.signin import same_twice


class Register(Form):
    """A new account."""

    username = fields.username()
    email = fields.email(help_text=_("We send a link to it. Nobody else sees it."))
    password = fields.new_password()
    confirm = fields.password(label=_("Confirm password"), autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        """Both passwords must be the same."""
        return same_twice(self)


class AddEmail(Form):
    """Another address."""

    email = fields.email()


class ChangePassword(Form):
    """The present password and the new one."""

    current = fields.password(label=_("Current password"))
    password = fields.new_password(label=_("New password"))
    confirm = fields.password(label=_("Confirm password"), autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        """Both passwords must be the same."""
        return same_twice(self)
