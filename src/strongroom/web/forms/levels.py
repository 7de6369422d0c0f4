"""The form to choose what may publish."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from strongroom.kernel.may_publish import MayPublish
from strongroom.web.forms.base import Form

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


class _Levels(forms.RadioSelect):
    """Radio buttons, each with what it means, and why it cannot be chosen where it cannot.

    The first that can be chosen has the id of the field, so that the summary of errors leads to it.
    """

    template_name = "web/form/levels.html"
    barred: Mapping[str, str]

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With ``meaning`` and ``barred``, which the template describes the button by."""
        option = super().create_option(*args, **kwargs)
        value, attributes = option["value"], option["attrs"]
        option["meaning"], option["barred"] = _MEANINGS[value], self.barred.get(value, "")
        option["described_by"] = f"{attributes['id']}_meaning"
        attributes["aria-describedby"] = option["described_by"]
        if option["barred"]:
            attributes["disabled"] = True
        elif value == self._first():
            attributes["id"] = attributes["id"].rpartition("_")[0]
        return option

    def _first(self) -> str | None:
        return next((level for level in MayPublish if level not in self.barred), None)


class ChooseLevel(Form):
    """Three levels, of which ``chosen`` holds now; ``barred`` says of each that cannot be chosen why."""

    level = forms.ChoiceField(
        label=_("Let these publish"),
        widget=_Levels,
        choices=list(_CHOICES.items()),
        error_messages={"required": _("Choose what may publish.")},
    )

    def __init__(self, *args: Any, chosen: MayPublish, barred: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"level": chosen}, **kwargs)
        widget = self.fields["level"].widget
        assert isinstance(widget, _Levels)  # noqa: S101  (for the type checker: declared above)
        widget.barred = barred

    @property
    def choice(self) -> MayPublish:
        """What was chosen, in a valid form."""
        return MayPublish(self.cleaned_data["level"])
