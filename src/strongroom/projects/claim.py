"""Taking hold of a project for the rest of a transaction."""

from dataclasses import dataclass

from django.db import connection

from strongroom.kernel import clock
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.refused import Refused
from strongroom.projects import policy
from strongroom.projects.access import has_role, not_yours

# One statement locks the row to the end of the transaction, asks for the role as it is now (UP-36), and decides the
# quota with the bytes already counted (UP-03): parallel uploads can neither pass it together nor on an old role.
_CLAIM = """
    UPDATE projects_project SET size = size + %(size)s
    WHERE id = %(project)s AND size + %(size)s <= %(limit)s {role}
    RETURNING normalized, latest_version, may_publish,
        (SELECT policy.may_publish FROM projects_uploadpolicy AS policy WHERE policy.id = 1)
"""
_ROLE = (
    "AND EXISTS (SELECT 1 FROM projects_role WHERE project_id = projects_project.id AND user_id = %(user)s)"
)
_CLAIM_BY_ROLE, _CLAIM_BY_TOKEN = _CLAIM.format(role=_ROLE), _CLAIM.format(role="")

_LATEST = "UPDATE projects_project SET latest_version = %s, summary = %s, updated = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Claim:
    """A project that nobody else changes before the transaction ends. ``latest_version`` may be empty.

    ``may_publish`` is what configuration, operators and the project agree on now (``kernel.may_publish``).
    """

    project_id: int
    normalized: str
    latest_version: str
    may_publish: MayPublish


def claim(project_id: int, *, user_id: int | None, size: int, limit: int) -> Claim:
    """Count ``size`` bytes in, and hold the project to the end of the transaction; raises ``Refused``.

    Without a ``user_id`` no role is asked for: a trusted publisher's token has named the project.

    Codes: ``project_not_yours``, ``project_too_large`` (more than ``limit`` bytes in all files).
    """
    values = {"size": size, "project": project_id, "limit": limit, "user": user_id}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_BY_TOKEN if user_id is None else _CLAIM_BY_ROLE, values)
        row = cursor.fetchone()
    if row is not None:
        normalized, latest_version, level, operators = row
        return Claim(project_id, normalized, latest_version, policy.in_project(level, operators))
    if user_id is not None and not has_role(project_id, user_id):
        raise not_yours()
    raise Refused(
        "project_too_large",
        f"The files of a project may take {limit} bytes together. Delete old releases, or ask the operators of this "
        "site for more.",
    )


def show_as_latest(claim: Claim, version: str, *, summary: str) -> None:
    """Let visitors see this release first, with its summary."""
    now = connection.ops.adapt_datetimefield_value(clock.now())
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [version, summary, now, claim.project_id])
