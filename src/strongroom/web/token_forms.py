"""The form to make an API token, for the projects of whoever fills it in, and what it would make in words."""

from collections.abc import Mapping

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.projects import find as projects
from strongroom.tokens.caveats import understood
from strongroom.web import token_words
from strongroom.web.forms.tokens import MakeToken


def form_of(user: User, typed: MultiValueDict[str, str] | None, *, preselected: str = "") -> MakeToken:
    """The form with the projects of ``user``, of which one may be chosen to begin with."""
    mine = [(project.normalized, project.name) for project in projects.of_user(user.pk)]
    return MakeToken(typed, projects=mine, preselected=preselected)


def in_words(user: User, typed: Mapping[str, list[str]]) -> tuple[str, ...]:
    """What the token of a form that ``user`` has sent would be good for; ``typed`` are the values of its fields."""
    form = form_of(user, MultiValueDict(typed))
    if not form.is_valid():
        return (_("There is a mistake in it, which the form will show once it is sent."),)
    asked = form.restrictions
    held = [understood(caveat) for caveat in asked.caveats()]
    words = token_words.told(held, projects=form.titles_of_chosen, expires=asked.expires)
    return (words.scope, words.actions, *words.limits, words.end)
