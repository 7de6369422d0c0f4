"""Tokens that are good for a number of uses."""

import hashlib
from dataclasses import dataclass

from django.db import connection
from django.db.models import F

from strongroom.kernel.refused import Refused
from strongroom.prepared.query import Query
from strongroom.tokens.models import Token, TokenUses

# One statement counts, or returns no row because there is nothing left to count (design, D1; TK-21).
_SPEND = """
    INSERT INTO tokens_tokenuses AS uses (token_id, chain, count) VALUES (%(token)s, %(chain)s, 1)
    ON CONFLICT (token_id, chain) DO UPDATE SET count = uses.count + 1 WHERE uses.count < %(limit)s
    RETURNING count
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """A caveat that limits the uses of a token: which one (see ``TokenUses.chain``), and to how many."""

    chain: str
    limit: int


def allowance(signature: bytes, limit: int) -> Allowance:
    """The allowance of the caveat after which the chain of signatures stands at ``signature``."""
    return Allowance(hashlib.sha256(signature).hexdigest(), limit)


def require_left(token_id: int, allowances: tuple[Allowance, ...]) -> None:
    """Raises ``Refused`` (``token_used_up``) where there is no use left now; costs nothing for tokens without a number."""
    for allowed in allowances:
        row = _COUNT.first(token=token_id, chain=allowed.chain)
        if row is not None and row[0] >= allowed.limit:
            raise _used_up()


def left(token_id: int, allowances: tuple[Allowance, ...]) -> int | None:
    """How many uses are left now; ``None`` for tokens without a number."""
    counts = [
        allowed.limit - (row[0] if (row := _COUNT.first(token=token_id, chain=allowed.chain)) else 0)
        for allowed in allowances
    ]
    return min(counts, default=None)


def spend(token_id: int, allowances: tuple[Allowance, ...]) -> None:
    """Count one use, in the transaction of what it is used for; raises ``Refused``: ``token_used_up``, ``token_invalid``.

    The token's row is held first: whoever revokes it meanwhile waits, and finds every use that has to go with it.
    """
    if allowances and not Token.objects.filter(pk=token_id).update(reminded=F("reminded")):
        raise Refused("token_invalid", "This API token was revoked just now.")
    for allowed in allowances:
        with connection.cursor() as cursor:
            cursor.execute(_SPEND, {"token": token_id, "chain": allowed.chain, "limit": allowed.limit})
            if cursor.fetchone() is None:
                raise _used_up()


def _used_up() -> Refused:
    return Refused(
        "token_used_up",
        "This API token was good for a number of uses, and they are used up. Use another one.",
    )


_COUNT = Query(
    lambda token, chain: TokenUses.objects.filter(token_id=token, chain=chain).values_list("count"),
    token=int,
    chain=str,
)
