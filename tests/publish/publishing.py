"""The upload as its callers play it, on real rows and blobs, without HTTP."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.blobs.local import LocalBlobs
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.notices.models import QueuedMail
from strongroom.projects.models import File, Journal, Project, Release, Role, TakenFilename
from strongroom.publish import form
from strongroom.publish.form import Form
from strongroom.publish.identity import Identity
from strongroom.publish.permission import permit
from strongroom.publish.upload import Published, upload
from strongroom.tokens.verify import verify
from tests.support.people import BROWSER

TWINE = Origin(address="203.0.113.7", client="twine/7.0.0", request_id="test")


def by_password(user: User) -> Identity:
    """``user`` as a publisher who has sent a password."""
    actor = Actor(
        kind=ActorKind.USER, origin=TWINE, user_id=user.pk, username=user.username, authenticated="password"
    )
    return Identity(user_id=user.pk, actor=actor, epoch=user.auth_epoch)


def by_token(text: str) -> Identity:
    """Whoever holds the token, which is somebody's."""
    verified = verify(text, origin=TWINE)
    owner = verified.owner
    assert owner is not None
    actor = Actor(
        kind=ActorKind.TOKEN,
        origin=TWINE,
        user_id=owner.id,
        username=owner.username,
        authenticated="token",
        credential=verified.short_id,
    )
    return Identity(user_id=owner.id, actor=actor, token=verified)


def fields_of(path: Path, **changes: str | list[str] | None) -> dict[str, list[str]]:
    """The fields that tools send with a file; ``None`` leaves one out."""
    is_wheel = path.suffix == ".whl"
    name, version = path.name.removesuffix(".tar.gz").split("-")[:2]
    fields: dict[str, Any] = {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": name,
        "version": version,
        "filetype": "bdist_wheel" if is_wheel else "sdist",
        "pyversion": "py3" if is_wheel else "source",
        "sha256_digest": hashlib.sha256(path.read_bytes()).hexdigest(),
        **changes,
    }
    return {
        key: value if isinstance(value, list) else [value]
        for key, value in fields.items()
        if value is not None
    }


def form_of(path: Path, **changes: str | list[str] | None) -> Form:
    """The form of a file, with some fields changed."""
    return form.parse(fields_of(path, **changes), filename=path.name)


@dataclass(frozen=True)
class Press:
    """Publishes files into a store of its own."""

    folder: Path
    blobs: LocalBlobs = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blobs", LocalBlobs(self.folder / "blobs"))

    def publish(self, path: Path, *, by: Identity, given: Form | None = None) -> Published:
        """Publish one file, discarding the draft as the endpoint does."""
        filled = given or form_of(path)
        place = permit(filled.name, filename=filled.filename, by=by)
        with self.blobs.draft() as draft:
            draft.write(path.read_bytes())
            return upload(filled, draft, place=place, blobs=self.blobs, by=by)

    def drafts(self) -> list[str]:
        """What lies about half-received."""
        return [path.name for path in (self.folder / "blobs" / "tmp").iterdir()]


def left_behind() -> Mapping[str, int]:
    """How many rows there are of all that an upload writes, but for the audit trail."""
    tables = (Project, Role, Release, File, TakenFilename, Journal, QueuedMail)
    return {table.__name__: table.objects.count() for table in tables}


def refusals(tag: str = "file.uploaded") -> list[str]:
    """The reason codes of the uploads that were refused, oldest first."""
    return list(
        Entry.objects.filter(tag=tag, outcome="refused").order_by("serial").values_list("reason", flat=True)
    )


def elsewhere(identity: Identity, address: str) -> Identity:
    """The same publisher from another IP address."""
    return replace(identity, actor=replace(identity.actor, origin=replace(BROWSER, address=address)))
