"""The form to make an API token."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.tokens import caveats
from strongroom.tokens.models import MAX_NAME
from strongroom.tokens.restrictions import (
    DEFAULT_DAYS,
    Restrictions,
    digests_of,
    networks_of,
    patterns_of,
    version_of,
)
from strongroom.tokens.spelling import MAX_NAMED
from strongroom.web.forms import choices
from strongroom.web.forms.base import Form

ALL, SOME = "all", "some"
"""The two scopes: the whole account, or only what is named."""

LIMITS: Final = ("not_before", "networks", "uses", "version", "sha256")
"""The fields that few need, which are folded away until one is used."""

_LAST_DAY = date(9998, 12, 31)  # the moment after it can still be reckoned with
_MAX_DIGESTS = MAX_NAMED * 200  # characters: digests, and the names of files that programs write beside them
_FILE_BESIDE_DIGEST = re.compile(r"(?m)^([0-9a-fA-F]{64})[ \t]+\*?(?![0-9a-fA-F]{64}\b)\S.*$")
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}

_SCOPES = {
    ALL: gettext_lazy("All of my projects, and those to come"),
    SOME: gettext_lazy("Only these"),
}
_ACTIONS = {
    caveats.UPLOAD: gettext_lazy("Upload"),
    caveats.YANK: gettext_lazy("Yank"),
    caveats.READ: gettext_lazy("Read"),
    caveats.AUDIT: gettext_lazy("Read the audit trail"),
}
_MEANINGS: Mapping[str, Promise] = {
    caveats.UPLOAD: gettext_lazy("Publish files and, where the name is free, new projects."),
    caveats.YANK: gettext_lazy("Take releases back, so that installers pass them over, and undo that."),
    caveats.READ: gettext_lazy("See and install packages. Only sites that are private ask for it."),
    caveats.AUDIT: gettext_lazy(
        "For programs that watch: the security history of your account, with addresses, and of projects that you own. In "
        "the hands of an operator: of the whole site."
    ),
}


class _Parsed(forms.CharField):
    """Text that the domain turns into a value, and says beside the field why it cannot."""

    def __init__(self, *, parse: Callable[[str], Any], **options: Any) -> None:
        super().__init__(required=False, **options)
        self._parse = parse

    def clean(self, value: Any) -> Any:
        """The value; what it is refused for is an error with the domain's own code."""
        try:
            return self._parse(super().clean(value))
        except Refused as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from None


class _Day(forms.DateField):
    """A day, in the calendar of the browser."""

    class _Input(forms.DateInput):
        input_type = "date"

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            widget=self._Input(format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": gettext_lazy("Write the day as in 2027-01-31.")},
            validators=[MaxValueValidator(_LAST_DAY, gettext_lazy("Choose an earlier day, or none."))],
            **options,
        )


def _digests(text: str) -> tuple[str, ...]:
    """Also as ``sha256sum`` writes them, with the name of the file behind each."""
    return digests_of(_FILE_BESIDE_DIGEST.sub(r"\1", text))


