"""Turning a template, and the form on it, into an answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from strongroom.web.forms.base import Form

_LONGEST_QUERY = 200


def sent(request: HttpRequest) -> QueryDict | None:
    """The form that was sent, empty ones too; nothing where the page was only asked for."""
    return request.POST if request.method == "POST" else None


def query_of(request: HttpRequest) -> str:
    """What was typed into a search box, without what no database takes (NUL)."""
    return request.GET.get("q", "").replace("\0", "").strip()[:_LONGEST_QUERY]


def show(request: HttpRequest, template: str, **values: Any) -> HttpResponse:
    """The page of ``template``."""
    return render(request, f"web/{template}", values)


def show_form(request: HttpRequest, template: str, form: Form, **values: Any) -> HttpResponse:
    """The page of ``template`` with ``form``, under the status that the form has come to."""
    response = render(request, f"web/{template}", {"form": form, **values}, status=form.status)
    if form.retry_after is not None:
        response.headers["Retry-After"] = str(form.retry_after)
    return response
