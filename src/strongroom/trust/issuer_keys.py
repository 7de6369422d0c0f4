"""The keys of issuers: fetched when they are needed, kept in rows that all nodes share, and never trusted for long (W24).

Whoever needs a key that is not there, or keys that are not fresh, may go for them, unless somebody has within the last
minute: one conditional UPDATE decides, so that a flood of invented key ids costs an issuer one visit a minute in all.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NoReturn, Protocol
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from strongroom.kernel import clock, strict_json
from strongroom.kernel.refused import Refused
from strongroom.trust import fetch, jwk
from strongroom.trust.fetch import Unreachable
from strongroom.trust.jwk import Jwk
from strongroom.trust.models import IssuerKeys

FRESH = timedelta(
    minutes=10
)  # for so long the issuer is not asked again; a withdrawn key dies after it (TP-26)
MAX_AGE = timedelta(hours=24)  # for so long keys are good when the issuer cannot be reached
PAUSE = timedelta(
    minutes=1
)  # between two visits to one issuer, whoever makes them and whatever came of the last
ATTEMPT = timedelta(seconds=fetch.SECONDS + 1)  # a visit that has not ended by then never will
_CONFIGURATION = "/.well-known/openid-configuration"  # OpenID Connect Discovery 1.0 §4
_MAX_REASON = 200  # characters

_log = logging.getLogger(__name__)


class Issuer(Protocol):
    """What must be known of an issuer."""

    @property
    def url(self) -> str:
        """Its URL, exactly as its tokens say it."""

    @property
    def static_keys(self) -> str:
        """A JWK Set as JSON, of an issuer that cannot be asked; else empty."""


def key_for(issuer: Issuer, key_id: str) -> Jwk:
    """The public key ``key_id`` of ``issuer``, as a JWK.

    May visit the issuer, for up to 5 seconds, and must therefore be called outside of any transaction. Raises
    ``Refused``: ``issuer_key_unknown``, ``issuer_unreachable``, or, while somebody else is on the way and the key is
    not there yet, ``issuer_keys_pending``: ask again after ``retry_after`` seconds.
    """
    if issuer.static_keys:
        found = _parsed(issuer.static_keys).get(key_id)
        if found is None:
            raise _unknown(retry_after=None)
        return found
    row = _row(issuer.url)
    if _is_wanting(row, key_id):
        if began := _may_visit(row):
            _visit(issuer.url, began)
        row = _row(issuer.url)
    return _trusted(row).get(key_id) or _refuse(row)


def read_static(text: str) -> Mapping[str, Jwk]:
    """The keys in a JWK Set that an operator has given; raises ``ValueError`` where it is none or has no usable key."""
    keys = _parsed(text)
    if not keys:
        raise ValueError("no usable key")
    return keys


def _row(url: str) -> IssuerKeys:
    """What is stored now; an unsaved row where nothing is."""
    return IssuerKeys.objects.filter(issuer=url).first() or IssuerKeys(issuer=url)


def _is_wanting(row: IssuerKeys, key_id: str) -> bool:
    """Whether the keys are not fresh, or lack this one."""
    return not _is_within(row.fetched, FRESH) or key_id not in _trusted(row)


def _trusted(row: IssuerKeys) -> Mapping[str, Jwk]:
    """The keys in the row, if they are not too old."""
    return _parsed(row.jwks) if _is_within(row.fetched, MAX_AGE) else {}


def _is_within(moment: datetime | None, span: timedelta) -> bool:
    """Whether ``moment`` is no longer ago than ``span``; one in the future is of a clock that has been set right."""
    return moment is not None and clock.now() - span < moment <= clock.now() + PAUSE


@lru_cache(maxsize=16)
def _parsed(text: str) -> Mapping[str, Jwk]:
    """Remembered by the text itself, so that no decision depends on it."""
    return jwk.keys_in(strict_json.parse_object(text, max_containers=fetch.MAX_CONTAINERS))


def _may_visit(row: IssuerKeys) -> datetime | None:
    """When the visit begins, if it is ours to make. One UPDATE decides (design, D1), and is committed before it."""
    now = clock.now()
    if _is_within(row.tried, PAUSE):
        return (
            None  # as the UPDATE would say, without writing: a flood of key ids does not become one of writes
        )
    with transaction.atomic(durable=True):
        if row.pk is None:
            IssuerKeys.objects.bulk_create([IssuerKeys(issuer=row.issuer)], ignore_conflicts=True)
        is_due = Q(tried=None) | Q(tried__lte=now - PAUSE) | Q(tried__gt=now + PAUSE)
        ours = IssuerKeys.objects.filter(is_due, issuer=row.issuer).update(tried=now, failed="")
    return now if ours else None


def _visit(url: str, began: datetime) -> None:
    """Fetch and store the keys, or why that failed; nothing, if another visit has begun since.

    They are as old as the visit's begin: a process that slept in between must not bring withdrawn keys back to life.
    """
    ours = IssuerKeys.objects.filter(issuer=url, tried=began)
    try:
        keys = _fetched(url)
    except Unreachable as error:
        ours.update(failed=error.reason[:_MAX_REASON])
        _report(url, error.reason)
    else:
        ours.update(jwks=json.dumps({"keys": keys}), fetched=began, failed="")


def _fetched(url: str) -> list[Mapping[str, object]]:
    """The issuer's usable keys, by way of its configuration; raises ``Unreachable``. Both have 5 seconds together."""
    begin = clock.monotonic()
    configuration = fetch.get_json(url.removesuffix("/") + _CONFIGURATION, seconds=fetch.SECONDS)
    if configuration.get("issuer") != url:
        raise Unreachable("the configuration is of another issuer")
    address = _keys_address(configuration.get("jwks_uri"), url)
    left = fetch.SECONDS - (clock.monotonic() - begin)
    document = fetch.get_json(address, seconds=max(left, 0.0))
    try:
        return [{"kid": kid, **key} for kid, key in jwk.keys_in(document).items()]
    except ValueError:
        raise Unreachable("the keys are no JWK Set") from None


