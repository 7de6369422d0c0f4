"""Looking tokens up, always by their owner."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from strongroom.kernel import clock
from strongroom.tokens.caveats import Caveat, RequestUser, understood
from strongroom.tokens.models import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedToken:
    """One token for its owner's eyes. ``projects`` are the names of those it names and that there are still.

    ``caveats`` are what it is held to, but for its owner; ``last_address`` and ``last_client`` say who used it last.
    """

    id: int
    identifier: str
    name: str
    projects: tuple[str, ...]
    caveats: tuple[Caveat, ...]
    created: datetime
    expires: datetime | None
    last_used: datetime | None
    last_address: str
    last_client: str

    @property
    def has_expired(self) -> bool:
        """Whether it is of no use any more."""
        return self.expires is not None and self.expires <= clock.now()


def of(user_id: int) -> list[ListedToken]:
    """The tokens of an account, newest first."""
    return _listed(Token.objects.filter(user_id=user_id))


def of_project(user_id: int, project_id: int) -> list[ListedToken]:
    """The tokens of an account that name a project, newest first."""
    return _listed(Token.objects.filter(user_id=user_id, projects=project_id))


def _listed(rows: QuerySet[Token]) -> list[ListedToken]:
    return [
        ListedToken(
            id=row.pk,
            identifier=str(row.identifier),
            name=row.name,
            projects=tuple(sorted(project.name for project in row.projects.all())),
            caveats=tuple(
                caveat for caveat in map(understood, row.restrictions) if not isinstance(caveat, RequestUser)
            ),
            created=row.created,
            expires=row.expires,
            last_used=row.last_used,
            last_address=row.last_address,
            last_client=row.last_client,
        )
        for row in rows.prefetch_related("projects").order_by("-created", "-pk")
    ]
