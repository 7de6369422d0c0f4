"""Who may read the audit trail with an API token, and how much of it.

Its owner's, that of projects that the owner owns, or as an operator everything. The token must have been made to read the
trail; what else is asked of it and of its owner is what a private site asks of readers (``reading``).
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, transaction

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.audit.search import EVERYTHING, Scope
from strongroom.kernel.actor import Actor, Origin
from strongroom.kernel.refused import Refused
from strongroom.projects import access
from strongroom.publish.events import TrailRead
from strongroom.publish.identity import TOKEN_USERNAME, token_in
from strongroom.publish.reading import TokenReader, reader_of
from strongroom.throttle.limits import Limit, spend
from strongroom.tokens import verify as tokens
from strongroom.tokens.caveats import AUDIT, Digests, ExactVersion

ACCOUNT, PROJECT, ALL = "account", "project", "all"
SCOPES: Final = (ACCOUNT, PROJECT, ALL)
"""Whose trail can be asked for."""

# A program that follows the trail asks all day long.
_RECORDED: Final = Limit("audit-read", count=1, seconds=3600)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Auditor:
    """Whoever holds a token that reads the trail, with its author for what is recorded."""

    reader: TokenReader
    actor: Actor

    def scope(self, kind: str, *, project: str = "") -> Scope:
        """The trail of ``SCOPES`` that is asked for, for a project by its name in any spelling; raises ``Refused``.

        Codes: ``audit_scope_unknown``, ``audit_project_missing``, ``token_scope``, ``project_not_yours``,
        ``project_not_owned``, ``not_operator``.
        """
        match kind:
            case "account":
                self._require_unrestricted()
                return Scope(user_id=self.reader.owner.id)
            case "project":
                return self._of_project(project)
            case "all":
                self.require_operator()
                return EVERYTHING
        raise Refused("audit_scope_unknown", f"The scope is one of: {', '.join(SCOPES)}.", field="scope")

    def require_operator(self) -> None:
        """Raises ``Refused`` (``token_scope``, ``not_operator``) unless the whole site's trail may be read.

        What is read, and what is refused, is recorded, so that operators know who knows what.
        """
        self._require_unrestricted()
        if not User.objects.filter(pk=self.reader.owner.id, is_operator=True).exists():
            self._record(refused="not_operator")
            raise Refused("not_operator", "Only operators of this site read the trail of all of it.")
        self._record()

    def _of_project(self, name: str) -> Scope:
        """Names that are nobody's and those of others are refused alike (``project_not_yours``)."""
        if not name:
            raise Refused(
                "audit_project_missing", "Say which project: ?scope=project&project=NAME.", field="project"
            )
        self._require_no_part()
        found = access.owned_by(self.reader.owner.id, name)
        self.reader.token.require_project(found.normalized, public_id=found.public_id)
        return Scope(project=found.normalized)

    def _require_unrestricted(self) -> None:
        self._require_no_part()
        if not self.reader.reads_everything:
            raise Refused(
                "token_scope",
                "This API token is for some projects alone. Ask for the trail of one: ?scope=project&project=NAME.",
            )

    def _require_no_part(self) -> None:
        if any(isinstance(caveat, ExactVersion | Digests) for caveat in self.reader.token.caveats):
            raise Refused(
                "token_scope",
                "This API token is for one version or for single files, and the trail is of more.",
            )

    def _record(self, *, refused: str = "") -> None:
        """Reads go on where nothing can be written (design, D15)."""
        token = self.reader.token
        try:
            with suppress(Refused):
                spend(f"{token.id} {refused}", _RECORDED)
                with transaction.atomic():
                    event = TrailRead(subject_id=self.actor.user_id, token=token.short_id)
                    trail.record(event, by=self.actor, refused=refused)
        except DatabaseError:
            _log.warning("reading the trail was not recorded", exc_info=True, extra={"token": token.short_id})


def auditor(authorization: str, *, origin: Origin) -> Auditor:
    """Who may read the trail with the value of an Authorization header; raises ``Refused``.

    Codes: ``credentials_missing``, ``credentials_malformed``, ``token_missing``, ``token_*`` (see ``tokens.verify``),
    ``token_action``, ``account_disabled``, ``account_frozen``, ``email_unverified``, ``two_factor_required``.
    """
    token = tokens.verify(_text_of(authorization), origin=origin)
    tokens.require_made_to(token, AUDIT)
    reader = reader_of(token, origin=origin)
    return Auditor(reader, reader.actor(origin))


def _text_of(authorization: str) -> str:
    if not authorization.strip():
        raise Refused(
            "credentials_missing",
            f"Send an API token that was made to read the audit trail, as bearer or with the username '{TOKEN_USERNAME}'.",
        )
    return token_in(authorization)
