"""The form to choose what may publish."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from strongroom.kernel.may_publish import MayPublish
from strongroom.web.forms.base import Form
from strongroom.web.forms.choices import Radios

_CHOICES = {
    MayPublish.PASSWORDS: _("Passwords, API tokens and trusted publishers"),
    MayPublish.TOKENS: _("API tokens and trusted publishers (recommended)"),
    MayPublish.TRUSTED: _("Trusted publishers only"),
}
_MEANINGS: Mapping[str, Promise] = {
    MayPublish.PASSWORDS: _("Whoever learns a password can publish with it, without a second factor."),
    MayPublish.TOKENS: _(
        "A password opens nothing but this site. Upload tools take a token, which can be limited to one project and be "
        "revoked alone."
    ),
    MayPublish.TRUSTED: _(
        "Files come from build services that a project names, such as GitHub Actions or GitLab CI/CD. There is no secret "
        "that could be lost, and nobody publishes by hand."
    ),
}


class ChooseLevel(Form):
    """Three levels, of which ``chosen`` holds now; ``barred`` says of each that cannot be chosen why."""

    level = forms.ChoiceField(
        label=_("Let these publish"),
        widget=Radios(meanings=_MEANINGS),
        choices=list(_CHOICES.items()),
        error_messages={"required": _("Choose what may publish.")},
    )

    def __init__(self, *args: Any, chosen: MayPublish, barred: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"level": chosen}, **kwargs)
        widget = self.fields["level"].widget
        assert isinstance(widget, Radios)  # noqa: S101  (for the type checker: declared above)
        widget.barred = barred

    @property
    def choice(self) -> MayPublish:
        """What was chosen, in a valid form."""
        return MayPublish(self.cleaned_data["level"])
