"""Turning a template, and the form on it, into an answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from strongroom.web.forms.base import Form


def show(request: HttpRequest, template: str, **values: Any) -> HttpResponse:
    """The page of ``template``."""
    return render(request, f"web/{template}", values)


def show_form(request: HttpRequest, template: str, form: Form, **values: Any) -> HttpResponse:
    """The page of ``template`` with ``form``, under the status that the form has come to."""
    response = render(request, f"web/{template}", {"form": form, **values}, status=form.status)
    if form.retry_after is not None:
        response.headers["Retry-After"] = str(form.retry_after)
    return response
