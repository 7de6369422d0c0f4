"""The ActiveState Platform."""

from django.utils.translation import gettext_lazy as _

from strongroom.trust.kinds.kind import Field, Kind, Wanted
from strongroom.trust.kinds.rules import CLAIM, Claims, Rule, exact, said

_SITE = "https://platform.activestate.com"
_BUILDER = "pypi-publisher"  # the one of the platform's builders that publishes to Python package indexes
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._ -]*[A-Za-z0-9])?"


class ActiveState(Kind):
    """A project of an organization, and whose builds of it are meant."""

    name = "activestate"
    title = _("ActiveState")
    pins = ("project_id", "organization_id", "actor_id")
    fields = (
        Field(
            name="organization",
            label=_("Organization"),
            hint=_("The organization's name in the address of its page."),
            pattern=_NAME,
            is_name=True,
        ),
        Field(
            name="project",
            label=_("Project"),
            hint=_("The project's name on the platform."),
            pattern=_NAME,
            is_name=True,
        ),
        Field(
            name="actor",
            label=_("Username on the platform"),
            hint=_("Who starts the builds that are published."),
            pattern=_NAME,
        ),
    )
    shown = (
        "organization",
        "organization_id",
        "project",
        "project_id",
        "builder",
        "ingredient",
        "artifact_id",
    )

    def names_in(self, claims: Claims) -> tuple[str, ...]:
        """Organization and project."""
        return said(claims, "organization"), said(claims, "project")

    def rules(self, wanted: Wanted) -> tuple[Rule, ...]:
        """Organization, project and subject, who started the build, and which builder it was."""
        subject = f"org:{wanted.get('organization', '')}:project:{wanted.get('project', '')}"
        return (
            exact("organization", wanted.get("organization", "")),
            exact("project", wanted.get("project", "")),
            Rule(
                claim="sub",
                wanted=subject,
                holds=lambda claims: said(claims, "sub").split(":")[:4] == subject.split(":"),
                code=CLAIM,
            ),
            exact("actor", wanted.get("actor", ""), code=CLAIM),
            exact("builder", _BUILDER, code=CLAIM),
        )

    def describe(self, wanted: Wanted) -> str:
        """Such as ``acme/widget``."""
        return f"{wanted.get('organization', '')}/{wanted.get('project', '')}"

    def details(self, claims: Claims, wanted: Wanted) -> dict[str, str]:
        """The project, and the address of its page."""
        name = self.describe(wanted)
        return {"repository": name, "url": f"{_SITE}/{name.replace(' ', '%20')}"}
