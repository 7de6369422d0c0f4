"""The operators' page that tells who downloaded files from a private site."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse

from strongroom.audit import downloaded
from strongroom.audit.models import Download
from strongroom.kernel import clock
from strongroom.web.asking import Request
from strongroom.web.audit.downloaded import as_csv
from strongroom.web.forms.downloads import WhoDownloaded
from strongroom.web.pages import sent, show_form

_SHOWN = 500
_MONTH = timedelta(days=30)


def downloads(request: Request) -> HttpResponse:
    """The question, and its answer as a list or as CSV; it is sent as a form, since digests are long."""
    now = clock.now()
    form = WhoDownloaded(sent(request), initial={"since": now - _MONTH, "until": now + timedelta(minutes=1)})
    if form.is_valid():
        with form.refusals():
            rows = downloaded.ask(form.question(), by=request.actor)
            return _csv(rows) if request.POST.get("as") == "csv" else _page(request, form, rows)
    return _page(request, form, None)


def _page(request: Request, form: WhoDownloaded, rows: list[Download] | None) -> HttpResponse:
    return show_form(
        request,
        "operate/downloads.html",
        form,
        is_private=settings.CONFIG.site.access != "public",
        asked=rows is not None,
        rows=(rows or [])[:_SHOWN],
        count=len(rows or []),
        people=len({row.user_id for row in rows or []}),
        shown=_SHOWN,
    )


def _csv(rows: list[Download]) -> HttpResponse:
    return HttpResponse(
        as_csv(rows),
        content_type="text/csv; charset=utf-8; header=present",  # RFC 4180 §3
        headers={"Content-Disposition": 'attachment; filename="downloads.csv"'},
    )
