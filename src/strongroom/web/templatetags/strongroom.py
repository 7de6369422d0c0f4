"""``{% load strongroom %}``: addresses of assets, points in time."""

from datetime import UTC, datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.audit import sealing
from strongroom.kernel import clock
from strongroom.web import assets, clients
from strongroom.web.audit import words
from strongroom.web.audit.picture import PUBLISHES, REFUSALS, SIGN_INS

register = template.Library()

_JUST_NOW = 60  # seconds
_SERIES = {
    SIGN_INS: gettext_lazy("Sign-ins"),
    REFUSALS: gettext_lazy("Refusals"),
    PUBLISHES: gettext_lazy("Publishes"),
}


@register.simple_tag
def asset(name: str) -> str:
    """The address of a file in ``static/``."""
    return assets.url(name)


@register.simple_tag
def audit_key() -> str:
    """The public key that checks seals and receipts, 64 hex digits."""
    return sealing.public_key()


@register.simple_tag
def moment(value: datetime | None) -> SafeString | str:
    """A point in time: absolute, with a relative hint. Nothing where there is none."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}">{} <span class="ago">{}</span></time>',
        value.isoformat(timespec="seconds"),
        date_format(value, "j M Y, H:i") + " UTC",
        _ago(value),
    )


@register.simple_tag
def exact(value: datetime) -> SafeString:
    """A point in time to the second, as it is also typed into a search; in UTC."""
    moment = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}">{}</time>',
        moment.isoformat(timespec="microseconds"),
        moment.strftime("%Y-%m-%d %H:%M:%S"),
    )


@register.simple_tag
def series_title(name: str) -> str:
    """What a picture of a trail counts, in words."""
    return str(_SERIES[name])


@register.filter
def client(user_agent: str) -> str:
    """A ``User-Agent`` in words."""
    return clients.describe(user_agent)


@register.filter
def method(signed_in_by: str) -> str:
    """How a session or an upload was authenticated, in words."""
    return words.method(signed_in_by)


def _ago(value: datetime) -> str:
    now = clock.now()
    if (value - now).total_seconds() >= _JUST_NOW:
        return _("in %(time)s") % {"time": timesince(now, value, depth=1)}
    if value > now:
        return _("in a moment")
    if (now - value).total_seconds() < _JUST_NOW:
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(value, now, depth=1)}
