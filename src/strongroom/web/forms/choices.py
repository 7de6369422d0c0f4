"""Radio buttons and checkboxes of which each may have a sentence that says what it means, or why it cannot be chosen."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise


class _Meaning(forms.widgets.ChoiceWidget):
    """``meanings`` are sentences by value; ``names`` says that the labels are names, which nobody translates.

    A form may set ``barred``: why what cannot be chosen cannot, by value. The first choice that can be has the id of the
    field, where the summary of errors leads.
    """

    template_name = "web/form/choices.html"

    def __init__(self, *, meanings: Mapping[str, Promise] | None = None, names: bool = False) -> None:
        super().__init__()
        self.names = names
        self.meanings: Mapping[str, Promise] = meanings or {}
        self.barred: Mapping[str, str] = {}

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With ``meaning`` and ``barred``, by which the template describes the choice."""
        option = super().create_option(*args, **kwargs)
        value, attributes = option["value"], option["attrs"]
        option["is_name"] = self.names
        option["meaning"], option["barred"] = self.meanings.get(value, ""), self.barred.get(value, "")
        if option["meaning"] or option["barred"]:
            option["described_by"] = f"{attributes['id']}_meaning"
            attributes["aria-describedby"] = option["described_by"]
        if option["barred"]:
            attributes["disabled"] = True
        elif value == self._first():
            attributes["id"] = attributes["id"].rpartition("_")[0]
        return option

    def _first(self) -> Any:
        return next((value for value, _label in self.choices if value not in self.barred), None)


class Radios(_Meaning, forms.RadioSelect):
    """One of several."""


class Checkboxes(_Meaning, forms.CheckboxSelectMultiple):
    """Any of several."""
