"""Names that people give to their factors."""

from django.utils.translation import gettext as _

from strongroom.factors.models import MAX_NAME
from strongroom.kernel.refused import Refused


def check_name(name: str) -> str:
    """A name for a factor, without outer spaces; raises ``Refused`` (``factor_name_invalid``)."""
    trimmed = name.strip()
    if not trimmed or len(trimmed) > MAX_NAME or not trimmed.isprintable():
        raise Refused(
            "factor_name_invalid",
            _("Give it a name of at most %(count)d characters, such as the name of the device.")
            % {"count": MAX_NAME},
            field="name",
        )
    return trimmed
