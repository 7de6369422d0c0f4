"""Looking tokens up, always by their owner."""

from dataclasses import dataclass
from datetime import datetime

from strongroom.tokens.models import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedToken:
    """One token for its owner's eyes. ``project`` is a project's name, or ``""`` for the whole account."""

    id: int
    identifier: str
    name: str
    project: str
    created: datetime
    last_used: datetime | None


def of(user_id: int) -> list[ListedToken]:
    """The tokens of an account, newest first."""
    rows = Token.objects.select_related("project").filter(user_id=user_id).order_by("-created", "-pk")
    return [
        ListedToken(
            id=row.pk,
            identifier=str(row.identifier),
            name=row.name,
            project=row.project.name if row.project else "",
            created=row.created,
            last_used=row.last_used,
        )
        for row in rows
    ]
