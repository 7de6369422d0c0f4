"""The choke point for publishers: credentials in, an author out (design, D4).

A session cookie is no credential here, nor is a token anywhere but in the Authorization header (TK-12). There is no
second factor: tokens are made under one, and a password alone publishes only while owner and operators allow it.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strongroom.accounts import emails, find, passwords, standing
from strongroom.accounts.attempts import AT_UPLOAD, password_was_right, spend_password
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.may_publish import MayPublish, strictest
from strongroom.kernel.refused import Refused
from strongroom.projects import policy
from strongroom.publish import enrollment, token_use
from strongroom.publish.events import PublisherRefused
from strongroom.tokens import verify as tokens
from strongroom.tokens.verify import Owner, VerifiedToken

TOKEN_USERNAME = "__token__"  # noqa: S105  (a name, not a secret)
TOKEN = "token"  # noqa: S105
PASSWORD = "password"  # noqa: S105
TRUSTED = "trusted-publisher"
MAX_ACTOR = 100
"""Characters of a name that the rows of files and of the journal hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who publishes, and how they proved that: a person in good standing, or a trusted publisher (without ``user_id``).

    ``token`` is ``None`` for a password, ``epoch`` the account's when that was right.
    """

    user_id: int | None
    actor: Actor
    token: VerifiedToken | None = None
    epoch: int = 0

    @property
    def publisher(self) -> Mapping[str, Any] | None:
        """The trusted publisher, as its token's row tells it."""
        return self.token.publisher if self.token is not None else None

    @property
    def level(self) -> MayPublish:
        """The strictest level on the ladder at which this identity may still publish."""
        if self.token is None:
            return MayPublish.PASSWORDS
        return MayPublish.TOKENS if self.token.publisher is None else MayPublish.TRUSTED


def identify(authorization: str, *, origin: Origin) -> Identity:
    """Who is behind the value of an Authorization header; raises ``Refused``.

    Codes: ``credentials_missing``, ``credentials_malformed``, ``credentials_wrong``, ``passwords_refused``,
    ``too_many_attempts``, ``token_*`` (see ``tokens.verify``), ``tokens_refused``, ``account_disabled``, ``account_frozen``,
    ``email_unverified``, ``two_factor_required``. Which of name and password was wrong, and whether the account takes
    passwords, is never told.
    """
    scheme, _, value = authorization.strip().partition(" ")
    match scheme.lower():
        case "":
            raise _missing()
        case "bearer" | "token":
            return _by_token(value, origin=origin)
        case "basic":
            username, password = _split(value)
            if username == TOKEN_USERNAME:
                return _by_token(password, origin=origin)
            return _by_password(username, password, origin=origin)
    raise _malformed()


def token_in(authorization: str) -> str:
    """The text of the token in the value of an Authorization header, good or not; raises ``Refused``.

    Codes: ``credentials_missing``, ``credentials_malformed``, ``token_missing`` for a username and password.
    """
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() in {"bearer", "token"}:
        return value
    if scheme.lower() == "basic":
        username, password = _split(value)
        if username == TOKEN_USERNAME:
            return password
        raise Refused("token_missing", f"This takes an API token, with the username '{TOKEN_USERNAME}'.")
    raise _malformed() if scheme else _missing()


def require_standing(identity: Identity) -> None:
    """Ask again, in the transaction of the effect, whether account and token still stand; raises ``Refused``.

    Bytes may take an hour to come; what an owner or operator has stopped meanwhile stays stopped (UP-36, TK-09, TK-10). A
    use of the token is counted here.
    """
    if identity.token is None:
        stands = User.objects.filter(disabled=False, frozen=None, may_publish=MayPublish.PASSWORDS)
        if not stands.filter(pk=identity.actor.user_id or 0, auth_epoch=identity.epoch).exists():
            raise _wrong()
        return
    owner = tokens.owner_now(identity.token)
    if owner is not None:
        require_fit(owner)
        _require_taken(identity, owner)
    identity.token.spend()


def _by_token(text: str, *, origin: Origin) -> Identity:
    token = tokens.genuine(text)
    actor = Actor(
        kind=ActorKind.TOKEN,
        origin=origin,
        user_id=token.owner.id if token.owner else None,
        username=token.owner.username
        if token.owner
        else str((token.publisher or {"name": ""})["name"])[:MAX_ACTOR],
        authenticated=TOKEN if token.owner else TRUSTED,
        credential=token.short_id,
    )
    about = PublisherRefused(subject_id=actor.user_id, method=actor.authenticated)
    with trail.refusals_of(about, by=actor):
        token.require_here(origin)
        if token.owner is not None:
            require_fit(token.owner)
    if token.owner is not None:
        token_use.note(token, token.owner, by=actor)
    return Identity(user_id=actor.user_id, actor=actor, token=token)


def _by_password(username: str, password: str, *, origin: Origin) -> Identity:
    if policy.for_all() is not MayPublish.PASSWORDS:
        raise Refused(
            "passwords_refused",
            "This index takes uploads by API token only. Make one in the account settings, and use it as the password "
            f"of the user '{TOKEN_USERNAME}'.",
        )
    user = find.by_username(username)
    anonymous = Actor.anonymous(origin)
    with trail.refusals_of(
        PublisherRefused(subject_id=user.pk if user else None, method=PASSWORD), by=anonymous
    ):
        spend_password(username, origin.address, per_address=AT_UPLOAD)
        proven = _require_password(user, password)
    password_was_right(username, origin.address)
    actor = Actor(
        kind=ActorKind.USER,
        origin=origin,
        user_id=proven.pk,
        username=proven.username,
        authenticated=PASSWORD,
    )
    with trail.refusals_of(PublisherRefused(subject_id=proven.pk, method=PASSWORD), by=actor):
        standing.require_active(proven)
        emails.require_verified_primary(proven.pk)
        enrollment.require(proven.pk, must_enroll=proven.must_enroll)
    return Identity(user_id=proven.pk, actor=actor, epoch=proven.auth_epoch)


def _require_password(user: User | None, password: str) -> User:
    """An account that takes no passwords is as good as none: the same time, the same answer."""
    willing = user if user is not None and user.may_publish == MayPublish.PASSWORDS else None
    if not passwords.is_right(willing, password) or willing is None:
        raise _wrong()
    return willing


def require_fit(owner: Owner) -> None:
    """The token's row was read together with its owner's: nothing more is asked of the database (TK-09)."""
    standing.require_active(owner)
    if not owner.email_verified:
        raise emails.unverified()
    enrollment.require(owner.id, must_enroll=owner.must_enroll)


def _require_taken(identity: Identity, owner: Owner) -> None:
    """Whether the account still takes tokens; at the door the whole ladder is asked."""
    if strictest(identity.level, owner.may_publish) is not identity.level:
        raise Refused("tokens_refused", "Your account takes uploads by trusted publishers only.")


def _split(value: str) -> tuple[str, str]:
    """Name and password of Basic credentials (RFC 7617), in UTF-8; raises ``Refused`` (``credentials_malformed``)."""
    try:
        username, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _malformed() from None
    if not colon or "\0" in username:
        raise _malformed()
    return username, password


def _missing() -> Refused:
    return Refused("credentials_missing", "Send an API token, or your username and password.")


def _malformed() -> Refused:
    return Refused(
        "credentials_malformed",
        "Invalid or non-existent authentication information. The Authorization header cannot be read.",
    )


def _wrong() -> Refused:
    return Refused(
        "credentials_wrong",
        "Invalid or non-existent authentication information. Username or password is not right, or the account takes "
        f"uploads by API token only. For a token the username is '{TOKEN_USERNAME}'.",
    )
