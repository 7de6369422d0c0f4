"""The forms for a program that asks for an API token: its code, and what the token is to be."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.tokens.models import MAX_NAME
from strongroom.tokens.restrictions import DEFAULT_DAYS
from strongroom.web.forms import choices
from strongroom.web.forms.base import Form
from strongroom.web.forms.tokens import ALL, SOME

MAX_CODE: Final = 40
"""Characters: room for the spellings that people try."""

_FOR_EVER = "0"
_SCOPES = {ALL: gettext_lazy("All of my projects, and those to come"), SOME: gettext_lazy("Only these")}
_DAYS: Mapping[int, Promise] = {
    7: gettext_lazy("A week"),
    30: gettext_lazy("30 days"),
    90: gettext_lazy("90 days"),
    DEFAULT_DAYS: gettext_lazy("One year"),
}


def _code(**choices: Any) -> forms.CharField:
    plain = {
        "autocomplete": "off",
        "autocapitalize": "characters",
        "spellcheck": "false",
        "class": "device-code",
    }
    widget = forms.TextInput(attrs=plain)
    return forms.CharField(
        **{"label": gettext_lazy("Code"), "widget": widget, **choices}, max_length=MAX_CODE
    )


class TypeCode(Form):
    """The code that a program shows."""

    user_code = _code(help_text=gettext_lazy("Eight letters, as the program shows them: BCDF-GHJK."))


class CodeAlone(Form):
    """The code that goes on from page to page."""

    user_code = _code(widget=forms.HiddenInput())


class ApproveDevice(Form):
    """The name, scope and end of the token. ``projects`` are the approver's: normalized name and name of each."""

    use_required_attribute = False

    user_code = _code(widget=forms.HiddenInput())
    name = forms.CharField(
        label=gettext_lazy("Token name"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("By it you find the token again, to revoke it."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Scope"), widget=choices.Radios(), choices=list(_SCOPES.items())
    )
    projects = forms.MultipleChoiceField(
        label=gettext_lazy("Projects"), required=False, widget=choices.Checkboxes(names=True)
    )
    days = forms.ChoiceField(label=gettext_lazy("It lasts"))

    def __init__(self, *args: Any, projects: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("projects", projects)
        self._choose("days", _lasting())
        if not projects:
            del self.fields["projects"], self.fields["scope"]

    def clean(self) -> dict[str, Any]:
        """Whoever names projects does not mean all of them, and the other way round."""
        found = super().clean() or self.cleaned_data
        if found.get("scope") == SOME and not found.get("projects"):
            missing = ValidationError(_("Name at least one project."), code="token_scope_missing")
            self.add_error("projects", missing)
        if found.get("scope") == ALL and found.get("projects"):
            unclear = _("You chose all of your projects, and named some as well. Choose one of the two.")
            self.add_error("scope", ValidationError(unclear, code="token_scope_unclear"))
        return found

    @property
    def chosen(self) -> list[str]:
        """The normalized names of the projects, in a valid form; none for all."""
        return list(self.cleaned_data.get("projects", ()))

    @property
    def names_some(self) -> bool:
        """Whether the projects have to be seen whatever scope is chosen, because the two contradict each other."""
        return "scope" in self.errors

    @property
    def lasting(self) -> int | None:
        """The days that it lasts, in a valid form; ``None`` without an end."""
        return int(self.cleaned_data["days"]) or None

    def _choose(self, name: str, offered: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker: declared above)
        field.choices = [*offered]


def usual_days() -> str:
    """The end that is chosen to begin with: a year from now, or what the site allows."""
    longest = settings.CONFIG.tokens.max_days
    return str(min(longest, DEFAULT_DAYS) if longest else DEFAULT_DAYS)


def _lasting() -> list[tuple[str, Any]]:
    longest = settings.CONFIG.tokens.max_days
    offered: dict[int, Any] = {days: title for days, title in _DAYS.items() if not longest or days <= longest}
    if not longest:
        return [*_as_choices(offered), (_FOR_EVER, _("Until it is revoked"))]
    offered.setdefault(longest, _("%(count)d days, the longest here") % {"count": longest})
    return _as_choices(offered)


def _as_choices(offered: Mapping[int, Any]) -> list[tuple[str, Any]]:
    return [(str(days), title) for days, title in sorted(offered.items())]
