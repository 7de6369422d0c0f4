"""Forms to sign in, to prove it again, and to get back in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from strongroom.web.forms import fields
from strongroom.web.forms.base import Form


class Login(Form):
    """Username and password."""

    username = fields.login()
    password = fields.password()


class TwoFactor(Form):
    """The code that follows the password."""

    code = fields.code()


class Reauthenticate(Form):
    """What proves again who is signed in: the code where the account has a second factor, else the password."""

    password = fields.password()
    code = fields.code()

    def __init__(self, *args: Any, needs_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password" if needs_code else "code"]


class RequestReset(Form):
    """Whose password is to be reset."""

    login = fields.login(label=_("Username or email address"), help_text="")


class ResetPassword(Form):
    """A new password, the code where the account has a second factor, and what becomes of its tokens."""

    password = fields.new_password(label=_("New password"))
    confirm = fields.password(label=_("Confirm password"), autocomplete="new-password")
    code = fields.code()
    revoke_tokens = forms.BooleanField(
        label=_("Delete my API tokens, too"),
        initial=True,
        required=False,
        help_text=_("Whoever knew the old password may have made or copied one."),
    )

    def __init__(self, *args: Any, needs_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_code:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        """Both passwords must be the same."""
        return same_twice(self)


def same_twice(form: Form) -> dict[str, Any]:
    """The cleaned values, with an error at ``confirm`` where it differs from ``password``."""
    typed = form.cleaned_data
    if "password" in typed and "confirm" in typed and typed["password"] != typed["confirm"]:
        form.add_error(
            "confirm", forms.ValidationError(_("The two passwords differ."), code="passwords_differ")
        )
    return typed
