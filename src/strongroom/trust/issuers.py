"""The OpenID providers that are believed: those that come with the program, and those that operators added."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.tokens.revoke import revoke_minted
from strongroom.trust import new_issuer
from strongroom.trust.events import IssuerAdded, IssuerRemoved
from strongroom.trust.kinds.activestate import ActiveState
from strongroom.trust.kinds.generic import Generic
from strongroom.trust.kinds.github import GitHub
from strongroom.trust.kinds.gitlab import GitLab
from strongroom.trust.kinds.google import Google
from strongroom.trust.kinds.kind import Kind
from strongroom.trust.models import Issuer, IssuerKeys, Minted, Publisher
from strongroom.trust.new_issuer import PRESETS, NewIssuer

_KINDS: Mapping[str, type[Kind]] = {kind.name: kind for kind in (GitHub, GitLab, Google, ActiveState)}

_THERE = "SELECT 1 FROM trust_issuer WHERE url = %s"  # on SQLite there is one writer at a time
_HELD = f"{_THERE} FOR KEY SHARE"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIssuer:
    """An OpenID provider that is believed. ``reading`` says how its tokens are read; ``preset`` that it came with the program.

    ``fields``, ``rules`` and ``pins`` are empty but for the kind ``generic`` (see ``models.Issuer``).
    """

    url: str
    name: str
    kind: str
    reading: Kind
    fields: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    pins: tuple[str, ...] = ()
    static_keys: str = ""
    preset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedIssuer:
    """An issuer for operators' eyes. ``id`` is none for a preset; ``publishers`` counts those that rely on it.

    ``keys_fetched`` is when its keys came last, ``keys_failed`` why the last attempt to fetch them gave nothing.
    """

    id: int | None
    issuer: KnownIssuer
    added: datetime | None
    added_by: str
    publishers: int
    keys_fetched: datetime | None
    keys_failed: str


def known() -> list[KnownIssuer]:
    """All that are believed: presets in the configuration's order, then those of operators by name."""
    return [*_presets(), *map(_of_row, Issuer.objects.order_by("name"))]


def find(url: str) -> KnownIssuer | None:
    """The issuer of exactly this URL (TP-04); nothing for one that is not believed."""
    preset = next((issuer for issuer in _presets() if issuer.url == url), None)
    if preset is not None:
        return preset
    row = Issuer.objects.filter(url=url).first() if url.isprintable() else None
    return _of_row(row) if row is not None and row.url == url else None


def require_still_believed(issuer: KnownIssuer) -> None:
    """Ask again, in the transaction of the effect, until whose end nobody can remove it; raises ``Refused``.

    Its keys may have taken seconds to come. Exchanges do not wait for each other here. Code: ``identity_issuer_unknown``.
    """
    if issuer.preset:
        return
    with connection.cursor() as cursor:
        cursor.execute(_HELD if connection.vendor == "postgresql" else _THERE, [issuer.url])
        if cursor.fetchone() is None:
            raise unknown()


def unknown() -> Refused:
    """The refusal for a token of an issuer that is not believed."""
    return Refused(
        "identity_issuer_unknown",
        _("The identity token is not from an identity provider that this index knows."),
    )


def listed() -> list[ListedIssuer]:
    """What ``known`` lists, for operators."""
    rows = {row.url: row for row in Issuer.objects.all()}
    keys = {row.issuer: row for row in IssuerKeys.objects.all()}
    counts = dict(Publisher.objects.values_list("issuer").annotate(Count("pk")).order_by())
    return [
        ListedIssuer(
            id=row.pk if (row := rows.get(issuer.url)) else None,
            issuer=issuer,
            added=row.added if row else None,
            added_by=row.added_by if row else "",
            publishers=counts.get(issuer.url, 0),
            keys_fetched=kept.fetched if (kept := keys.get(issuer.url)) else None,
            keys_failed=kept.failed if kept else "",
        )
        for issuer in known()
    ]


def add(new: NewIssuer, *, by: Actor) -> KnownIssuer:
    """Believe another issuer from now on; the caller has asked whether ``by`` is an operator. Raises ``Refused``.

    Codes: those of ``new_issuer.checked``, ``issuer_taken``.
    """
    row = new_issuer.checked(new)
    row.added, row.added_by = clock.now(), by.username
    with trail.refusals_of(_added(row), by=by), _once(), transaction.atomic():
        row.save(force_insert=True)
        trail.record(_added(row), by=by)
    return _of_row(row)


def remove(issuer_id: int, *, by: Actor) -> None:
    """Believe an issuer no more, from now on; tokens that were minted for its identities die.

    Its publishers stay where they are, so that they work again should it be added again. Raises ``Refused``
    (``issuer_unknown``).
    """
    with trail.refusals_of(IssuerRemoved(), by=by), transaction.atomic():
        row = Issuer.objects.filter(pk=issuer_id).first()
        if row is None or not Issuer.objects.filter(pk=issuer_id).delete()[0]:
            raise Refused("issuer_unknown", _("There is no such identity provider."))
        IssuerKeys.objects.filter(issuer=row.url).delete()
        minted = Minted.objects.filter(publisher__issuer=row.url).values_list("token_id", flat=True)
        revoke_minted(set(minted), by=by)
        trail.record(IssuerRemoved(url=row.url, name=row.name, kind=row.kind), by=by)


@contextmanager
def _once() -> Iterator[None]:
    """Around a transaction: a provider that is believed already is refused."""
    try:
        yield
    except IntegrityError:
        raise Refused(
            "issuer_taken", _("There is a provider of this address or this name already."), field="url"
        ) from None


def _added(row: Issuer) -> IssuerAdded:
    return IssuerAdded(
        url=row.url,
        name=row.name,
        kind=row.kind,
        fields=list(row.fields),
        rules=dict(row.rules),
        pins=list(row.pins),
    )


def _presets() -> list[KnownIssuer]:
    names: Sequence[str] = settings.CONFIG.trusted_publishing.providers
    return [_preset(name) for name in names]


def _preset(name: str) -> KnownIssuer:
    reading = _KINDS[name](PRESETS[name])
    return KnownIssuer(url=PRESETS[name], name=str(reading.title), kind=name, reading=reading, preset=True)


def _of_row(row: Issuer) -> KnownIssuer:
    return KnownIssuer(
        url=row.url,
        name=row.name,
        kind=row.kind,
        reading=_reading(row),
        fields=tuple(row.fields),
        rules=row.rules,
        pins=tuple(row.pins),
        static_keys=row.static_keys,
    )


def _reading(row: Issuer) -> Kind:
    if row.kind == Generic.name:
        return Generic(row.url, fields=row.fields, required=row.rules, pins=row.pins)
    return _KINDS[row.kind](row.url)
