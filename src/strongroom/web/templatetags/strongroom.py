"""``{% load strongroom %}``: addresses of assets, points in time."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from strongroom.kernel import clock
from strongroom.web import assets

register = template.Library()

_JUST_NOW = 60  # seconds


@register.simple_tag
def asset(name: str) -> str:
    """The address of a file in ``static/``."""
    return assets.url(name)


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


def _ago(value: datetime) -> str:
    now = clock.now()
    if (now - value).total_seconds() < _JUST_NOW:
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(value, now, depth=1)}
