"""The one table of the JSON API: paths and methods, and what answers them."""

from collections.abc import Callable, Mapping

from strongroom.api import device, held_token, leak_reports, trusted, yank
from strongroom.api.endpoint import MAX_BODY, Call, Endpoint, refusal
from strongroom.api.endpoints import Methods
from strongroom.api.http import Answer

_MINT = Endpoint(answer=trusted.mint, refusal=trusted.refusal, max_body=MAX_BODY, visits=True)
_REPORT = Endpoint(answer=leak_reports.disclose, refusal=refusal, max_body=leak_reports.MAX_BODY, visits=True)


def table(*, heard: Callable[[int], None]) -> Mapping[str, Methods]:
    """Whoever makes a new endpoint adds it here; methods that are not here are answered with 405, other paths with 404.

    ``heard`` is told the journal's serial of each change, so that this process serves it from then on.
    """
    return {
        trusted.DISCOVER: {"GET": Endpoint(answer=trusted.discover, refusal=trusted.problem)},
        trusted.AUDIENCE: {"GET": _reading(trusted.audience)},
        trusted.MINT: {"POST": _MINT},
        trusted.MINT_GITHUB: {"POST": _MINT},
        trusted.BURN: {"POST": Endpoint(answer=trusted.burn, refusal=trusted.refusal, max_body=MAX_BODY)},
        held_token.PATH: {"GET": _reading(held_token.show), "DELETE": _reading(held_token.revoke)},
        yank.PATH: {"POST": yank.endpoint(heard)},
        leak_reports.PATH: {"POST": _REPORT},
        device.CODE: {"POST": _for_devices(device.begin)},
        device.TOKEN: {"POST": _for_devices(device.finish)},
    }


def _reading(answer: Callable[[Call], Answer]) -> Endpoint:
    return Endpoint(answer=answer, refusal=refusal)


def _for_devices(answer: Callable[[Call], Answer]) -> Endpoint:
    return Endpoint(answer=answer, refusal=device.refusal, max_body=MAX_BODY)
