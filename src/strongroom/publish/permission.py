"""Whether a publisher may publish under a name. It is asked as soon as the name is known, before the file comes (UP-02)."""

from packaging.utils import is_normalized_name

from strongroom.audit import trail
from strongroom.kernel.names import MAX_PROJECT_NAME, normalize
from strongroom.projects import access
from strongroom.projects.events import FileUploaded
from strongroom.projects.models import MAX_FILENAME
from strongroom.publish.identity import Identity


def permit(name: str, *, filename: str, by: Identity) -> access.Place:
    """Where ``by`` may publish files of the project ``name``, in any spelling; the upload asks again at its commit.

    Raises ``Refused``, and records that it did: ``token_scope``, and the codes of ``projects.access.place_for``.
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
        place = access.place_for(by.user_id, name)
        if by.token is not None:
            public_id = place.project.public_id if place.project else None
            by.token.require_project(place.normalized, public_id=public_id)
        return place
