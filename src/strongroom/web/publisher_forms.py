"""Adding a publisher, in two steps: whose identity tokens, then what they must say."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.datastructures import MultiValueDict

from strongroom.kernel.sections import Feature
from strongroom.trust import adding as trust_adding
from strongroom.trust import identity, issuers
from strongroom.trust.issuers import KnownIssuer
from strongroom.web import trust_words
from strongroom.web.asking import Request
from strongroom.web.forms.base import Form
from strongroom.web.forms.trust import OF_IDENTITY, AddPublisher
from strongroom.web.pages import sent


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider that can be chosen. ``key`` is its kind where it came with the program, else its URL."""

    key: str
    issuer: KnownIssuer
    chosen: bool


@dataclass(frozen=True, slots=True)
class Adding:
    """Both steps: the providers, and the form of the one that is chosen, which is an empty one while none is."""

    choices: list[Choice]
    issuer: KnownIssuer | None
    form: Form


def is_on() -> bool:
    """Whether this site takes trusted publishers."""
    return identity.is_on()


def is_beta() -> bool:
    """Whether it says that they are new."""
    return settings.CONFIG.trusted_publishing.enabled is Feature.BETA


def adding(request: Request, form_class: type[AddPublisher]) -> Adding:
    """The step that the request has come to; ``?provider=`` chooses, other values of the query fill the fields in."""
    known = issuers.known() if is_on() else []
    asked = _asked(request)
    chosen = _named(asked, known)
    if chosen is None and len(known) == 1 and not asked:
        chosen = known[0]
    choices = [Choice(_keys(issuer)[-1], issuer, issuer == chosen) for issuer in known]
    return Adding(choices, chosen, _form(request, chosen, form_class))


def _named(asked: str, known: list[KnownIssuer]) -> KnownIssuer | None:
    return next((issuer for issuer in known if asked in _keys(issuer)), None)


def _asked(request: Request) -> str:
    return (request.POST if request.method == "POST" else request.GET).get("provider", "")


def _keys(issuer: KnownIssuer) -> tuple[str, ...]:
    return (issuer.url, issuer.kind) if issuer.preset else (issuer.url,)


def _form(request: Request, issuer: KnownIssuer | None, form_class: type[AddPublisher]) -> Form:
    typed = sent(request)
    if issuer is not None:
        return form_class(typed, issuer=issuer, prefill=_prefill(request))
    form = Form(typed)
    if form.is_valid():  # sent without a provider
        with form.refusals():
            trust_adding.choose(_asked(request))
    return form


def _prefill(request: Request) -> dict[str, str]:
    """What a link fills in: nobody but whoever follows it sends the form."""
    return {name: str(value) for name, value in request.GET.items() if str(value).isprintable()}


def in_words(typed: Mapping[str, list[str]]) -> tuple[str, tuple[str, ...]]:
    """What a kept form would add: the publisher in words, and line by line."""
    values = MultiValueDict(typed)
    issuer = _named(str(values.get("provider") or ""), issuers.known())
    if issuer is None:
        return str(values.get("provider") or ""), ()
    wanted = {
        field.name: str(values.get(f"{OF_IDENTITY}{field.name}") or "") for field in issuer.reading.fields
    }
    return issuer.reading.describe(wanted), (issuer.name, *trust_words.sentences_of(issuer, wanted))
