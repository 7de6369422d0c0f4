"""The text of a typed code, in one spelling."""

import re

from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused

DIGITS = 6

# What apps and keyboards put between digits: space, no-break space, zero-width space, hyphen.
_SEPARATORS = re.compile("[ \N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}-]")
_CODE = re.compile(f"[0-9]{{{DIGITS}}}", re.ASCII)
_LONGEST = 32


def normalize(code: str) -> str:
    """Six ASCII digits; raises ``Refused`` (``code_malformed``) for anything else, full-width digits among it (D7)."""
    plain = _SEPARATORS.sub("", code) if len(code) <= _LONGEST else ""
    if not _CODE.fullmatch(plain):
        raise Refused(
            "code_malformed", _("Enter the six digits that your authenticator app shows."), field="code"
        )
    return plain
