"""The form to make an API token."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from strongroom.tokens.models import MAX_NAME
from strongroom.web.forms.base import Form


class MakeToken(Form):
    """A name and a scope: the whole account, or one of its projects (by normalized name)."""

    name = forms.CharField(
        label=_("Token name"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What it is for, such as “Laptop” or the name of a build server."),
    )
    scope = forms.ChoiceField(
        label=_("Scope"),
        required=False,
        widget=forms.Select(),
        help_text=_("A token for one project does less harm when it is lost."),
    )

    def __init__(self, *args: Any, projects: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)  # noqa: S101  (for the type checker: declared above)
        scope.choices = [("", _("All of my projects")), *projects]
