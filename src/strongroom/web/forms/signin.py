"""Forms to sign in, to prove it again, and to get back in."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from strongroom.factors.methods import KEY, PASSWORD, RECOVERY, TOTP
from strongroom.signin.second import Answer
from strongroom.web.forms import fields
from strongroom.web.forms.base import Form, as_typed

_ANSWERS: dict[str, tuple[str, Callable[[], forms.Field]]] = {
    KEY: ("credential", fields.credential),
    TOTP: ("code", fields.code),
    RECOVERY: ("code", fields.recovery_code),
    PASSWORD: ("password", fields.password),
}


class Login(Form):
    """Username and password; ``with_passkeys`` lets browsers offer passkeys beside the username."""

    username = fields.login()
    password = fields.password()

    def __init__(self, *args: Any, with_passkeys: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if with_passkeys:
            self.fields["username"].widget.attrs["autocomplete"] = "username webauthn"


class Passkey(Form):
    """What a passkey answered."""

    credential = fields.credential()


class Proof(Form):
    """One answer that proves who it is: with a security key, a code, a recovery code or the password, by ``method``."""

    def __init__(self, *args: Any, method: str, can_remember: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method = method
        name, field = _ANSWERS[method]
        self.fields.setdefault(name, field())
        if can_remember and method in {KEY, TOTP}:
            self.fields["remember"] = fields.remember()

    @property
    def answer(self) -> Answer:
        """What was answered, in a valid form."""
        name, _field = _ANSWERS[self.method]
        return Answer(self.method, as_typed(self, name))

    @property
    def remembers(self) -> bool:
        """Whether the browser is to be remembered, in a valid form."""
        return bool(self.cleaned_data.get("remember"))


class RequestReset(Form):
    """Whose password is to be reset."""

    login = fields.login(label=_("Username or email address"), help_text="")


class ResetPassword(Proof):
    """A new password, a second factor where the account has one (else ``method`` is the password), and what becomes of tokens."""

    password = fields.new_password(label=_("New password"))
    confirm = fields.password(label=_("Confirm password"), autocomplete="new-password")
    revoke_tokens = forms.BooleanField(
        label=_("Delete my API tokens, too"),
        initial=True,
        required=False,
        help_text=_("Whoever knew the old password may have made or copied one."),
    )

    def __init__(self, *args: Any, method: str, **kwargs: Any) -> None:
        super().__init__(*args, method=method, **kwargs)
        self.order_fields(["password", "confirm", "credential", "code", "revoke_tokens"])

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
