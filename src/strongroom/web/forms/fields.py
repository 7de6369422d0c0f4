"""The fields that several forms share: labels, limits, and what browsers and password managers need to know."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from strongroom.accounts.addresses import MAX_LENGTH as MAX_ADDRESS
from strongroom.accounts.passwords import MAX_LENGTH as MAX_PASSWORD
from strongroom.kernel.names import MAX_USERNAME

MAX_CODE = 64  # room for the spellings that people try; what is a code is decided behind the form
_AS_TYPED = {"autocapitalize": "none", "spellcheck": "false"}


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
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code", **_AS_TYPED}
        ),
    )
