"""Security keys and passkeys: which account has which, and whether an answer of one is good.

``webauthn`` verifies bytes; here are the steps of W3C WebAuthn §7.1 and §7.2 that need to know what is stored.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.factors import challenges
from strongroom.factors.challenges import Ceremony
from strongroom.factors.events import KeyAdded, KeyCopied, KeyRemoved, KeyRenamed
from strongroom.factors.models import SecurityKey
from strongroom.factors.names import check_name
from strongroom.factors.webauthn import options
from strongroom.factors.webauthn.options import Known
from strongroom.factors.webauthn.relying_party import RelyingParty
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Feature
from strongroom.prepared.fetch import Fetch
from strongroom.prepared.update import update

if TYPE_CHECKING:
    from strongroom.factors.webauthn.assertion import AssertionResponse, VerifiedAssertion
    from strongroom.factors.webauthn.registration import NewCredential

MAX_KEYS = 20


class Copied(Refused):
    """A good signature with a sign count that is not higher than the last: two devices have this key (§7.2 step 22)."""

    def __init__(self, key: SecurityKey) -> None:
        super().__init__(
            "webauthn_key_copied",
            _("This key answered as a copy of it would. It was not accepted; use another way to log in."),
        )
        self.key = key


@dataclass(frozen=True, slots=True)
class Question:
    """Who is asked, and for what: ``holder`` is the browser that must answer; for no ``user_id`` any passkey may."""

    ceremony: Ceremony
    holder: str
    user_id: int | None = None


def of(user_id: int) -> list[SecurityKey]:
    """The security keys of a user, oldest first."""
    return _OF.all(user_id=user_id)


def begin_registration(user_id: int, *, handle: UUID, username: str, holder: str) -> dict[str, Any]:
    """Options to make a credential (§7.1 steps 1-2), as a browser's ``parseCreationOptionsFromJSON`` takes them.

    Raises ``Refused``: ``webauthn_off``, ``factor_too_many``.
    """
    _require_feature()
    known = of(user_id)
    if len(known) >= MAX_KEYS:
        raise _too_many()
    return options.for_registration(
        _relying_party(),
        challenge=challenges.make(Ceremony.REGISTER, holder=holder),
        user_handle=handle.bytes,
        username=username,
        exclude=_descriptors(known),
    )


def check_registration(text: str, *, holder: str) -> "NewCredential":
    """The credential in a browser's answer; its challenge is used up, good or not (§7.1 steps 3-25).

    Raises ``Refused``: ``webauthn_off``, ``webauthn_challenge_*``, and what ``webauthn.registration`` raises.
    """
    from strongroom.factors.webauthn import registration

    _require_feature()
    with _unreadable_is_a_try(Ceremony.REGISTER, holder):
        response = registration.read(text)
    challenges.use(Ceremony.REGISTER, response.challenge, holder=holder)
    return registration.verify(
        response, challenge=response.challenge, rp=_relying_party(), user_verification_required=False
    )


def add(user_id: int, credential: "NewCredential", *, name: str, by: Actor) -> SecurityKey:
    """Store a credential that was checked (§7.1 steps 26-29), in the caller's transaction; raises ``Refused``.

    Codes: ``factor_name_invalid``, ``factor_name_taken``, ``factor_too_many``, ``webauthn_key_registered``.
    """
    if SecurityKey.objects.filter(user_id=user_id).count() >= MAX_KEYS:
        raise _too_many()
    key = _insert(user_id, credential, check_name(name))
    trail.record(KeyAdded(subject_id=user_id, name=key.name), by=by)
    return key


def begin_assertion(question: Question) -> dict[str, Any]:
    """Options to answer ``question`` with a key (§7.2 step 1), for ``parseRequestOptionsFromJSON``.

    A passkey alone has to verify its user, and so have keys that have done so before; others are asked to, where they
    can. Raises ``Refused`` (``webauthn_off``).
    """
    _require_feature()
    listed = of(question.user_id) if question.user_id is not None else []
    return options.for_assertion(
        _relying_party(),
        challenge=challenges.make(question.ceremony, holder=question.holder),
        allow=_descriptors(listed),
        user_verification="required" if all(key.verified_user for key in listed) else "preferred",
    )


def verify(text: str, question: Question) -> SecurityKey:
    """The key whose public half verified the answer to ``question``; its sign count moves on (§7.2 steps 3-25).

    Whatever comes after, the challenge is used up and the count stays: the key did sign. Raises ``Refused``:
    ``webauthn_off``, ``webauthn_challenge_*``, ``webauthn_key_unknown``, ``webauthn_user_handle_missing``,
    ``webauthn_user_handle_wrong``, what ``webauthn.assertion`` raises, and ``Copied``.
    """
    from strongroom.factors.webauthn import assertion

    _require_feature()
    with _unreadable_is_a_try(question.ceremony, question.holder):
        response = assertion.read(text)
    challenges.use(question.ceremony, response.challenge, holder=question.holder)
    key = _require_key(response, question)
    verified = assertion.verify(
        response,
        challenge=response.challenge,
        rp=_relying_party(),
        credential=assertion.StoredCredential(
            bytes(key.credential_id), bytes(key.public_key), key.backup_eligible
        ),
        user_verification_required=question.user_id is None or key.verified_user,
    )
    _count_on(key, verified)
    return key


def flag(key: SecurityKey, *, by: Actor) -> None:
    """Mark a key that answered as a copy does, in the caller's transaction; the stored count stays."""
    SecurityKey.objects.filter(pk=key.pk).update(flagged=clock.now())
    trail.record(KeyCopied(subject_id=key.user_id, name=key.name), by=by)


