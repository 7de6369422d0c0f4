"""``/api/audit/``: the audit trail for programs, with its seals."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from strongroom.accounts import find as people
from strongroom.api import audit_shapes as shapes
from strongroom.api import bodies
from strongroom.api.endpoint import Call, Endpoint, as_json, headers_of, refusal
from strongroom.api.http import Answer
from strongroom.api.refusals import status_of
from strongroom.audit import query, reading, sealing, search
from strongroom.audit.document import document
from strongroom.audit.horizon import horizon
from strongroom.audit.proof import seal as proof
from strongroom.audit.query import Place
from strongroom.audit.sealed import newest_sound
from strongroom.audit.search import Filter, Scope
from strongroom.kernel.refused import Refused
from strongroom.publish import auditing

EVENTS: Final = "/api/audit/events"
SEALS: Final = "/api/audit/seals"
HEAD: Final = "/api/audit/head"
KEY: Final = "/api/audit/key"

_OF_SEALS: Final = ("after", "limit")


def events(call: Call) -> Answer:
    """Events of one scope. Who asks comes first: nobody learns from strangers' parameters what there is."""
    auditor = auditing.auditor(call.header("authorization"), origin=call.origin)
    asked = bodies.query(call)
    kind = asked.pop("scope", "") or auditing.ACCOUNT
    project = asked.pop("project", "") if kind == auditing.PROJECT else ""
    scope = auditor.scope(kind, project=project)
    place, mistakes = _place(asked)
    wanted, others = query.read(asked, scope, person=people.id_of)
    mistakes += [*others, *_unknown(asked, ("scope", *query.fields_of(scope), *query.PLACES))]
    return _mistaken(mistakes) if mistakes else as_json(200, _page(scope, wanted, place))


def seals(call: Call) -> Answer:
    """The statements of seals, by number."""
    auditor = auditing.auditor(call.header("authorization"), origin=call.origin)
    auditor.require_operator()
    asked = bodies.query(call)
    mistakes = _unknown(asked, _OF_SEALS)
    place, others = _place({name: asked[name] for name in _OF_SEALS if name in asked})
    if mistakes or others:
        return _mistaken([*mistakes, *others])
    after = place.after or 0
    found = [
        proof.to_document(seal) for seal in islice(reading.seals(after=after, leaves=False), place.limit)
    ]
    return as_json(200, {"seals": found, "next": found[-1]["number"] if found else after})


def head(call: Call) -> Answer:
    """The newest seal, for whoever may read any of the trail; none where somebody has put something else in its place."""
    auditing.auditor(call.header("authorization"), origin=call.origin)
    newest = newest_sound()
    if newest is None:
        return as_json(200, {"seal": None})
    found = next(reading.seals(after=newest.number - 1, leaves=False), None)
    return as_json(200, {"seal": proof.to_document(found) if found else None})


def key(_call: Call) -> Answer:
    """The public key of the seals, for anybody."""
    return as_json(200, shapes.Key(algorithm="Ed25519", key=sealing.public_key()))


ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    EVENTS: Endpoint(answer=events, refusal=refusal, searches=True, described=shapes.EVENTS),
    SEALS: Endpoint(answer=seals, refusal=refusal, searches=True, described=shapes.SEALS),
    HEAD: Endpoint(answer=head, refusal=refusal, searches=True, described=shapes.HEAD),
    KEY: Endpoint(answer=key, refusal=refusal, described=shapes.KEY),
}
"""By path; all are for GET."""


def _page(scope: Scope, wanted: Filter, place: Place) -> dict[str, object]:
    """Oldest first, what is not settled stays out: it could appear behind a cursor that has passed it."""
    settled = horizon()
    if place.after is None:
        found = search.newest(scope, wanted, before=place.before, limit=place.limit)
        cursor = found[-1].serial if len(found) == place.limit else None
    else:
        found = search.oldest(scope, wanted, after=place.after, up_to=settled, limit=place.limit)
        cursor = found[-1].serial if len(found) == place.limit else max(place.after, settled)
    return {"events": [document(entry, scope) for entry in found], "next": cursor, "horizon": settled}


def _place(asked: Mapping[str, str]) -> tuple[Place, list[Refused]]:
    """Each parameter for itself, and then together, so that every mistake is told."""
    usual = {"limit": str(shapes.DEFAULT_LIMIT)}
    given = {name: asked[name] for name in query.PLACES if asked.get(name)}
    mistakes: list[Refused] = []
    for some in [{name: value} for name, value in given.items()]:
        mistakes += _refused_place(some)
    if mistakes:
        return Place(), mistakes
    mistakes += _refused_place(given)
    return (Place() if mistakes else query.place(usual | given)), mistakes


def _refused_place(given: Mapping[str, str]) -> Iterator[Refused]:
    try:
        query.place(given)
    except Refused as mistake:
        yield mistake


def _unknown(asked: Mapping[str, str], known: Sequence[str]) -> list[Refused]:
    return [
        Refused(
            "audit_filter_unknown",
            f"There is no such parameter here. There are: {', '.join(known)}.",
            field=name,
        )
        for name in asked
        if name not in known
    ]


def _mistaken(mistakes: Sequence[Refused]) -> Answer:
    """The refusal of a query, with all that is wrong with it."""
    first = mistakes[0]
    errors = [shapes.Mistake(field=one.field or "", code=one.code, message=one.message) for one in mistakes]
    told = shapes.RefusedQuery(message=first.message, code=first.code, errors=errors)
    return as_json(status_of(first), told, *headers_of(first))