class MakeToken(Form):
    """A name, and what the token may do. ``projects`` are the maker's: normalized name and name of each.

    Days are days in UTC: a token is good from the beginning of the one through the end of the other.
    """

    use_required_attribute = False  # what is missing is told in the page; browsers still refuse half a date

    name = forms.CharField(
        label=gettext_lazy("Token name"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("What it is for, such as “Laptop” or the name of a build server."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Scope"), widget=choices.Radios(), choices=list(_SCOPES.items())
    )
    projects = forms.MultipleChoiceField(
        label=gettext_lazy("Projects"), required=False, widget=choices.Checkboxes(names=True)
    )
    patterns = _Parsed(
        label=gettext_lazy("Names"),
        parse=patterns_of,
        max_length=2000,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=gettext_lazy(
            "Also of projects that are still to come: whole names, or beginnings with a star, such as acme-*. "
            "Separate several by spaces."
        ),
    )
    actions = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        required=False,
        widget=choices.Checkboxes(meanings=_MEANINGS),
        choices=list(_ACTIONS.items()),
        help_text=gettext_lazy("Leave out what it does not need: whoever finds it can do no more."),
    )
    expires = _Day(label=gettext_lazy("Expires"))
    not_before = _Day(
        label=gettext_lazy("Not before"),
        help_text=gettext_lazy("The first day on which it works (UTC). Empty: at once."),
    )
    networks = _Parsed(
        label=gettext_lazy("Networks"),
        parse=networks_of,
        max_length=2000,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=gettext_lazy(
            "It works from these addresses alone, such as 192.0.2.7 or 192.0.2.0/24. Separate several by spaces."
        ),
    )
    uses = forms.IntegerField(
        label=gettext_lazy("Number of uses"),
        required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
        error_messages={"invalid": gettext_lazy("Write a whole number, such as 1.")},
        help_text=gettext_lazy(
            "Each file that is published and each release that is yanked is one. Reading is none."
        ),
    )
    version = _Parsed(
        label=gettext_lazy("Version"),
        parse=version_of,
        max_length=200,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=gettext_lazy("It works for this version of a project alone, such as 2.1.0."),
    )
    sha256 = _Parsed(
        label=gettext_lazy("Files"),
        parse=_digests,
        max_length=_MAX_DIGESTS,
        widget=forms.Textarea(attrs={**_PLAIN, "rows": 3}),
        help_text=gettext_lazy(
            "It publishes files with these SHA-256 digests alone. Paste what sha256sum dist/* prints."
        ),
    )

    def __init__(
        self, *args: Any, projects: Sequence[tuple[str, str]], preselected: str = "", **kwargs: Any
    ) -> None:
        chosen = [name for name, _title in projects if name == preselected]
        initial = {
            "scope": SOME if chosen else ALL,
            "projects": chosen,
            "actions": [caveats.UPLOAD],
            "expires": _usual_last_day(),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.titles = dict(projects)
        field = self.fields["projects"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker: declared above)
        field.choices = [*projects]
        self.fields["expires"].help_text = _about_last_day()
        if settings.CONFIG.site.access == "private":
            self.fields["patterns"].help_text = _about_names_to_read()

    def clean(self) -> dict[str, Any]:
        """What is chosen must not say two things at once: a token is never wider than it seemed."""
        found = super().clean() or self.cleaned_data
        names = found.get("projects") or found.get("patterns")
        if found.get("scope") == ALL and names:
            self.add_error(
                "scope",
                ValidationError(
                    _("You chose all of your projects, and named some as well. Choose one of the two."),
                    code="token_scope_unclear",
                ),
            )
        if found.get("scope") == SOME and not names and not {"projects", "patterns"} & set(self.errors):
            self.add_error(
                "projects" if self.titles else "patterns",
                ValidationError(_("Name at least one project."), code="token_scope_missing"),
            )
        return found

    @property
    def restrictions(self) -> Restrictions:
        """What was chosen, in a valid form, but for the projects."""
        found = self.cleaned_data
        last, first = found["expires"], found["not_before"]
        return Restrictions(
            patterns=found["patterns"],
            actions=tuple(found["actions"]),
            expires=_beginning_of(last + timedelta(days=1)) if last else None,
            not_before=_beginning_of(first) if first else None,
            networks=found["networks"],
            uses=found["uses"],
            version=found["version"],
            sha256=found["sha256"],
        )

    @property
    def chosen(self) -> list[str]:
        """The normalized names of the projects that were ticked, in a valid form."""
        return list(self.cleaned_data["projects"])

    @property
    def titles_of_chosen(self) -> list[str]:
        """Their names as they are written."""
        return [self.titles[name] for name in self.chosen]

    @property
    def limits(self) -> list[forms.BoundField]:
        """The fields that are folded away."""
        return [self[name] for name in LIMITS]

    @property
    def uses_limits(self) -> bool:
        """Whether one of them has an error, or something in it."""
        return any(field.errors or field.value() for field in self.limits)

    @property
    def names_some(self) -> bool:
        """Whether what it names has to be seen whatever scope is chosen, because the two contradict each other."""
        return "scope" in self.errors


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _last_day_allowed() -> date | None:
    """The last day whose end the site still allows; nothing where it sets no limit."""
    days = settings.CONFIG.tokens.max_days
    return (clock.now() + timedelta(days=days)).date() - timedelta(days=1) if days else None


def _usual_last_day() -> date:
    usual = clock.now().date() + timedelta(days=DEFAULT_DAYS)
    return min(usual, _last_day_allowed() or usual)


def _about_names_to_read() -> str:
    return _(
        "To read, whosever the projects are; else of yours, also of those still to come. Whole names, or beginnings "
        "with a star, such as acme-*. Separate several by spaces."
    )


def _about_last_day() -> str:
    latest = _last_day_allowed()
    if latest is None:
        return _("The last day on which it works (UTC). Empty: it works until you revoke it.")
    return _("The last day on which it works (UTC). On this site %(day)s at the latest.") % {
        "day": date_format(latest, "j M Y")
    }
