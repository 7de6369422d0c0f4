"""What may publish: what configuration and operators say for everybody, and what owners say for a project.

The strictest of all wins, and that of the account beside them. The configuration joins here and nowhere else.
"""

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Subquery

from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish, strictest
from strongroom.prepared.query import Query
from strongroom.projects.events import ProjectPublishingSwitched, PublishingSwitchedForAll
from strongroom.projects.models import Project, UploadPolicy

_THE_ROW = 1


def for_all() -> MayPublish:
    """What may publish on this site at most: the strictest of configuration and operators; one query."""
    return strictest(configured(), of_operators())


def configured() -> MayPublish:
    """What the configuration lets publish (``uploads.allowed``)."""
    level: MayPublish = settings.CONFIG.uploads.allowed
    return level


def of_operators() -> MayPublish:
    """What the operators let publish: everything, until they say otherwise."""
    row = _POLICY.first(row=_THE_ROW)
    return MayPublish(row[0]) if row else MayPublish.PASSWORDS


def of_operators_too() -> Subquery:
    """The same as a column of another query, which is ``NULL`` until they say otherwise."""
    return Subquery(UploadPolicy.objects.filter(pk=_THE_ROW).values("may_publish"))


def in_project(level: str, operators: str | None) -> MayPublish:
    """What may publish in a project that says ``level``, where the operators' column holds ``operators``; no query."""
    return strictest(configured(), operators or MayPublish.PASSWORDS, level)


def switch_for_all(level: MayPublish, *, by: Actor) -> None:
    """Choose what may publish on this site from now on; nothing happens where the operators say so already."""
    with transaction.atomic():
        UploadPolicy.objects.get_or_create(pk=_THE_ROW)
        rows = UploadPolicy.objects.filter(pk=_THE_ROW)
        before = rows.select_for_update().values_list("may_publish", flat=True).get()
        if before != level:
            rows.update(may_publish=level)
            trail.record(PublishingSwitchedForAll(level=level, before=before), by=by)


def switch_project(project_id: int, level: MayPublish, *, by: Actor) -> bool:
    """Choose what may publish in a project from now on; returns whether that changed anything.

    The caller has made sure that an owner asks for it, and tells the others.
    """
    rows = Project.objects.filter(pk=project_id)
    with transaction.atomic():
        name, before = rows.select_for_update().values_list("normalized", "may_publish").get()
        if before == level:
            return False
        rows.update(may_publish=level)
        event = ProjectPublishingSwitched(subject_id=by.user_id, project=name, level=level, before=before)
        trail.record(event, by=by)
        return True


def _the_row(row: int) -> QuerySet[UploadPolicy, tuple[str]]:
    return UploadPolicy.objects.filter(pk=row).values_list("may_publish")


_POLICY = Query(_the_row, row=int)
