"""The one table of the JSON API: paths and methods, and what answers them."""

from collections.abc import Callable, Mapping

from strongroom.api import (
    audit,
    device,
    held_token,
    leak_reports,
    openapi,
    trusted,
    trusted_shapes,
    yank,
)
from strongroom.api.described import Description
from strongroom.api.endpoint import MAX_BODY, Call, Endpoint, refusal
from strongroom.api.endpoints import Methods
from strongroom.api.http import Answer
from strongroom.kernel.refused import Refused

Answering = Callable[[Call], Answer]
Refusing = Callable[[Refused], Answer]

_REPORT = Endpoint(
    answer=leak_reports.disclose,
    refusal=refusal,
    max_body=leak_reports.MAX_BODY,
    visits=True,
    described=leak_reports.DESCRIBED,
)


def table(*, heard: Callable[[int], None]) -> Mapping[str, Methods]:
    """Whoever makes a new endpoint adds it here; methods that are not here are answered with 405, other paths with 404.

    ``heard`` is told the journal's serial of each change, so that this process serves it from then on.
    """
    found: dict[str, Methods] = {
        trusted.DISCOVER: {
            "GET": _reading(trusted.discover, trusted_shapes.DISCOVER, refusing=trusted.problem)
        },
        trusted.AUDIENCE: {"GET": _reading(trusted.audience, trusted_shapes.AUDIENCE)},
        trusted.MINT: {"POST": _minting(trusted_shapes.MINT)},
        trusted.MINT_GITHUB: {"POST": _minting(trusted_shapes.MINT_GITHUB)},
        trusted.BURN: {"POST": _taking(trusted.burn, trusted_shapes.BURN, refusing=trusted.refusal)},
        held_token.PATH: {
            "GET": _reading(held_token.show, held_token.SHOW),
            "DELETE": _reading(held_token.revoke, held_token.REVOKE),
        },
        yank.PATH: {"POST": yank.endpoint(heard)},
        leak_reports.PATH: {"POST": _REPORT},
        device.CODE: {"POST": _taking(device.begin, device.BEGIN, refusing=device.refusal)},
        device.TOKEN: {"POST": _taking(device.finish, device.FINISH, refusing=device.refusal)},
        **{path: {"GET": endpoint} for path, endpoint in audit.ENDPOINTS.items()},
    }
    found[openapi.PATH] = {"GET": openapi.endpoint(found)}
    return found


def _reading(answer: Answering, described: Description, *, refusing: Refusing = refusal) -> Endpoint:
    return Endpoint(answer=answer, refusal=refusing, described=described)


def _taking(answer: Answering, described: Description, *, refusing: Refusing) -> Endpoint:
    return Endpoint(answer=answer, refusal=refusing, max_body=MAX_BODY, described=described)


def _minting(described: Description) -> Endpoint:
    return Endpoint(
        answer=trusted.mint, refusal=trusted.refusal, max_body=MAX_BODY, visits=True, described=described
    )
