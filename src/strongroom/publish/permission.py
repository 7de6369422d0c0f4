"""Whether a publisher may publish under a name. It is asked as soon as the name is known, before the file comes (UP-02)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from packaging.utils import is_normalized_name

from strongroom.audit import trail
from strongroom.kernel.names import MAX_PROJECT_NAME, NormalizedName, normalize
from strongroom.kernel.refused import Refused
from strongroom.projects import access, find, policy
from strongroom.projects.events import FileUploaded
from strongroom.projects.models import MAX_FILENAME
from strongroom.publish import ladder
from strongroom.publish.identity import Identity
from strongroom.tokens.caveats import UPLOAD


def permit(name: str, *, filename: str, by: Identity) -> access.Place:
    """Where ``by`` may publish files of the project ``name``, in any spelling; the upload asks again at its commit.

    Raises ``Refused``, and records that it did: ``token_action``, ``token_scope``, ``tokens_refused``,
    ``passwords_refused``, and the codes of ``projects.access``.
    """
    normalized = normalize(name)
    about = FileUploaded(
        subject_id=by.user_id,
        project=normalized[:MAX_PROJECT_NAME] if is_normalized_name(normalized) else "",
        version="",
        filename=filename[:MAX_FILENAME],
        sha256="",
        size=0,
    )
    with trail.refusals_of(about, by=by.actor):
        place = _place(name, by)
        level = place.project.may_publish if place.project else policy.for_all()
        ladder.require(by, project=place.normalized, level=level)
        return place


def _place(name: str, by: Identity) -> access.Place:
    """By a role in the project; or, for a trusted publisher, by the token that names it."""
    if by.token is not None:
        by.token.require_action(UPLOAD)
    with within_scope(name, by):
        place = access.place_of(name) if by.user_id is None else access.place_for(by.user_id, name)
    if by.token is not None:
        public_id = place.project.public_id if place.project else None
        by.token.require_project(place.normalized, public_id=public_id)
    return place


@contextmanager
def within_scope(name: str, by: Identity) -> Iterator[None]:
    """On a private site, refuse the look for a project as ``token_scope`` where the token is not for it, whatever else is wrong.

    Whoever holds a token for some projects alone learns nothing of others, not even whether they exist (IX-01). On other
    sites that is no secret, and what else is wrong is of more help.
    """
    try:
        yield
    except Refused:
        if by.token is not None and settings.CONFIG.site.access == "private":
            normalized = NormalizedName(normalize(name)[:MAX_PROJECT_NAME])
            known = find.public_ids((), (normalized,))
            by.token.require_project(normalized, public_id=known.get(normalized))
        raise