def _keys_address(address: object, issuer: str) -> str:
    """``jwks_uri``, if we go there: no issuer sends us to this machine or network unless it is there itself (W25)."""
    if not isinstance(address, str):
        raise Unreachable("the configuration does not say where the keys are")
    there, home = fetch.checked_url(address), urlsplit(issuer)
    if (there.scheme, there.netloc) == (home.scheme, home.netloc):
        return address
    host = there.hostname or ""
    if there.scheme != "https" or not (host == home.hostname or fetch.is_public_name(host)):
        raise Unreachable("the configuration names an address for the keys that is not to be trusted")
    return address


def _report(url: str, reason: str) -> None:
    """To the log; as an error once there are no keys that could be used instead."""
    facts = {"issuer": url, "reason": reason}
    if _trusted(_row(url)):
        _log.warning(
            "the keys of an identity provider could not be fetched; going on with the old ones", extra=facts
        )
    else:
        _log.error(
            "the keys of an identity provider could not be fetched and are missing or too old", extra=facts
        )


def _refuse(row: IssuerKeys) -> NoReturn:
    now = clock.now()
    tried = row.tried or now
    is_done = row.failed or row.fetched == tried
    if not is_done and now < tried + ATTEMPT:
        raise Refused(
            "issuer_keys_pending",
            _("The identity provider is being asked for its keys. Try again in a second."),
            retry_after=1,
        )
    wait = max(1, int((tried + PAUSE - now).total_seconds()) + 1)
    if row.failed or not is_done:
        raise Refused(
            "issuer_unreachable",
            _("The identity provider could not be asked for its keys. Try again in a minute."),
            retry_after=wait,
        )
    raise _unknown(retry_after=wait)


def _unknown(*, retry_after: int | None) -> Refused:
    return Refused(
        "issuer_key_unknown",
        _("The identity token names a key that its identity provider does not have."),
        retry_after=retry_after,
    )
