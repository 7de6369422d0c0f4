"""Radio buttons and checkboxes of which each may have a sentence that says what it means."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise


class _Meaning(forms.widgets.ChoiceWidget):
    """``meanings`` are sentences by value; ``names`` says that the labels are names, which nobody translates.

    The first choice has the id of the field, where the summary of errors leads.
    """

    template_name = "web/form/choices.html"

    def __init__(self, *, meanings: Mapping[str, Promise] | None = None, names: bool = False) -> None:
        super().__init__()
        self.names = names
        self.meanings: Mapping[str, Promise] = meanings or {}

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With ``meaning``, by which the template describes the choice."""
        option = super().create_option(*args, **kwargs)
        attributes = option["attrs"]
        option["is_name"] = self.names
        option["meaning"] = self.meanings.get(option["value"], "")
        if option["meaning"]:
            option["described_by"] = f"{attributes['id']}_meaning"
            attributes["aria-describedby"] = option["described_by"]
        if option["index"] == "0":
            attributes["id"] = attributes["id"].rpartition("_")[0]
        return option


class Radios(_Meaning, forms.RadioSelect):
    """One of several."""


class Checkboxes(_Meaning, forms.CheckboxSelectMultiple):
    """Any of several."""
