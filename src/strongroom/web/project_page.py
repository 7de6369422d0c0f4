"""What a project's page says beside its rows: who vouches for it, and the facts of its metadata."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from strongroom.accounts import find as people
from strongroom.factors import methods
from strongroom.projects import find
from strongroom.projects.find import ProjectView
from strongroom.projects.models import SDIST, File, Release
from strongroom.projects.provenance import address_of
from strongroom.publish.identity import TOKEN, TRUSTED
from strongroom.simple import address


@dataclass(frozen=True, slots=True)
class Vouch:
    """One reason to trust a release, or the lack of one."""

    good: bool
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of metadata; ``url`` is empty or leads to another site (http or https)."""

    name: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file, its kind in words, where to download it, and where its attestations are (``""``: it has none)."""

    row: File
    kind: str
    url: str
    attestations: str


def vouches_of(view: ProjectView) -> list[Vouch]:
    """Who vouches for a release: its owners' second factors, and how its files came."""
    owners = [people.by_username(owner) for owner in view.owners]
    two_factor = bool(owners) and all(owner and methods.has_any(owner.pk) for owner in owners)
    return [
        Vouch(
            two_factor,
            _("All owners use two-factor sign-in")
            if two_factor
            else _("Not all owners use two-factor sign-in"),
        ),
        how_published(view.release),
        *_attested(view.release),
    ]


def how_published(release: Release) -> Vouch:
    """How the files of a release came; the weakest way counts."""
    files = list(release.files.all())
    ways = {file.authenticated for file in files}
    publishers = {str(file.publisher["name"]) for file in files if file.publisher is not None}
    if ways == {TRUSTED} and len(publishers) == 1:
        return Vouch(True, _("Published by the trusted publisher %(name)s") % {"name": publishers.pop()})
    if ways and ways <= {TRUSTED, TOKEN}:
        return Vouch(True, _("Published with an API token"))
    return Vouch(False, _("Published with a password"))


def _attested(release: Release) -> Iterator[Vouch]:
    attested = [file.attested for file in release.files.all()]
    if attested and all(attested):
        yield Vouch(True, _("Every file is attested by its publisher"))
    elif any(attested):
        yield Vouch(False, _("Some files are attested by their publisher, others are not"))


def links_of(metadata: dict[str, Any]) -> list[Fact]:
    """The addresses that the project gives, each once, web addresses only."""
    named = [(_("Home page"), metadata.get("home_page", "")), *metadata.get("project_urls", [])]
    links = {url: Fact(str(name), str(name), str(url)) for name, url in reversed(named) if _is_web(str(url))}
    return list(reversed(links.values()))


def facts_of(metadata: dict[str, Any]) -> list[Fact]:
    """What else the metadata says, as text."""
    return [fact for fact in _facts(metadata) if fact.text]


def files_of(release: Release) -> list[ShownFile]:
    """The files of a release, source distribution first."""
    return [
        ShownFile(file, _kind(file), _url(file), _attestations(release, file)) for file in find.files(release)
    ]


def _kind(file: File) -> str:
    return _("Source distribution") if file.kind == SDIST else _("Wheel")


def _url(file: File) -> str:
    return f"/{address.file_path(file.sha256, file.filename)}"


def _attestations(release: Release, file: File) -> str:
    return address_of(release.project.normalized, release.version, file.filename) if file.attested else ""


def _facts(metadata: dict[str, Any]) -> Iterator[Fact]:
    def text(key: str) -> str:
        return str(metadata.get(key) or "")

    yield Fact(_("Requires Python"), text("requires_python"))
    yield Fact(_("License"), text("license_expression") or text("license")[:200])
    yield Fact(_("Author"), text("author") or text("author_email"))
    yield Fact(_("Maintainer"), text("maintainer") or text("maintainer_email"))
    yield Fact(_("Keywords"), text("keywords"))
    yield Fact(_("Extras"), ", ".join(metadata.get("provides_extra", [])))


def _is_web(url: str) -> bool:
    """Whether a link may carry it: ``javascript:`` and the like are left out (UP-28)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