def rename(user_id: int, key_id: int, *, name: str, by: Actor) -> str:
    """Give a key of this owner another name, in the caller's transaction; returns the name as it is stored.

    Raises ``Refused``: ``factor_unknown``, ``factor_name_invalid``, ``factor_name_taken``.
    """
    key, checked = _own(user_id, key_id), check_name(name)
    try:
        with transaction.atomic():
            SecurityKey.objects.filter(pk=key.pk).update(name=checked)
    except IntegrityError:
        raise _name_taken() from None
    trail.record(KeyRenamed(subject_id=user_id, name=checked, before=key.name), by=by)
    return checked


def remove(user_id: int, key_id: int, *, by: Actor) -> SecurityKey:
    """Remove a key by its owner and id, in the caller's transaction; raises ``Refused`` (``factor_unknown``)."""
    key = _own(user_id, key_id)
    if not SecurityKey.objects.filter(pk=key.pk).delete()[0]:
        raise _unknown()
    trail.record(KeyRemoved(subject_id=user_id, name=key.name), by=by)
    return key


def warm_up() -> None:
    """Load what verifies keys: a quarter of a second that a server need not wait for, nor its first visitor."""
    from strongroom.factors.webauthn import assertion, registration  # noqa: F401


def are_offered() -> bool:
    """Whether this instance takes and asks for security keys at all (``features.webauthn``)."""
    return settings.CONFIG.features.webauthn is not Feature.OFF


def _require_feature() -> None:
    if not are_offered():
        raise Refused("webauthn_off", _("Security keys are switched off on this site."))


@contextmanager
def _unreadable_is_a_try(ceremony: Ceremony, holder: str) -> Iterator[None]:
    """An answer that cannot be read uses the question up like any other that fails (WR-32)."""
    try:
        yield
    except Refused:
        challenges.drop(ceremony, holder=holder)
        raise


def _relying_party() -> RelyingParty:
    """From the configuration alone, whatever host a request names (design, D8; WR-36)."""
    config = settings.CONFIG
    return RelyingParty(id=config.hostname, name=config.site.name, origins=(config.origin,))


def _descriptors(rows: Iterable[SecurityKey]) -> list[Known]:
    return [Known(bytes(key.credential_id), tuple(key.transports)) for key in rows]


def _require_key(response: "AssertionResponse", question: Question) -> SecurityKey:
    """§7.2 steps 5 and 6: whose key it says to be. The signature decides later whether it is (WA-26)."""
    if question.user_id is None and response.user_handle is None:
        raise Refused(
            "webauthn_user_handle_missing", _("This key cannot log you in by itself. Use your password.")
        )
    key = _find(response.credential_id, question.user_id)
    if key is None:
        raise Refused("webauthn_key_unknown", _("This key is not registered for this account."))
    if response.user_handle is not None and response.user_handle != key.user.public_id.bytes:
        raise Refused("webauthn_user_handle_wrong", _("This key belongs to another account."))
    return key


def _find(credential_id: bytes, user_id: int | None) -> SecurityKey | None:
    """A key by its id: one of this user's, or anybody's."""
    if user_id is not None:
        return next((key for key in of(user_id) if bytes(key.credential_id) == credential_id), None)
    return SecurityKey.objects.select_related("user").filter(credential_id=credential_id).first()


def _of(user_id: int) -> QuerySet[SecurityKey]:
    return SecurityKey.objects.filter(user_id=user_id).order_by("pk")


_OF = Fetch(SecurityKey, _of, user_id=int)


def _count_on(key: SecurityKey, verified: "VerifiedAssertion") -> None:
    """§7.2 steps 22 and 24 as one conditional update (design, D1): no count ever decreases (WA-32).

    Keys that do not count always say 0. Raises ``Copied``, or ``Refused`` where the key was removed meanwhile.
    """
    count = verified.sign_count
    lower = {"sign_count__lt": count} if count else {"sign_count": 0}
    changes = {
        "sign_count": count,
        "backed_up": verified.backed_up,
        "verified_user": key.verified_user or verified.user_verified,
        "last_used": clock.now(),
    }
    if update(SecurityKey, changes, id=key.pk, **lower):
        return
    if not SecurityKey.objects.filter(pk=key.pk).exists():
        raise Refused("webauthn_key_unknown", _("This key is not registered for this account."))
    raise Copied(key)


def _insert(user_id: int, credential: "NewCredential", name: str) -> SecurityKey:
    """A credential id is somebody's, once, in the whole instance (§7.1 step 26): a constraint decides (WR-31)."""
    try:
        with transaction.atomic():
            return SecurityKey.objects.create(
                user_id=user_id,
                name=name,
                credential_id=credential.credential_id,
                public_key=credential.public_key,
                algorithm=credential.algorithm,
                sign_count=credential.sign_count,
                aaguid=credential.aaguid,
                transports=list(credential.transports),
                attachment=credential.attachment,
                backup_eligible=credential.backup_eligible,
                backed_up=credential.backed_up,
                verified_user=credential.user_verified,
                created=clock.now(),
            )
    except IntegrityError:
        if SecurityKey.objects.filter(credential_id=credential.credential_id).exists():
            raise Refused("webauthn_key_registered", _("This key is registered already.")) from None
        raise _name_taken() from None


def _own(user_id: int, key_id: int) -> SecurityKey:
    key = SecurityKey.objects.filter(user_id=user_id, pk=key_id).first()
    if key is None:
        raise _unknown()
    return key


def _unknown() -> Refused:
    return Refused("factor_unknown", _("Your account has no such security key."))


def _name_taken() -> Refused:
    return Refused(
        "factor_name_taken", _("You have a security key of this name. Choose another name."), field="name"
    )


def _too_many() -> Refused:
    return Refused("factor_too_many", _("Remove a security key before you add another."))
