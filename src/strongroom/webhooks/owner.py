"""Whose a webhook is: which trail it follows, and whether somebody may manage it."""

from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from strongroom.accounts import emails, standing
from strongroom.accounts.models import User
from strongroom.audit.search import EVERYTHING, Scope
from strongroom.kernel.actor import Actor, ActorKind
from strongroom.kernel.refused import Refused
from strongroom.notices.notice import Recipient
from strongroom.projects import access
from strongroom.projects.models import Project
from strongroom.webhooks.models import Webhook

_Owner = Webhook.Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The owner of webhooks: the instance, or a project, or an account. ``project`` is a normalized name."""

    kind: Webhook.Owner
    project_id: int | None = None
    project: str = ""
    user_id: int | None = None

    def webhooks(self) -> QuerySet[Webhook]:
        """The webhooks that are its own."""
        rows = Webhook.objects.filter(owner=self.kind)
        if self.project_id is not None:
            rows = rows.filter(project_id=self.project_id)
        return rows.filter(user_id=self.user_id) if self.user_id is not None else rows

    def lock(self) -> None:
        """Wait for whoever changes the owner's webhooks in another transaction; those of the instance, through its operators."""
        if self.kind is _Owner.INSTANCE:
            list(User.objects.select_for_update().filter(is_operator=True).order_by("pk").values_list("pk"))
        if self.project_id is not None:
            list(Project.objects.select_for_update().filter(pk=self.project_id).values_list("pk"))
        if self.user_id is not None:
            list(User.objects.select_for_update().filter(pk=self.user_id).values_list("pk"))


def instance(*, by: Actor) -> Owner:
    """The whole site, which its operators own; raises ``Refused`` (``not_operator``)."""
    is_console = by.kind is ActorKind.OPERATOR and by.user_id is None
    if (
        not is_console
        and not User.objects.filter(pk=by.user_id or 0, is_operator=True, disabled=False).exists()
    ):
        raise Refused("not_operator", _("Only operators of this site may do this."))
    return Owner(kind=_Owner.INSTANCE)


def project(name: str, *, by: Actor) -> Owner:
    """A project, in any spelling, that ``by`` owns; raises ``Refused`` (``project_not_yours``, ``project_not_owned``)."""
    known = access.owned_by(by.user_id or 0, name)
    return Owner(kind=_Owner.PROJECT, project_id=known.id, project=known.normalized)


def account(*, by: Actor) -> Owner:
    """One's own account; raises ``Refused`` (``account_missing``) for whoever has none."""
    if by.user_id is None:
        raise Refused("account_missing", _("This is for people with an account. Log in first."))
    return Owner(kind=_Owner.ACCOUNT, user_id=by.user_id)


def require_active(by: Actor) -> None:
    """Whoever has got into an account that is frozen sets nothing up that goes on telling them what happens.

    In the transaction of the effect; raises ``Refused`` (``account_frozen``, ``account_disabled``, ``account_unknown``).
    """
    if by.user_id is not None:
        standing.require_still_active(by.user_id)


def of(webhook: Webhook) -> Owner:
    """The owner of a webhook, whose project is at hand."""
    return Owner(
        kind=_Owner(webhook.owner),
        project_id=webhook.project_id,
        project=webhook.project.normalized if webhook.project else "",
        user_id=webhook.user_id,
    )


def scope(owner: Owner) -> Scope:
    """The trail that its webhooks follow; what they may say of an event is for ``audit.document`` (AU-11)."""
    if owner.kind is _Owner.PROJECT:
        return Scope(project=owner.project)
    return Scope(user_id=owner.user_id) if owner.kind is _Owner.ACCOUNT else EVERYTHING


def people(webhook: Webhook) -> list[User]:
    """Whom to tell of a webhook: who made it, or where that person has no right to it any more, all who have."""
    if webhook.owner == _Owner.PROJECT:
        entitled = User.objects.filter(pk__in=access.owners_of(webhook.project_id or 0))
    elif webhook.owner == _Owner.ACCOUNT:
        entitled = User.objects.filter(pk=webhook.user_id or 0)
    else:
        entitled = User.objects.filter(is_operator=True)
    able = list(entitled.filter(disabled=False).order_by("pk"))
    return [user for user in able if user.pk == webhook.created_by_id] or able


def recipient(user: User) -> Recipient:
    """Where a mail about a webhook goes: without a panic link, as it tells of no act of the account."""
    return replace(emails.recipient(user), panic_url="")
