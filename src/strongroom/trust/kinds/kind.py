"""What every kind of identity provider tells of itself."""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused
from strongroom.trust.kinds.rules import Claims, Rule, said, shown, value_of

Text = Promise | str
Wanted = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the form by which somebody adds a publisher.

    ``pattern`` is a regular expression for the whole value. ``is_name`` marks what the token is looked up by; ``any_case``
    where the provider takes two spellings of a name that differ in case for the same.
    """

    name: str
    label: Text
    hint: Text
    pattern: str
    required: bool = True
    is_name: bool = False
    any_case: bool = False
    default: str = ""
    max_length: int = 200


class Kind(ABC):
    """How the tokens of one issuer are read. ``url`` is the issuer's."""

    name: str
    title: Text
    fields: tuple[Field, ...]
    pins: tuple[str, ...]
    """The claims that are kept from a publisher's first token; the first is the id of what the names are of."""
    shown: tuple[str, ...]
    """The claims that may be shown and recorded; none that say who did something (TP-31)."""
    single_use: Literal["jti", "digest"] = "jti"
    """What a used token is known by (see ``trust.jwt``)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def check(self, values: Mapping[str, str]) -> dict[str, str]:
        """The value of each field, stripped; what is no field is left out.

        Raises ``Refused`` (``publisher_field_missing``, ``publisher_field_invalid``) with the field's name.
        """
        return {field.name: _checked(field, values.get(field.name, "").strip()) for field in self.fields}

    @abstractmethod
    def names_in(self, claims: Claims) -> tuple[str, ...]:
        """What the token says in place of the fields that are names, in their order; empty texts where it says nothing."""

    def renamed(self, wanted: Wanted, names: Sequence[str]) -> dict[str, str]:
        """``wanted`` with other names, as ``names_in`` gives them; empty where that cannot be told from other wishes.

        Raises ``Refused`` as ``check`` does.
        """
        named = zip(self._names, names, strict=True)
        return self.check({**wanted, **{field.name: name for field, name in named}})

    @property
    def has_environment(self) -> bool:
        """Whether publishers can name an environment."""
        return any(field.name == "environment" for field in self.fields)

    def environment_in(self, claims: Claims) -> str:
        """The environment of the run; empty where there is none, or none that a publisher could name."""
        found = said(claims, "environment")
        with suppress(Refused):
            named = [_checked(field, found) for field in self.fields if field.name == "environment"]
            return found if found == found.strip() and named else ""
        return ""

    @abstractmethod
    def rules(self, wanted: Wanted) -> tuple[Rule, ...]:
        """What a token must say, the names first."""

    @abstractmethod
    def describe(self, wanted: Wanted) -> str:
        """The identity in words, such as ``acme/widget, release.yml``."""

    @abstractmethod
    def details(self, claims: Claims, wanted: Wanted) -> dict[str, str]:
        """What the snapshot says besides ``kind``, ``issuer`` and ``name``."""

    def snapshot(self, claims: Claims, wanted: Wanted) -> dict[str, str]:
        """Who publishes, and from what, as it is kept with the token and its files: plain JSON that names no person."""
        about = {"kind": self.name, "issuer": self.url, "name": self.describe(wanted)}
        return about | self.details(claims, wanted)

    def visible(self, claims: Claims) -> dict[str, str]:
        """The claims that may be shown and recorded, each as a short text."""
        found = {name: shown(value_of(claims, name)) for name in self.shown}
        return {name: text for name, text in found.items() if text}

    def canonical(self, wanted: Wanted) -> dict[str, str]:
        """Equal for two spellings of the same identity."""
        return {field.name: _folded(field, wanted.get(field.name, "")) for field in self.fields}

    def subject(self, wanted: Wanted) -> str:
        """The digest by which publishers of these names are looked up."""
        return self._digest([wanted.get(field.name, "") for field in self._names])

    def subject_of(self, claims: Claims) -> str:
        """The digest under which the publishers that a token may mean are looked up; whether they fit, the rules say."""
        return self._digest(self.names_in(claims))

    def fingerprint(self, wanted: Wanted) -> str:
        """The SHA-256 of issuer and identity: the same identity is added once."""
        return digest([self.url, sorted(self.canonical(wanted).items())])

    @property
    def _names(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.is_name)

    def _digest(self, values: "list[str] | tuple[str, ...]") -> str:
        return digest([_folded(field, value) for field, value in zip(self._names, values, strict=True)])


def digest(value: object) -> str:
    """The SHA-256 of a JSON value, in hex."""
    return hashlib.sha256(orjson.dumps(value)).hexdigest()


def _folded(field: Field, value: str) -> str:
    return value.lower() if field.any_case and value.isascii() else value


def _checked(field: Field, value: str) -> str:
    if not value:
        if field.required:
            raise Refused(
                "publisher_field_missing", _("Fill in: %(label)s") % {"label": field.label}, field=field.name
            )
        return ""
    if (
        len(value) > field.max_length
        or not value.isprintable()
        or not re.fullmatch(field.pattern, value, re.ASCII)
    ):
        raise Refused(
            "publisher_field_invalid",
            _("%(label)s: this cannot be right. %(hint)s") % {"label": field.label, "hint": field.hint},
            field=field.name,
        )
    return value
