"""The one transaction of an upload: everything that is known of a file, or nothing."""

from django.conf import settings

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.notices import queue
from strongroom.projects import create, files, journal, releases
from strongroom.projects.access import Place, not_yours
from strongroom.projects.claim import claim
from strongroom.projects.events import FileUploaded
from strongroom.projects.files import NewFile
from strongroom.projects.notices import ProjectWasCreated
from strongroom.publish import ladder
from strongroom.publish.identity import Identity, require_standing


def add(new: NewFile, *, description_html: str, place: Place, by: Identity) -> int | None:
    """Add the rows of a file whose blob is durable, in the caller's transaction.

    Returns the serial of its journal row, ``None`` where the file is there already.

    The filename is taken first and the project held next: both are single statements whose row count decides, so that
    parallel uploads of one file, one release or one project come out as if they had come one after the other
    (UP-33 to UP-36). Raises ``Refused``.
    """
    facts = new.facts
    if not files.take_name(facts.filename, project=facts.name, sha256=new.digests.sha256):
        files.is_there(facts.filename, new.digests.sha256)
        return None
    require_standing(by)
    held = claim(
        place.project.id if place.project else _found_project(new, by),
        user_id=by.user_id,
        size=new.digests.size,
        limit=settings.CONFIG.uploads.max_project_size,
    )
    ladder.require(by, project=held.normalized, level=held.may_publish)
    release_id = releases.find_or_add(
        held, facts.version, facts.metadata, description_html=description_html, by=by.actor
    )
    files.add(release_id, new, by=by.actor)
    trail.record(_event(new, by), by=by.actor)
    return journal.append(facts.name, "add file", version=facts.version, filename=facts.filename, by=by.actor)


def _found_project(new: NewFile, by: Identity) -> int:
    """Make the project, unless somebody was quicker: then the claim decides whether there is a role in it."""
    if by.user_id is None:  # its project was there when its token was minted
        raise not_yours()
    actor, name = by.actor, new.facts.metadata.name
    project_id, made = create.create(new.facts.name, name=name, owner_id=by.user_id, by=actor)
    if made:
        create.spend_on_new(by.user_id, by=actor)
        notice = ProjectWasCreated(
            name=name,
            normalized=new.facts.name,
            filename=new.facts.filename,
            when=clock.now(),
            address=actor.origin.address,
        )
        queue.send(notice, to=emails.recipient(User.objects.get(pk=by.user_id)))
    return project_id


def _event(new: NewFile, by: Identity) -> FileUploaded:
    return FileUploaded(
        subject_id=by.user_id,
        project=new.facts.name,
        version=new.facts.version,
        filename=new.facts.filename,
        sha256=new.digests.sha256,
        size=new.digests.size,
    )
