"""The choke point for publishers: credentials in, an author out (design, D4).

A session cookie is no credential here, nor is a token anywhere but in the Authorization header (TK-12). There is no
second factor: tokens are made under one, and a password alone publishes only while owner and operators allow it.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from strongroom.accounts import emails, find, passwords, standing
from strongroom.accounts.attempts import AT_UPLOAD, password_was_right, spend_password
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.refused import Refused
from strongroom.projects import policy
from strongroom.publish import enrollment
from strongroom.publish.events import PublisherRefused
from strongroom.tokens import verify as tokens

TOKEN_USERNAME = "__token__"  # noqa: S105  (a name, not a secret)
TOKEN = "token"  # noqa: S105
PASSWORD = "password"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who publishes: an account in good standing, and how it proved that.

    ``token`` is ``None`` for a password, ``epoch`` the account's when that was right.
    """

    user_id: int
    actor: Actor
    token: tokens.VerifiedToken | None = None
    epoch: int = 0


class _Account(standing.Account, Protocol):
    """An account, or what a token tells of one."""

    @property
    def must_enroll(self) -> bool:
        """Whether it needs a second factor whatever the policy says."""


def identify(authorization: str, *, origin: Origin) -> Identity:
    """Who is behind the value of an Authorization header; raises ``Refused``.

    Codes: ``credentials_missing``, ``credentials_malformed``, ``credentials_wrong``, ``passwords_refused``,
    ``too_many_attempts``, ``token_*`` (see ``tokens.verify``), ``account_disabled``, ``account_frozen``,
    ``email_unverified``, ``two_factor_required``. Which of name and password was wrong, and whether the account takes passwords, is never told.
    """
    scheme, _, value = authorization.strip().partition(" ")
    match scheme.lower():
        case "":
            raise Refused("credentials_missing", "Send an API token, or your username and password.")
        case "bearer" | "token":
            return _by_token(value, origin=origin)
        case "basic":
            username, password = _split(value)
            if username == TOKEN_USERNAME:
                return _by_token(password, origin=origin)
            return _by_password(username, password, origin=origin)
    raise _malformed()


def require_standing(identity: Identity) -> None:
    """Ask again, in the transaction of the effect, whether account and token still stand; raises ``Refused``.

    Bytes may take an hour to come; what an owner or operator has stopped meanwhile stays stopped (UP-36, TK-10).
    """
    if identity.token is None:
        stands = User.objects.filter(disabled=False, frozen=None, password_uploads=True)
        if not stands.filter(pk=identity.user_id, auth_epoch=identity.epoch).exists():
            raise _wrong()
    elif not tokens.still_stands(identity.token):
        raise Refused("token_invalid", "Invalid or non-existent authentication information.")


def _by_token(text: str, *, origin: Origin) -> Identity:
    verified = tokens.verify(text)
    actor = Actor(
        kind=ActorKind.TOKEN,
        origin=origin,
        user_id=verified.owner.id,
        username=verified.owner.username,
        authenticated=TOKEN,
        credential=verified.short_id,
    )
    _require_fit(verified.owner, user_id=verified.owner.id, by=actor)
    tokens.note_use(verified)
    return Identity(user_id=verified.owner.id, actor=actor, token=verified)


def _by_password(username: str, password: str, *, origin: Origin) -> Identity:
    if settings.CONFIG.uploads.passwords != "allowed" or not policy.passwords_allowed():
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
    _require_fit(proven, user_id=proven.pk, by=actor)
    return Identity(user_id=proven.pk, actor=actor, epoch=proven.auth_epoch)


def _require_password(user: User | None, password: str) -> User:
    """An account that takes no passwords is as good as none: the same time, the same answer."""
    willing = user if user is not None and user.password_uploads else None
    if not passwords.is_right(willing, password) or willing is None:
        raise _wrong()
    return willing


def _require_fit(account: _Account, *, user_id: int, by: Actor) -> None:
    with trail.refusals_of(PublisherRefused(subject_id=user_id, method=by.authenticated), by=by):
        standing.require_active(account)
        emails.require_verified_primary(user_id)
        enrollment.require(user_id, must_enroll=account.must_enroll)


def _split(value: str) -> tuple[str, str]:
    """Name and password of Basic credentials (RFC 7617), in UTF-8; raises ``Refused`` (``credentials_malformed``)."""
    try:
        username, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _malformed() from None
    if not colon or "\0" in username:
        raise _malformed()
    return username, password


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
