"""The form to ask who downloaded files."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.audit.downloaded import Question, digest_of
from strongroom.kernel.names import MAX_PROJECT_NAME
from strongroom.kernel.refused import Refused
from strongroom.projects import digests
from strongroom.web.forms.base import Form, as_typed

_MOST = 1000  # digests
_AS_TYPED = {"autocapitalize": "none", "spellcheck": "false"}


def _time(label: Any, hint: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, help_text=hint, widget=widget)


class WhoDownloaded(Form):
    """Files by their digests, or by project, and a time."""

    digests = forms.CharField(
        label=gettext_lazy("SHA-256 digests"),
        required=False,
        max_length=_MOST * 80,
        help_text=gettext_lazy("One on each line, of files of any project."),
        widget=forms.Textarea(attrs={"rows": 3, **_AS_TYPED}),
    )
    project = forms.CharField(
        label=gettext_lazy("Project"),
        required=False,
        max_length=MAX_PROJECT_NAME,
        help_text=gettext_lazy("All of its files, deleted ones too."),
        widget=forms.TextInput(attrs=_AS_TYPED),
    )
    version = forms.CharField(
        label=gettext_lazy("Version"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Of the project; empty for all."),
    )
    since = _time(gettext_lazy("From"), gettext_lazy("UTC"))
    until = _time(gettext_lazy("Until before"), gettext_lazy("UTC"))

    def clean(self) -> dict[str, Any]:
        """Something must be asked about."""
        found = super().clean() or {}
        if not (found.get("digests") or found.get("project") or self.errors):
            self.add_error(
                "digests", forms.ValidationError(_("Enter digests or a project."), code="required")
            )
        return found

    def question(self) -> Question:
        """What a valid form asks; raises ``Refused`` (``digest_invalid``, ``digests_too_many``, ``files_unknown``)."""
        named = as_typed(self, "digests").split()
        if len(named) > _MOST:
            raise Refused(
                "digests_too_many",
                _("Ask for at most %(count)s digests at once.") % {"count": _MOST},
                field="digests",
            )
        project, of_project = as_typed(self, "project"), tuple[str, ...]()
        if project:
            project, of_project = digests.of(project, version=as_typed(self, "version"))
        return Question(
            digests=(*map(digest_of, named), *of_project),
            project=project,
            version=as_typed(self, "version") if project else "",
            since=self.cleaned_data["since"],
            until=self.cleaned_data["until"],
        )
