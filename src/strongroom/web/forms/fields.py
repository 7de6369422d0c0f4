"""The fields that several forms share: labels, limits, and what browsers and password managers need to know."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from strongroom.accounts.addresses import MAX_LENGTH as MAX_ADDRESS
from strongroom.accounts.passwords import MAX_LENGTH as MAX_PASSWORD
from strongroom.factors.models import MAX_NAME
from strongroom.kernel.names import MAX_USERNAME

MAX_CREDENTIAL = 32_768  # characters; an RSA key with its certificate chain has some 6,000
MAX_CODE = 64  # room for the spellings that people try; what is a code is decided behind the form
_AS_TYPED = {"autocapitalize": "none", "spellcheck": "false"}


class _Unrepeated(forms.Widget):
    """What was sent is not written back into the page: it is used up."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Without the value."""
        return super().get_context(name, None, attrs)


class _HiddenOnce(_Unrepeated, forms.HiddenInput):
    """What script puts there."""


class _OneTimeInput(_Unrepeated, forms.TextInput):
    """A code of the moment: a wrong one is typed anew."""


def username() -> forms.CharField:
    """A name to be known by."""
    return forms.CharField(
        label=_("Username"),
        max_length=MAX_USERNAME,
        widget=forms.TextInput(attrs={"autocomplete": "username", **_AS_TYPED}),
        help_text=_("Letters, digits, dots, hyphens and underscores. Everybody can see it."),
    )


def login(**choices: Any) -> forms.CharField:
    """A username or an address to find an account by."""
    return forms.CharField(
        **{"label": _("Username"), "help_text": _("Or a verified email address."), **choices},
        max_length=MAX_ADDRESS,
        widget=forms.TextInput(attrs={"autocomplete": "username", **_AS_TYPED}),
    )


def email(**choices: Any) -> forms.CharField:
    """An email address; ``accounts.addresses`` says whether it is one."""
    return forms.CharField(
        **{"label": _("Email address"), **choices},
        max_length=MAX_ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "email", **_AS_TYPED}),
    )


def password(*, autocomplete: str = "current-password", **choices: Any) -> forms.CharField:
    """A password, exactly as typed."""
    return forms.CharField(
        **{"label": _("Password"), **choices},
        max_length=MAX_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


def new_password(**choices: Any) -> forms.CharField:
    """A password to be chosen."""
    hint = _("At least 8 characters. Four unrelated words make a good one.")
    return password(autocomplete="new-password", **{"help_text": hint, **choices})


def code(**choices: Any) -> forms.CharField:
    """A code of an authenticator app, exactly as typed."""
    return forms.CharField(
        **{
            "label": _("Authentication code"),
            "help_text": _("Six digits from your authenticator app."),
            **choices,
        },
        max_length=MAX_CODE,
        strip=False,
        widget=_OneTimeInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code", **_AS_TYPED}
        ),
    )


def recovery_code(**choices: Any) -> forms.CharField:
    """A recovery code, exactly as typed."""
    return forms.CharField(
        **{
            "label": _("Recovery code"),
            "help_text": _("Sixteen letters and digits, such as XXXX-XXXX-XXXX-XXXX. Each works once."),
            **choices,
        },
        max_length=MAX_CODE,
        strip=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "class": "recovery-code",
                **_AS_TYPED,
                "autocapitalize": "characters",
            }
        ),
    )


def credential() -> forms.CharField:
    """What a security key answered, as JSON; put here by script."""
    return forms.CharField(
        max_length=MAX_CREDENTIAL,
        strip=False,
        widget=_HiddenOnce,
        error_messages={
            "required": _("Your security key has not answered. Press the button, then touch the key."),
            "max_length": _("Your security key answered with more than this site takes."),
        },
    )


def remember() -> forms.BooleanField:
    """Whether this browser may leave the second factor out from now on."""
    return forms.BooleanField(
        label=_("Remember this browser for 30 days"),
        required=False,
        help_text=_("It then asks for your password alone. Not on a machine that others use."),
    )


def factor_name(**choices: Any) -> forms.CharField:
    """What a person calls an app or a key."""
    return forms.CharField(
        **choices, max_length=MAX_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
