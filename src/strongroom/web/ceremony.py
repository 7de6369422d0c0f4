"""Pages on which the browser asks for a security key: what ``webauthn.js`` needs from them, and the options that it fetches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Literal

from django.http import Http404, JsonResponse

from strongroom.factors import keys
from strongroom.kernel.refused import Refused
from strongroom.web.asking import Request
from strongroom.web.refusals import status_of


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A form that asks for a key.

    ``options`` is the path where its options are fetched; ``at_once``: as soon as the page is there; ``autofill``: also
    in the browser's list of usernames.
    """

    kind: Literal["create", "get"]
    options: str
    at_once: bool = False
    autofill: bool = False


def refusals_as_json(view: Callable[..., JsonResponse]) -> Callable[..., JsonResponse]:
    """``view``, whose refusals are answered as JSON: ``code`` and ``message``."""

    @wraps(view)
    def answer(request: Request, **values: object) -> JsonResponse:
        try:
            return view(request, **values)
        except Refused as refusal:
            told = {"code": refusal.code, "message": refusal.message}
            response = JsonResponse(told, status=status_of(refusal))
            if refusal.retry_after is not None:
                response.headers["Retry-After"] = str(refusal.retry_after)
            return response

    return answer


def require_offered() -> None:
    """Raises ``Http404`` where this instance takes no security keys."""
    if not keys.are_offered():
        raise Http404
