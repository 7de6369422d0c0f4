"""The upload: bytes that have come, a form and a permit in; a published file out.

The order is the promise: blob first, rows second, answer last. A refusal leaves no row, no blob that anything refers to and
no mail, only its audit event; and whatever was acknowledged is durable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from strongroom.artifacts.facts import Facts
from strongroom.artifacts.inspect import inspect
from strongroom.audit import trail
from strongroom.blobs.draft import Draft
from strongroom.blobs.store import Blobs
from strongroom.kernel.crashpoint import crashpoint
from strongroom.projects import description, files, releases
from strongroom.projects.access import Place
from strongroom.projects.events import FileUploaded
from strongroom.projects.models import WHEEL
from strongroom.publish import agreement, attesting, rows
from strongroom.publish.form import Form
from strongroom.publish.identity import Identity
from strongroom.publish.writers import one_writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A file that everybody can install now, since the journal's ``serial``; ``None``: it was there before, to the byte."""

    filename: str
    serial: int | None


def upload(form: Form, draft: Draft, *, place: Place, blobs: Blobs, by: Identity) -> Published:
    """Publish the bytes of ``draft`` in a place that ``permission.permit`` gave; raises ``Refused``.

    The caller discards the draft then.

    Codes: ``digest_mismatch``, ``metadata_mismatch``, those of ``artifacts``, ``file_exists``, ``filename_taken``,
    ``release_closed``, ``project_too_large``, ``too_many_attempts``, ``token_version``, ``token_file``, ``attestation_*``, and those of permission
    and identity, which are decided anew at the commit.
    """
    with trail.refusals_of(_event(form, draft, place=place, by=by), by=by.actor):
        agreement.require_same_bytes(form, draft)
        facts = inspect(draft.path, filename=form.filename)
        agreement.require_agreement(form, facts)
        _require_token(by, draft, facts)
        if files.is_there(facts.filename, draft.sha256):
            return Published(filename=facts.filename, serial=None)
        opened = _require_open(place, facts.version)
        html = _describe(facts) if opened is None else ""
        document = attesting.provenance(form, draft, by=by)
        crashpoint("upload.before_blob")
        new = _keep(draft, facts, blobs, publisher=by.publisher, provenance=document)
        crashpoint("upload.before_rows")
        with one_writer(), transaction.atomic():
            serial = rows.add(new, description_html=html, place=place, by=by)
            crashpoint("upload.before_commit")
        crashpoint("upload.after_commit")
        return Published(filename=facts.filename, serial=serial)


def _event(form: Form, draft: Draft, *, place: Place, by: Identity) -> FileUploaded:
    return FileUploaded(
        subject_id=by.user_id,
        project=place.normalized,
        version=form.version[:100],
        filename=form.filename,
        sha256=draft.sha256,
        size=draft.size,
    )


def _require_token(by: Identity, draft: Draft, facts: Facts) -> None:
    """Whether the token is good for exactly this file; raises ``Refused`` (``token_version``, ``token_file``)."""
    if by.token is not None:
        by.token.require_version(facts.version)
        by.token.require_file(draft.sha256)


def _require_open(place: Place, version: str) -> datetime | None:
    """When the release was opened, ``None`` for a new one; raises ``Refused`` where it is closed again."""
    if place.project is None:
        return None
    opened = releases.created_at(place.project.id, version)
    releases.require_open(opened, days=settings.CONFIG.uploads.release_open_days)
    return opened


def _describe(facts: Facts) -> str:
    """Rendered here, where no transaction waits for it."""
    return description.render(facts.metadata.description, facts.metadata.description_content_type)


def _keep(
    draft: Draft, facts: Facts, blobs: Blobs, *, publisher: Mapping[str, Any] | None, provenance: str
) -> files.NewFile:
    """Make the bytes durable under their digest; for a wheel its METADATA too, which is served beside it (PEP 658)."""
    metadata_sha256 = blobs.put(facts.metadata_file) if facts.kind == WHEEL else ""
    blobs.keep(draft)
    return files.NewFile(
        facts=facts,
        digests=draft,
        metadata_sha256=metadata_sha256,
        publisher=publisher,
        provenance=provenance,
    )
