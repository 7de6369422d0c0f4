"""``GET /api/openapi.json``: the JSON API as an OpenAPI 3.1 document, made from the table of endpoints."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, partial
from importlib.metadata import version
from typing import Any, Final

import msgspec
import orjson
from django.conf import settings

from strongroom.api.described import JSON, PASSWORD, TOKEN, Description
from strongroom.api.endpoint import NO_STORE, Call, Endpoint, refusal
from strongroom.api.http import Answer
from strongroom.kernel.refused import Refused

PATH: Final = "/api/openapi.json"

_REF: Final = "#/components/schemas/{name}"
_OF_BODIES: Final = ("body_stalled", "body_too_large", "body_truncated")
_INTRO: Final = (
    "What programs ask this index, beside uploading (`/legacy/`) and installing (`/simple/`). Whatever is refused has a "
    "stable code, in the header `strongroom-refusal` of each answer and mostly in its body; docs/refusals.md tells them all."
)
_SCHEMES: Final = {
    TOKEN: {"type": "http", "scheme": "bearer", "description": "An API token of this index."},
    "tokenAsPassword": {
        "type": "http",
        "scheme": "basic",
        "description": "The same API token as a password, with the username `__token__`.",
    },
    PASSWORD: {
        "type": "http",
        "scheme": "basic",
        "description": "Username and password, where the site and the account still take those.",
    },
}
_DESCRIBED: Final = Description(
    id="openapi", summary="This document", answer=dict[str, Any], codes=(), media=JSON
)

Table = Mapping[str, Mapping[str, Endpoint]]


def endpoint(table: Table) -> Endpoint:
    """The endpoint that describes ``table``, itself included once it stands there."""

    @cache
    def made() -> bytes:
        return orjson.dumps(document(table))

    def answer(_call: Call) -> Answer:
        return Answer(200, made(), (NO_STORE,), JSON.encode())

    return Endpoint(answer=answer, refusal=refusal, described=_DESCRIBED)


def document(table: Table) -> dict[str, Any]:
    """The document of all endpoints of ``table``."""
    operations = [one for methods in table.values() for one in methods.values()]
    _, shapes = msgspec.json.schema_components(_shapes(operations), ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Strongroom", "version": version("strongroom"), "description": _INTRO},
        "servers": [{"url": settings.CONFIG.base_url}],
        "paths": {
            path: {method.lower(): _operation(path, one) for method, one in methods.items()}
            for path, methods in table.items()
        },
        "components": {"schemas": shapes, "securitySchemes": _SCHEMES},
    }


def _shapes(operations: Iterable[Endpoint]) -> list[Any]:
    told = [one.described for one in operations]
    shapes = [shape for one in told for shape in (one.answer, one.body, one.refused) if shape is not None]
    return [*dict.fromkeys(shapes)]


def _operation(path: str, one: Endpoint) -> dict[str, Any]:
    told = one.described
    found: dict[str, Any] = {
        "operationId": told.id,
        "summary": told.summary,
        "tags": [path.split("/")[2] if path.startswith("/api/") else "publishing"],
        "security": [{scheme: []} for scheme in told.credentials],
        "responses": {str(told.status): _success(told), **_refusals(one), "default": _failure()},
    }
    if told.detail:
        found["description"] = told.detail
    if told.parameters:
        found["parameters"] = [
            {
                "name": parameter.name,
                "in": "query",
                "required": parameter.required,
                "description": parameter.meaning,
                "schema": dict(parameter.schema),
            }
            for parameter in told.parameters
        ]
    if told.body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {told.body_media: {"schema": _schema(told.body)}},
        }
    return found


def _success(told: Description) -> dict[str, Any]:
    if told.answer is None:
        return {"description": "Done."}
    return {"description": "The answer.", "content": {told.media: {"schema": _schema(told.answer)}}}


def _refusals(one: Endpoint) -> dict[str, Any]:
    """By status, which the endpoint's own way of refusing tells."""
    codes = [*one.described.codes, *(_OF_BODIES if one.max_body else ())]
    by_status: dict[int, list[str]] = defaultdict(list)
    media = JSON
    for refused in map(partial(Refused, message=""), sorted(set(codes))):
        given = one.refusal(refused)
        by_status[given.status].append(refused.code)
        media = given.content_type.decode()
    shape = _schema(one.described.refused)
    return {str(status): _refusal(by_status[status], shape, media) for status in sorted(by_status)}


def _refusal(codes: list[str], shape: dict[str, Any], media: str) -> dict[str, Any]:
    header = {"description": "The code of the refusal.", "schema": {"type": "string", "enum": codes}}
    return {
        "description": f"Refused: {', '.join(f'`{code}`' for code in codes)}.",
        "headers": {"strongroom-refusal": header},
        "content": {media: {"schema": shape}},
    }


def _failure() -> dict[str, Any]:
    """Answers of 5xx, which have no code of a refusal: ``endpoints``."""
    return {"description": "It went wrong here, or cannot be done now (503): try again later."}


def _schema(shape: Any) -> dict[str, Any]:
    (found,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    return found
