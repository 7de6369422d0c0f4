"""The forms of trusted publishing: publishers, by the fields of their provider; identity tokens to try; providers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.kernel.names import MAX_PROJECT_NAME
from strongroom.kernel.refused import Refused
from strongroom.trust import jwt
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.kinds.kind import Field
from strongroom.trust.models import MAX_ISSUER, MAX_NAME
from strongroom.trust.new_issuer import MAX_CLAIMS, MAX_KEYS, NewIssuer
from strongroom.web.forms.base import Form, as_typed
from strongroom.web.forms.choices import Radios

OF_IDENTITY: Final = "identity-"
"""How the names of fields begin that are of the provider's kind: an operator may call a claim whatever they like."""

_AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_MAX_LINES = MAX_CLAIMS * 700  # characters; the domain says which lines are too long
_BEGINNINGS = {"workflow": "workflow_filename"}
"""Fields that links made for PyPI's page call otherwise."""


class AddPublisher(Form):
    """A publisher by the fields of ``issuer``; ``prefill`` says what they hold at first, by the names of the fields."""

    use_required_attribute = False
    provider = forms.CharField(max_length=MAX_ISSUER, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, issuer: KnownIssuer, prefill: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        given = prefill or {}
        initial = {f"{OF_IDENTITY}{field.name}": _first(field, given) for field in issuer.reading.fields}
        super().__init__(*args, initial={**given, **initial, "provider": issuer.url}, **kwargs)
        self.fields.update(
            (f"{OF_IDENTITY}{field.name}", _field_of(field)) for field in issuer.reading.fields
        )

    @property
    def values(self) -> dict[str, str]:
        """What was typed, by the fields of the kind, in a valid form."""
        typed = {name: str(value) for name, value in self.cleaned_data.items()}
        return {
            name.removeprefix(OF_IDENTITY): value
            for name, value in typed.items()
            if name.startswith(OF_IDENTITY)
        }

    @contextmanager
    def refusals(self, **choices: Any) -> Iterator[None]:
        """As everywhere, beside the field of the kind that is at fault."""
        with super().refusals(**choices):
            try:
                yield
            except Refused as refusal:
                if f"{OF_IDENTITY}{refusal.field}" in self.fields and refusal.code.startswith("publisher_"):
                    refusal.field = f"{OF_IDENTITY}{refusal.field}"
                raise


class AddPending(AddPublisher):
    """A publisher for a project that does not exist yet."""

    name = forms.CharField(
        label=gettext_lazy("Project name"),
        max_length=MAX_PROJECT_NAME,
        widget=forms.TextInput(attrs=_AS_TYPED),
        help_text=gettext_lazy("As the package's metadata spells it. Nobody has published it here so far."),
    )
    field_order = ("name",)


class _Untold(forms.Textarea):
    """What was pasted is not written back into the page."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Without the value."""
        return super().get_context(name, None, attrs)


class TryIdentity(Form):
    """An identity token to look at; it is in no page and no kept form."""

    use_required_attribute = False
    token = forms.CharField(
        label=gettext_lazy("Identity token"),
        max_length=2 * jwt.MAX_LENGTH,  # with whatever was pasted around it
        widget=_Untold(attrs={**_AS_TYPED, "rows": 6, "translate": "no"}),
        help_text=gettext_lazy(
            "Three parts with dots between them, as the build service issued it. Nothing is published or used up."
        ),
    )


class _Lines(forms.CharField):
    """One claim a line."""

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        super().__init__(
            required=False,
            max_length=_MAX_LINES,
            widget=forms.Textarea(attrs={**_AS_TYPED, "rows": rows, "translate": "no"}),
            **options,
        )

    def clean(self, value: Any) -> tuple[str, ...]:
        """The lines that are not empty."""
        return tuple(line.strip() for line in str(super().clean(value)).splitlines() if line.strip())


class _Rules(_Lines):
    """One ``claim = value`` a line."""

    def clean(self, value: Any) -> Any:
        """Value by claim."""
        pairs = [[part.strip() for part in line.partition("=")] for line in super().clean(value)]
        claims = [claim for claim, _sign, _value in pairs]
        if not all(sign and value for _claim, sign, value in pairs) or len(set(claims)) != len(claims):
            told = _("Write one rule a line, as in: claim = value. Each claim stands in one line.")
            raise forms.ValidationError(told, code="rules_unreadable")
        return {claim: value for claim, _sign, value in pairs}


_KINDS = {
    "github": gettext_lazy("GitHub Actions, of GitHub Enterprise"),
    "gitlab": gettext_lazy("GitLab CI/CD, of a server of one's own"),
    "generic": gettext_lazy("Any other, by the claims named below"),
}


class AddIssuer(Form):
    """An OpenID provider to believe."""

    use_required_attribute = False

    url = forms.CharField(
        label=gettext_lazy("Issuer"),
        max_length=MAX_ISSUER,
        widget=forms.TextInput(attrs={**_AS_TYPED, "inputmode": "url"}),
        help_text=gettext_lazy("The address, letter for letter as the identity tokens say it in “iss”."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("What people choose it by, such as “GitLab of the physics department”."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Its tokens are those of"), widget=Radios(), choices=list(_KINDS.items())
    )
    claims = _Lines(
        label=gettext_lazy("Claims that each publisher names"),
        help_text=gettext_lazy(
            "One a line. Whoever adds a publisher gives a value for each, and a token must say exactly that. "
            "Only for other providers."
        ),
    )
    rules = _Rules(
        label=gettext_lazy("What every token must say"),
        help_text=gettext_lazy(
            "One a line, as in: claim = value. Several values are divided by |, and * at the end stands for any rest. "
            "Only for other providers."
        ),
    )
    pins = _Lines(
        label=gettext_lazy("Ids to keep from the first token"),
        help_text=gettext_lazy(
            "Claims, one a line, that must not change once a publisher was used, such as the id of a repository. "
            "Only for other providers."
        ),
    )
    static_keys = forms.CharField(
        label=gettext_lazy("Keys"),
        required=False,
        max_length=MAX_KEYS,
        widget=forms.Textarea(attrs={**_AS_TYPED, "rows": 4, "translate": "no"}),
        help_text=gettext_lazy(
            "Leave it empty, and the keys are fetched from the provider. A JWK Set, if this site cannot reach it: then "
            "you paste the new ones in whenever they change."
        ),
    )

    @contextmanager
    def refusals(self, **choices: Any) -> Iterator[None]:
        """As everywhere; a form's ``fields`` are something else, so that those of a provider are ``claims`` here."""
        with super().refusals(**choices):
            try:
                yield
            except Refused as refusal:
                refusal.field = "claims" if refusal.field == "fields" else refusal.field
                raise

    @property
    def new(self) -> NewIssuer:
        """The provider to be, of a valid form."""
        typed = self.cleaned_data
        return NewIssuer(
            url=as_typed(self, "url"),
            name=as_typed(self, "name"),
            kind=as_typed(self, "kind"),
            fields=typed["claims"],
            rules=typed["rules"],
            pins=typed["pins"],
            static_keys=as_typed(self, "static_keys"),
        )


def _first(field: Field, given: Mapping[str, str]) -> str:
    """What a field holds at first."""
    asked = given.get(field.name) or given.get(_BEGINNINGS.get(field.name, "")) or field.default
    return asked[: field.max_length]


def _field_of(field: Field) -> forms.CharField:
    label = str(field.label) if field.required else _("%(label)s (optional)") % {"label": field.label}
    return forms.CharField(
        label=label,
        required=field.required,
        max_length=field.max_length,
        widget=forms.TextInput(attrs=_AS_TYPED),
        help_text=str(field.hint),
        error_messages={"required": _("Fill in: %(label)s") % {"label": field.label}},
    )
