"""What may publish: who says what, of whom the strictest wins, and the switches that tell people of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import standing
from strongroom.accounts.events import PublishingSwitched
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish, laxer_than, strictest
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Feature
from strongroom.projects import access, policy
from strongroom.projects.events import ProjectPublishingSwitched, PublishingSwitchedForAll
from strongroom.projects.models import Project
from strongroom.projects.notices import ProjectPublishingWasSwitched
from strongroom.publish import owners
from strongroom.throttle.limits import Limit, spend

_SWITCHED = Limit("project-publishing", count=20, seconds=24 * 3600)


class Party(StrEnum):
    """Who has a say."""

    CONFIGURATION = "configuration"
    OPERATORS = "operators"
    PROJECT = "project"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What each party says."""

    said: Mapping[Party, MayPublish]

    @property
    def level(self) -> MayPublish:
        """What may publish, then."""
        return strictest(*self.said.values())

    @property
    def decided_by(self) -> tuple[Party, ...]:
        """Whoever says just that; nobody where everything may publish."""
        if self.level is MayPublish.PASSWORDS:
            return ()
        return tuple(party for party, level in self.said.items() if level == self.level)


def for_everybody() -> Ruling:
    """What configuration and operators say."""
    return Ruling({Party.CONFIGURATION: policy.configured(), Party.OPERATORS: policy.of_operators()})


def for_account(user: User) -> Ruling:
    """What may publish with an account, in whichever of its projects."""
    return Ruling({**for_everybody().said, Party.ACCOUNT: MayPublish(user.may_publish)})


def for_account_in(user: User, project: Project) -> Ruling:
    """What may publish with an account in one project."""
    said = for_everybody().said
    project_says, account_says = MayPublish(project.may_publish), MayPublish(user.may_publish)
    return Ruling({**said, Party.PROJECT: project_says, Party.ACCOUNT: account_says})


def trusted_publishers_publish() -> bool:
    """Whether this site takes trusted publishers at all."""
    return settings.CONFIG.trusted_publishing.enabled is not Feature.OFF


def switch_account(user: User, level: MayPublish, *, by: Actor) -> None:
    """Choose what may publish with the account.

    Raises ``Refused``: ``level_too_lax``, ``level_without_publishers``, ``too_many_attempts``.
    """
    about = PublishingSwitched(subject_id=user.pk, level=level, before=user.may_publish)
    with trail.refusals_of(about, by=by):
        _require_choosable(level, at_most=policy.for_all())
        standing.switch_publishing(user, level, by=by)


def switch_for_all(level: MayPublish, *, by: Actor) -> None:
    """Choose, as an operator, what may publish on this site.

    Raises ``Refused``: ``level_too_lax``, ``level_without_publishers``.
    """
    about = PublishingSwitchedForAll(level=level, before=policy.of_operators())
    with trail.refusals_of(about, by=by):
        _require_choosable(level, at_most=policy.configured())
        policy.switch_for_all(level, by=by)


def switch_project(user: User, name: str, *, level: MayPublish, by: Actor) -> None:
    """Choose, as an owner, what may publish in a project; all of its owners are told.

    Raises ``Refused``: ``project_not_yours``, ``project_not_owned``, ``account_disabled``, ``account_frozen``,
    ``level_too_lax``, ``level_without_publishers``, ``too_many_attempts`` (others' mailboxes are not to be flooded).
    """
    about = ProjectPublishingSwitched(
        project=access.owned_by(user.pk, name).normalized, level=level, before=""
    )
    with trail.refusals_of(about, by=by):
        standing.require_active(user)
        _require_choosable(level, at_most=policy.for_all())
    spend(str(user.pk), _SWITCHED)
    with transaction.atomic():
        project = access.owned_by(user.pk, name)
        if policy.switch_project(project.id, level, by=by):
            told = partial(
                ProjectPublishingWasSwitched,
                project=project.normalized,
                level=level,
                who=by.username,
                when=clock.now(),
            )
            owners.tell(project.id, lambda address: told(address=address), by=by)


def _require_choosable(level: MayPublish, *, at_most: MayPublish) -> None:
    if level in laxer_than(at_most):
        raise Refused("level_too_lax", _("This site allows less than that for everybody."), field="level")
    if level is MayPublish.TRUSTED and not trusted_publishers_publish():
        raise Refused(
            "level_without_publishers",
            _("This site takes no trusted publishers: nothing could publish. Choose another level."),
            field="level",
        )
