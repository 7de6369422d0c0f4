"""Attestations that come with an upload (PEP 740): verified against the publisher that sends them, or nothing is published."""

from django.conf import settings

from strongroom.attestations.verify import verify
from strongroom.blobs.draft import Draft
from strongroom.publish.form import Form
from strongroom.publish.identity import Identity


def provenance(form: Form, draft: Draft, *, by: Identity) -> str:
    """The provenance document to publish with the file, ``""`` where no attestations came; raises ``Refused``.

    Codes: those of ``attestations.verify`` (TP-32).
    """
    if not form.attestations:
        return ""
    verified = verify(
        form.attestations,
        filename=form.filename,
        path=draft.path,
        publisher=by.publisher,
        trust_root=settings.CONFIG.trust_root,
    )
    return verified.document
