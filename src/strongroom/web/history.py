"""The newest events about a person, in plain sentences."""

from strongroom.accounts.models import User
from strongroom.audit import search
from strongroom.audit.search import Scope
from strongroom.web.audit.lines import Line, lines_of


def about(user: User, *, limit: int) -> list[Line]:
    """The newest events by ``user`` or about the account, newest first."""
    scope = Scope(user_id=user.pk)
    return lines_of(search.newest(scope, limit=limit), scope)
