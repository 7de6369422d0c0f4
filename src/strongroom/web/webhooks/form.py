"""The forms of webhooks."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.audit import known
from strongroom.web.forms import choices
from strongroom.web.forms.base import Form, as_typed
from strongroom.web.webhooks import words
from strongroom.webhooks.adding import Wish
from strongroom.webhooks.models import Webhook

ALL, SOME = "all", "some"
"""Every event, or only those that are ticked."""

_AS_TYPED: Final = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
_SCOPES: Final = {ALL: gettext_lazy("Every event"), SOME: gettext_lazy("Only these")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A check box: its value, its words, its id, and whether it is ticked."""

    value: str
    words: str
    id: str
    ticked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A kind of events: a box for all of it, and one for each of its events."""

    whole: Box
    boxes: list[Box]

    @property
    def is_open(self) -> bool:
        """Whether it must be seen which events of the kind are ticked."""
        return any(box.ticked for box in self.boxes)

    @property
    def is_divided(self) -> bool:
        """Whether some of it can be chosen, and is not the same as all of it."""
        return len(self.boxes) > 1 or self.is_open


class _Events(forms.MultipleChoiceField):
    """Which events there are is for the webhooks to say, which also write down what they refuse."""

    def valid_value(self, value: str) -> bool:
        """Any."""
        return True


class WebhookForm(Form):
    """Where a webhook sends to, and what; ``owner`` is of ``Webhook.Owner``, ``webhook`` the one that is changed."""

    use_required_attribute = False

    url = forms.CharField(
        label=gettext_lazy("Address"),
        widget=forms.URLInput(attrs=_AS_TYPED),
        help_text=gettext_lazy("Each event is posted there, such as https://hooks.example.org/strongroom."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Events"), widget=choices.Radios(), choices=list(_SCOPES.items())
    )
    events = _Events(label=gettext_lazy("Which events"), required=False)
    seals = forms.BooleanField(
        label=gettext_lazy("Send the seals of the audit trail, too"),
        required=False,
        help_text=gettext_lazy("Whoever keeps them can tell whether this site's history was rewritten."),
    )
    active = forms.BooleanField(
        label=gettext_lazy("Send messages"),
        required=False,
        help_text=gettext_lazy(
            "Without it nothing is sent. What happens meanwhile is sent when it is on again."
        ),
    )

    def __init__(self, *args: Any, owner: str, webhook: Webhook | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(webhook), **kwargs)
        self._owner = owner
        if owner != Webhook.Owner.INSTANCE:
            del self.fields["seals"]
        if webhook is None:
            del self.fields["active"]

    def clean(self) -> dict[str, Any]:
        """Nothing chosen must not mean everything."""
        found = super().clean() or self.cleaned_data
        if found.get("scope") == SOME and not found.get("events"):
            self.add_error(
                "events",
                ValidationError(_("Choose at least one sort of events."), code="webhook_events_none"),
            )
        return found

    @property
    def wish(self) -> Wish:
        """What a valid form asks for; a kind as a whole stands for its events."""
        found = self.cleaned_data
        chosen = set(found["events"]) if found["scope"] == SOME else set()
        return Wish(
            url=as_typed(self, "url"),
            events=tuple(sorted(text for text in chosen if known.kind_of(text) not in chosen - {text})),
            seals=bool(found.get("seals")),
            active=bool(found.get("active", True)),
        )

    @property
    def groups(self) -> list[Group]:
        """The check boxes; the first has the id of the field, where the summary of errors leads."""
        ticked = set(self["events"].value() or [])
        offered = words.groups(self._owner, chosen=ticked)
        numbers = iter(range(10_000))

        def box(value: str, said: str) -> Box:
            number = next(numbers)
            ids = self["events"].id_for_label or "id_events"
            return Box(
                value=value, words=said, id=f"{ids}_{number}" if number else ids, ticked=value in ticked
            )

        return [
            Group(whole=box(kind, title), boxes=[box(tag, said) for tag, said in tags])
            for kind, title, tags in offered
        ]


class ReplayForm(Form):
    """From which event on: at most the last one that ``webhook`` has done with."""

    first = forms.IntegerField(
        label=gettext_lazy("From number"),
        min_value=1,
        widget=forms.TextInput(attrs={**_AS_TYPED, "inputmode": "numeric", "class": "serial"}),
        error_messages={
            "invalid": gettext_lazy("Write the number of an event, such as 1042."),
            "min_value": gettext_lazy("Numbers begin with 1."),
        },
        help_text=gettext_lazy("The serial number of an event, as in the history."),
    )

    def __init__(self, *args: Any, webhook: Webhook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._last = webhook.serial

    def clean_first(self) -> int:
        """Nothing is sent again that was not sent."""
        first = int(self.cleaned_data["first"])
        if first > self._last:
            raise ValidationError(
                _("It has come to number %(last)s. Choose that or a lower one; what follows is sent anyway.")
                % {"last": self._last},
                code="webhook_not_sent_yet",
            )
        return first

    @property
    def serial(self) -> int:
        """The number, in a valid form."""
        return int(self.cleaned_data["first"])


def _initial(webhook: Webhook | None) -> dict[str, Any]:
    if webhook is None:
        return {"scope": ALL}
    return {
        "url": webhook.url,
        "scope": SOME if webhook.wanted else ALL,
        "events": webhook.wanted,
        "seals": webhook.sends_seals,
        "active": webhook.active,
    }
