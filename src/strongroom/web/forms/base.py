"""How every form looks, and how it shows a refusal."""

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused
from strongroom.web.refusals import DEFAULT, message_of, status_of


class _Renderer(DjangoTemplates):
    form_template_name = "web/form/form.html"
    field_template_name = "web/form/field.html"


class Form(forms.Form):
    """A form whose errors stand beside their fields and in a summary above, and which knows its HTTP status.

    ``named`` keeps the ids of several forms on one page apart.
    """

    default_renderer = _Renderer
    error_css_class = "wrong"

    def __init__(self, *args: Any, named: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{named}_%s" if named else "id_%s")
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self._refusal: Refused | None = None

    def full_clean(self) -> None:
        """As Django does it, but what is missing is named, so that the summary above the form says so, too."""
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _("%(label)s: nothing is entered.") % {
                    "label": field.label
                }
        super().full_clean()

    @contextmanager
    def refusals(
        self, *, places: Mapping[str, str] | None = None, passing: Container[str] = ()
    ) -> Iterator[None]:
        """Show in this form what the block is refused for: beside ``refusal.field``, where the form has it.

        ``places`` names the field for codes whose field has another name in this form; codes in ``passing`` are the
        caller's affair.
        """
        try:
            yield
        except Refused as refusal:
            if refusal.code in passing:
                raise
            self._refusal = refusal
            field = (places or {}).get(refusal.code, refusal.field)
            field = field if field in self.fields else None
            self.add_error(field, forms.ValidationError(message_of(refusal), code=refusal.code))

    @property
    def status(self) -> int:
        """The HTTP status of a page that shows this form."""
        if self._refusal is not None:
            return status_of(self._refusal)
        return DEFAULT if self.is_bound and self.errors else 200

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait, where the form was refused for being sent too often."""
        return self._refusal.retry_after if self._refusal else None

    @property
    def refused_code(self) -> str:
        """The stable code of the first error, for tests and programs that read the page."""
        errors: ErrorDict = self.errors
        return next((error.code or "" for found in errors.values() for error in found.as_data()), "")


def as_typed(form: Form, field: str) -> str:
    """The text of a field of a valid form."""
    return str(form.cleaned_data[field])
