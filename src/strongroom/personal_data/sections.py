"""What the domains keep of an account, section by section: rows without their secrets, for the copy that its person gets."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db.models import QuerySet

from strongroom.accounts.models import MailLink, User
from strongroom.factors.models import RecoveryCode, SecurityKey, Totp
from strongroom.projects.models import File, Role
from strongroom.recovery.models import Recovery, Vouch
from strongroom.signin.models import Browser, Confirmation, DeviceRequest, Session, Ticket
from strongroom.tokens.models import Token
from strongroom.trust.models import PendingPublisher, Publisher
from strongroom.webhooks.models import Webhook

Rows = list[dict[str, Any]]


def _account(user: User) -> dict[str, Any]:
    columns = (
        "username",
        "public_id",
        "created",
        "language",
        "is_operator",
        "disabled",
        "frozen",
        "thawed",
        "must_enroll",
        "may_publish",
    )
    return {name: getattr(user, name) for name in columns}


def _addresses(user: User) -> Rows:
    return _values(user.addresses.all(), "address", "primary", "verified", "added", "undo_until")


def _factors(user: User) -> dict[str, Any]:
    codes = RecoveryCode.objects.filter(user=user)
    return {
        "authenticator_apps": _values(Totp.objects.filter(user=user), "name", "created", "last_used"),
        "security_keys": _values(
            SecurityKey.objects.filter(user=user),
            "name",
            "created",
            "last_used",
            "flagged",
            "aaguid",
            "transports",
            "attachment",
            "backed_up",
        ),
        "recovery_codes": _values(codes, "made", "acknowledged", "used"),
    }


def _sessions(user: User) -> Rows:
    rows = Session.objects.filter(user=user)
    return _values(rows, "created", "last_seen", "method", "proven", "proof", "address", "client")


def _browsers(user: User) -> Rows:
    rows = Browser.objects.filter(user=user)
    return _values(rows, "family", "client", "address", "created", "last_seen", "remembered_until")


def _begun(user: User) -> dict[str, Any]:
    """What is half done: links that were mailed, sign-ins and programs that wait."""
    return {
        "mailed_links": _values(
            MailLink.objects.filter(user=user), "purpose", "address__address", "expires", "used"
        ),
        "sign_ins": _values(Ticket.objects.filter(user=user), "expires", "used"),
        "confirmations": _values(Confirmation.objects.filter(user=user), "method", "expires", "used"),
        "programs": _values(
            DeviceRequest.objects.filter(user=user), "program", "host", "address", "created", "approved"
        ),
    }


def _tokens(user: User) -> Rows:
    columns = (
        "name",
        "restrictions",
        "created",
        "expires",
        "last_used",
        "last_address",
        "last_client",
        "last_network",
    )
    return [
        {
            "id": token.short_id,
            **{name: getattr(token, name) for name in columns},
            "projects": [project.name for project in token.projects.all()],
        }
        for token in Token.objects.filter(user=user).prefetch_related("projects").order_by("pk")
    ]


def _projects(user: User) -> Rows:
    return _values(Role.objects.filter(user=user), "project__name", "kind")


def _files(user: User) -> Rows:
    return _values(
        File.objects.filter(uploader_id=user.pk), "filename", "sha256", "uploaded", "authenticated"
    )


def _publishers(user: User) -> Rows:
    rows = Publisher.objects.filter(added_by=user)
    return _values(rows, "project__name", "kind", "issuer", "wanted", "created", "last_used")


def _pending(user: User) -> Rows:
    rows = PendingPublisher.objects.filter(user=user)
    return _values(rows, "project_name", "kind", "issuer", "wanted", "created", "expires")


def _recoveries(user: User) -> Rows:
    return _values(
        Recovery.objects.filter(user=user),
        "begun",
        "reason",
        "address",
        "mail_proved",
        "approved",
        "complete",
        "ready",
        "ended",
        "outcome",
    )


def _vouches(user: User) -> Rows:
    return _values(Vouch.objects.filter(user=user), "recovery__user__username", "when")


def _webhooks(user: User) -> Rows:
    rows = Webhook.objects.filter(user=user)
    return _values(rows, "public_id", "url", "wanted", "active", "created")


def _values(rows: QuerySet[Any], *columns: str) -> Rows:
    """``project__name`` is called ``project``, ``address__address`` ``address``."""
    found = rows.order_by("pk").values_list(*columns)
    names = [column.removesuffix("__name").removesuffix("__address") for column in columns]
    return [dict(zip(names, values, strict=True)) for values in found]


SECTIONS: Final[Mapping[str, Callable[[User], Any]]] = {
    "account": _account,
    "email_addresses": _addresses,
    "second_factors": _factors,
    "sessions": _sessions,
    "browsers": _browsers,
    "begun": _begun,
    "api_tokens": _tokens,
    "projects": _projects,
    "files": _files,
    "trusted_publishers": _publishers,
    "pending_publishers": _pending,
    "recoveries": _recoveries,
    "vouched_for": _vouches,
    "webhooks": _webhooks,
}
"""By name, in the order of the document."""
