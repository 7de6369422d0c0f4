"""What may publish, in words: the levels, who chose them, and the form to choose one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.kernel.may_publish import MayPublish, laxer_than, strictest
from strongroom.publish import levels
from strongroom.publish.levels import Party, Ruling
from strongroom.web.forms.levels import ChooseLevel

TITLES: Final[Mapping[str, Promise]] = {
    MayPublish.PASSWORDS: gettext_lazy("Passwords, API tokens and trusted publishers"),
    MayPublish.TOKENS: gettext_lazy("API tokens and trusted publishers"),
    MayPublish.TRUSTED: gettext_lazy("Trusted publishers only"),
}
_PARTIES: Final[Mapping[Party, Promise]] = {
    Party.CONFIGURATION: gettext_lazy("The configuration of this site"),
    Party.OPERATORS: gettext_lazy("The operators of this site"),
    Party.PROJECT: gettext_lazy("This project"),
    Party.ACCOUNT: gettext_lazy("Your account"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one party says; ``decides`` where it is among the strictest."""

    party: str
    says: str
    decides: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A ruling in words: what may publish, and what each party says."""

    level: MayPublish
    title: str
    parties: list[Said]


def title_of(level: str) -> str:
    """A level in words; what is none as it is."""
    return str(TITLES.get(level, level))


def told(ruling: Ruling) -> Told:
    """A ruling in words."""
    decided = ruling.decided_by
    return Told(
        ruling.level,
        title_of(ruling.level),
        [
            Said(str(_PARTIES[party]), title_of(level), party in decided)
            for party, level in ruling.said.items()
        ],
    )


def form_of(typed: QueryDict | None, *, chosen: str, above: Ruling | None = None) -> ChooseLevel:
    """The form to choose a level, at present ``chosen``; those that ``above`` rules out cannot be.

    ``above`` is what configuration and operators say; nothing where it is the operators who choose.
    """
    ruling = above or Ruling({Party.CONFIGURATION: levels.for_everybody().said[Party.CONFIGURATION]})
    return ChooseLevel(
        typed, named="publishing", chosen=strictest(ruling.level, chosen), barred=_barred(ruling)
    )


def _barred(ruling: Ruling) -> dict[str, str]:
    """Why each level that cannot be chosen cannot."""
    because = (
        _("The configuration of this site forbids it.")
        if Party.CONFIGURATION in ruling.decided_by
        else _("The operators of this site forbid it.")
    )
    barred: dict[str, str] = dict.fromkeys(laxer_than(ruling.level), because)
    if not levels.trusted_publishers_publish():
        barred[MayPublish.TRUSTED] = _("This site takes no trusted publishers: nothing could publish.")
    return barred
