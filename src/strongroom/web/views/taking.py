"""What people take away from a history: the file with all of it, the receipt of one event, the key that checks receipts."""

import orjson
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language

from strongroom.accounts import find as people
from strongroom.audit import query, sealing
from strongroom.audit.search import EVERYTHING, Scope
from strongroom.kernel import clock
from strongroom.projects import access
from strongroom.web.asking import Request, user_of
from strongroom.web.audit import receipts, searching, takeout
from strongroom.web.audit.takeout import Format, Takeout
from strongroom.web.flow import Flow

_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",  # RFC 4180 §3
    Format.JSONL: "application/jsonl; charset=utf-8",
}


def account_download(request: Request) -> HttpResponseBase:
    """One's own history as a file."""
    user = user_of(request)
    return _download(request, Scope(user_id=user.pk), name=f"account-{user.username}")


def project_download(request: Request, name: str) -> HttpResponseBase:
    """The history of a project as a file, for its owners."""
    project = access.owned_by(user_of(request).pk, name)
    return _download(request, Scope(project=project.normalized), name=f"project-{project.normalized}")


def operate_download(request: Request) -> HttpResponseBase:
    """The whole trail as a file."""
    return _download(request, EVERYTHING, name="everything")


def account_receipt(request: Request, serial: int) -> HttpResponse:
    """The receipt of an event of one's own account."""
    return _receipt(request, Scope(user_id=user_of(request).pk), serial)


def project_receipt(request: Request, name: str, serial: int) -> HttpResponse:
    """The receipt of an event of a project, for its owners."""
    project = access.owned_by(user_of(request).pk, name)
    return _receipt(request, Scope(project=project.normalized), serial)


def operate_receipt(request: Request, serial: int) -> HttpResponse:
    """The receipt of any event."""
    return _receipt(request, EVERYTHING, serial)


def audit_key(request: Request) -> HttpResponse:
    """The public key that checks receipts and seals: 64 hex digits (Ed25519, RFC 8032)."""
    return HttpResponse(f"{sealing.public_key()}\n", content_type="text/plain; charset=utf-8")


def _download(request: Request, scope: Scope, *, name: str) -> HttpResponseBase:
    """The file, with how many events to expect in its headers. Looking at those alone (HEAD) takes nothing."""
    kind = _format(request)
    asked = _asked(request, scope)
    wanted = query.parse(asked, scope, person=people.id_of)
    prepared = takeout.prepare(scope, wanted)
    answer: HttpResponseBase
    if request.method == "HEAD":
        answer = HttpResponse()
    else:
        filters = ", ".join(f"{field}={value}" for field, value in asked.items())
        takeout.note(prepared, kind, filters=filters, by=request.actor)
        answer = Flow(takeout.parts(prepared, kind, language=get_language() or "en"))
    return _described(answer, prepared, kind, name=name)


def _asked(request: Request, scope: Scope) -> dict[str, str]:
    """The filters of the page that leads here, as typed."""
    typed = searching.parameters({name: str(value).strip() for name, value in request.GET.items()})
    return {field: typed[field] for field in query.fields_of(scope) if typed.get(field)}


def _described(answer: HttpResponseBase, prepared: Takeout, kind: Format, *, name: str) -> HttpResponseBase:
    filename = f"strongroom-{name}-{clock.now():%Y-%m-%d}.{kind.value}"
    answer.headers["Content-Type"] = _TYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    answer.headers["X-Event-Up-To"] = str(prepared.up_to)
    answer.headers["X-Event-Count"] = str(prepared.expected.count)
    answer.headers["X-Event-Count-Is"] = "exact" if prepared.expected.exact else "estimate"
    return answer


def _format(request: Request) -> Format:
    try:
        return Format(request.GET.get("format", Format.CSV))
    except ValueError:
        raise Http404 from None


def _receipt(request: Request, scope: Scope, serial: int) -> HttpResponse:
    entry = receipts.find(scope, serial)
    if entry is None:
        raise Http404
    document = receipts.receipt(entry, scope, by=request.actor)
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    answer = HttpResponse(text, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="strongroom-receipt-{serial}.json"'
    return answer
