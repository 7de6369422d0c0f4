"""Reports of leaked tokens by secret scanners, in the format of GitHub's secret scanning: signed, acted upon once (TK-16).

The answer is the same whether a reported token is one of ours or not, so that a report asks nothing.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.db import transaction

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.kernel import clock, strict_json
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.prepared.insert import insert
from strongroom.publish import report_keys
from strongroom.publish.report_keys import Fetch
from strongroom.throttle.limits import Limit, address_block, forget, spend
from strongroom.tokens import revoke, verify
from strongroom.tokens.models import LeakReport
from strongroom.tokens.notices import TokenWasLeaked

MAX_ENTRIES: Final = 500
"""Of one report."""

_UNSIGNED = Limit("leak-reports", count=60, seconds=3600)
_KEPT = timedelta(days=365)  # a token that was reported is gone: a later replay finds nothing to revoke
_MAX_TEXT = 8192  # characters of a token
_MAX_WHERE = 500
_MAX_SOURCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the headers say: which key signed the body, and the ECDSA signature in base64 (ASN.1 DER, SHA-256)."""

    key_id: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One entry of a report: a text that looks like a token, and where it was found; all of it is somebody's word."""

    token: str
    source: str
    url: str


def report(body: bytes, signature: Signature, *, fetch: Fetch, origin: Origin) -> None:
    """Revoke the tokens that a signed report names, and tell their owners; outside of any transaction. Raises ``Refused``.

    ``fetch`` gets the JSON object at an address. Codes: ``reports_off``, ``too_many_attempts``, ``report_unsigned``, those
    of ``report_keys.key_for``, ``report_malformed``, ``report_replayed``.
    """
    address = settings.CONFIG.secret_scanning.keys_url
    if not address:
        raise Refused("reports_off", "This site takes no reports of leaked tokens.")
    if not signature.key_id or not signature.value:
        raise _unsigned()
    block = address_block(origin.address)
    spend(block, _UNSIGNED)
    _require_signed(body, signature, key=report_keys.key_for(address, signature.key_id, fetch=fetch))
    forget(block, _UNSIGNED)
    leaks = _read(body)
    by = Actor(
        kind=ActorKind.SYSTEM,
        origin=origin,
        username="secret scanning",
        authenticated="signature",
        credential=signature.key_id[:8],
    )
    with transaction.atomic():
        _use_up(body)
        for leak in leaks:
            _revoke(leak, by=by)


def sweep() -> int:
    """Forget reports of more than a year ago; returns how many."""
    return LeakReport.objects.filter(received__lt=clock.now() - _KEPT).delete()[0]


def _require_signed(body: bytes, signature: Signature, *, key: str) -> None:
    try:
        public = load_pem_public_key(key.encode())
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
            raise _unsigned()
        public.verify(base64.b64decode(signature.value, validate=True), body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, binascii.Error, ValueError):
        raise _unsigned() from None


def _read(body: bytes) -> list[Leak]:
    """The entries that can be read; an odd one keeps no other token alive."""
    try:
        entries = strict_json.parse(body.decode("utf-8"), max_containers=2 * MAX_ENTRIES)
    except ValueError:
        entries = None
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise Refused("report_malformed", f"A report is a JSON list of at most {MAX_ENTRIES} entries.")
    return [leak for entry in entries if (leak := _leak(entry)) is not None]


def _leak(entry: object) -> Leak | None:
    token = entry.get("token") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(token, str) or len(token) > _MAX_TEXT:
        return None
    return Leak(
        token=token,
        source=_shown(entry.get("source"), longest=_MAX_SOURCE) or "secret scanning",
        url=_web_address(_shown(entry.get("url"), longest=_MAX_WHERE)),
    )


def _use_up(body: bytes) -> None:
    """One insert decides, and is undone only together with what the report did."""
    digest = hashlib.sha256(body).hexdigest()
    if insert(LeakReport, unless_taken=True, digest=digest, received=clock.now()) is None:
        raise Refused("report_replayed", "This report has been acted upon.")


def _revoke(leak: Leak, *, by: Actor) -> None:
    try:
        row = verify.row_of(leak.token)
    except Refused:
        return  # none of ours, or gone already
    token = revoke.revoke_found(row, by=by, why="leaked")
    if token is not None and token.user_id is not None:
        notice = TokenWasLeaked(name=token.name, when=clock.now(), source=leak.source, url=leak.url)
        queue.send(notice, to=emails.recipient(User.objects.get(pk=token.user_id)))


def _shown(value: object, *, longest: int) -> str:
    """A text for a mail, nothing for what is none."""
    return value if isinstance(value, str) and len(value) <= longest and value.isprintable() else ""


def _web_address(text: str) -> str:
    return text if text.startswith(("https://", "http://")) and " " not in text else ""


def _unsigned() -> Refused:
    return Refused("report_unsigned", "The report is not signed by its key.")
