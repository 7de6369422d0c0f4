"""Whose webhooks a page is about, and the addresses of its pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.urls import reverse

from strongroom.kernel.actor import Actor
from strongroom.projects import find as projects
from strongroom.projects.models import Project
from strongroom.webhooks import find, owner
from strongroom.webhooks.models import Webhook
from strongroom.webhooks.owner import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An owner of webhooks. ``kind`` is ``account``, ``project`` or ``operate``: with it the names of routes begin."""

    kind: str
    owner: Owner
    project: Project | None = None

    @property
    def overview(self) -> str:
        """The page with all of its webhooks."""
        return self._reverse("webhooks")

    @property
    def adding(self) -> str:
        """The page on which one is added."""
        return self._reverse("webhook-add")

    @property
    def history(self) -> str:
        """The page of the trail that its webhooks follow."""
        return self._reverse("audit" if self.kind == "operate" else "history")

    def one(self, webhook: UUID) -> Webhook:
        """One of its webhooks; raises ``Refused`` (``webhook_missing``)."""
        return find.one(self.owner, webhook)

    def pages_of(self, webhook: UUID) -> "Pages":
        """The addresses of the pages of one of its webhooks."""
        return Pages(place=self, webhook=webhook)

    def _reverse(self, page: str, *ids: object) -> str:
        named = (self.project.normalized,) if self.project else ()
        return reverse(f"{self.kind}-{page}", args=[*named, *ids])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The addresses of the pages of one webhook."""

    place: Place
    webhook: UUID

    @property
    def detail(self) -> str:
        """The webhook and its delivery log."""
        return self._page("webhook")

    @property
    def change(self) -> str:
        """Where it sends to, and what."""
        return self._page("webhook-change")

    @property
    def test(self) -> str:
        """Takes the form that has a test message sent."""
        return self._page("webhook-test")

    @property
    def resume(self) -> str:
        """Takes the form that lets it go on."""
        return self._page("webhook-resume")

    @property
    def replay(self) -> str:
        """Sending events again."""
        return self._page("webhook-replay")

    @property
    def secret(self) -> str:
        """A new secret."""
        return self._page("webhook-secret")

    @property
    def remove(self) -> str:
        """Removing it."""
        return self._page("webhook-remove")

    def _page(self, name: str) -> str:
        return self.place._reverse(name, self.webhook)  # noqa: SLF001  (they belong together)


Whose = Callable[..., Place]
"""Finds the place of a path for whoever asks; raises ``Refused`` where it is not theirs."""


def account(by: Actor) -> Place:
    """One's own account."""
    return Place(kind="account", owner=owner.account(by=by))


def project(by: Actor, *, name: str) -> Place:
    """A project that one owns; raises ``Refused`` (``project_not_yours``, ``project_not_owned``)."""
    found = owner.project(name, by=by)
    managed = projects.managed(by.user_id or 0, found.project)
    return Place(kind="project", owner=found, project=managed.project)


def operate(by: Actor) -> Place:
    """The whole site, for its operators; raises ``Refused`` (``not_operator``)."""
    return Place(kind="operate", owner=owner.instance(by=by))


PLACES: Final[dict[str, Whose]] = {"account": account, "project": project, "operate": operate}
