"""When and from where tokens were last used, so that their owners can tell which are needed, and which were stolen."""

import ipaddress
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from strongroom.audit.trail import MAX_CLIENT, printable
from strongroom.kernel import clock
from strongroom.kernel.actor import Origin
from strongroom.prepared.insert import insert
from strongroom.tokens.models import Token, TokenNetwork
from strongroom.tokens.verify import VerifiedToken

_PRECISION = timedelta(minutes=1)
_MOST_NETWORKS = 200
"""Of one token; where there are more, such as for a build service's machines, a new one says nothing any more."""


def note(token: VerifiedToken, origin: Origin) -> bool:
    """Note the use of somebody's token, and say whether its network was never seen for it, though others were.

    Times are kept to the minute, so that parallel uploads do not queue for the row (TK-19).
    """
    if token.owner is None:
        return False
    now, network = clock.now(), network_of(origin.address)
    moved = network != token.last_use.network
    stale = now - _PRECISION
    if not moved and token.last_use.time is not None and token.last_use.time >= stale:
        return False
    unnoted = Q(last_used=None) | Q(last_used__lt=stale) | ~Q(last_network=network)
    Token.objects.filter(unnoted, pk=token.id).update(
        last_used=now,
        last_address=origin.address[:45],
        last_client=printable(origin.client)[:MAX_CLIENT],
        last_network=network,
    )
    return bool(network) and moved and _is_new(token, network) and token.last_use.time is not None


def network_of(address: str) -> str:
    """The network of an address, as coarse as providers hand them out: an IPv4 /24, an IPv6 /48."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    known = mapped or found
    return str(ipaddress.ip_network((known, 24 if known.version == 4 else 48), strict=False))


def _is_new(token: VerifiedToken, network: str) -> bool:
    """One insert decides which of several at once is the first."""
    if TokenNetwork.objects.filter(token_id=token.id).count() >= _MOST_NETWORKS:
        return False
    row = {"token_id": token.id, "network": network}
    try:
        with transaction.atomic():
            return insert(TokenNetwork, unless_taken=True, **row, first_used=clock.now()) is not None
    except IntegrityError:  # it was revoked just now
        return False
