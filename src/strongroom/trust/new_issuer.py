"""What an operator types to add an OpenID provider, checked; and what to type for some of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.kernel import strict_json
from strongroom.kernel.refused import Refused
from strongroom.trust import fetch, jwk
from strongroom.trust.kinds.generic import alternatives
from strongroom.trust.models import MAX_ISSUER, MAX_NAME, Issuer

PRESETS: Final[Mapping[str, str]] = {
    "github": "https://token.actions.githubusercontent.com",
    "gitlab": "https://gitlab.com",
    "google": "https://accounts.google.com",
    "activestate": "https://platform.activestate.com/api/v1/oauth/oidc",
}
"""The issuers that come with the program, by their kind."""

KINDS: Final = ("github", "gitlab", "generic")
"""The kinds of issuers that operators can add."""

MAX_CLAIMS: Final = 20  # fields, rules and pins, each
MAX_KEYS: Final = 64 * 1024  # characters of static keys
_MAX_VALUE = 500
_CLAIM = re.compile(r"[A-Za-z0-9_./:-]{1,100}")
_OF_JWT = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})  # held against other things already
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # RFC 7518 §6


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssuer:
    """A provider to be. ``url`` is spelled as its tokens spell it in ``iss``; the rest as ``models.Issuer`` has it.

    A rule's value may be several, divided by ``|``, each of which may end with ``*`` for any rest.
    """

    url: str
    name: str
    kind: str
    fields: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    pins: tuple[str, ...] = ()
    static_keys: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What fits a well-known service; ``url`` shows what its issuers look like, ``note`` says what else to know."""

    title: str
    url: str
    kind: str
    fields: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    pins: tuple[str, ...] = ()
    note: Promise | str = ""


SUGGESTIONS: Final = (
    Suggestion(title="GitLab (self-managed)", url="https://gitlab.example.com", kind="gitlab"),
    Suggestion(
        title="GitHub Enterprise Server", url="https://github.example.com/_services/token", kind="github"
    ),
    Suggestion(
        title="Forgejo Actions",
        url="https://forgejo.example.com/api/actions",
        kind="generic",
        fields=("repository", "workflow"),
        rules={
            "event_name": "push | release | schedule | workflow_dispatch",
            "ref": "refs/heads/* | refs/tags/*",
        },
        pins=("repository_id", "repository_owner_id"),
        note=gettext_lazy("Workflows ask for a token with enable-openid-connect: true."),
    ),
    Suggestion(
        title="Buildkite",
        url="https://agent.buildkite.com",
        kind="generic",
        fields=("organization_slug", "pipeline_slug"),
        pins=("pipeline_id", "organization_id"),
        note=gettext_lazy(
            "Ids are in the token only if the job asks for them: buildkite-agent oidc request-token --claim pipeline_id,organization_id."
        ),
    ),
    Suggestion(
        title="Jenkins",
        url="https://jenkins.example.com/oidc",
        kind="generic",
        fields=("sub",),
        note=gettext_lazy("With the OpenID Connect Provider plugin; sub is the address of the job."),
    ),
    Suggestion(
        title="Kubernetes",
        url="https://kubernetes.example.com",
        kind="generic",
        fields=("sub",),
        pins=("kubernetes.io/serviceaccount/uid",),
        note=gettext_lazy(
            "sub is system:serviceaccount:NAMESPACE:NAME. A cluster that this site cannot reach needs its keys here."
        ),
    ),
)
"""For the operators' page, from what these services document of their identity tokens."""


def checked(new: NewIssuer) -> Issuer:
    """The row to be; raises ``Refused`` with the field at fault.

    Codes: ``issuer_url_invalid``, ``issuer_is_preset``, ``issuer_name_invalid``, ``issuer_kind_unknown``,
    ``issuer_claim_invalid``, ``issuer_pins_nothing``, ``issuer_keys_invalid``.
    """
    _check_url(new.url)
    name = new.name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise Refused("issuer_name_invalid", _("Give the provider a name."), field="name")
    if new.kind not in KINDS:
        raise Refused(
            "issuer_kind_unknown", _("Choose how the tokens of this provider are read."), field="kind"
        )
    _check_keys(new.static_keys.strip())
    row = Issuer(url=new.url, name=name, kind=new.kind, static_keys=new.static_keys.strip())
    if new.kind == "generic":
        _check_claims(new)
        row.fields, row.pins = list(new.fields), list(new.pins)
        row.rules = {claim: " | ".join(alternatives(value)) for claim, value in new.rules.items()}
    return row


def _check_url(url: str) -> None:
    try:
        parts = fetch.checked_url(url)
    except fetch.Unreachable:
        parts = None
    if parts is None or parts.query or set(url) & set("?#") or len(url) > MAX_ISSUER:
        raise Refused(
            "issuer_url_invalid",
            _(
                "Write the address that the tokens say in 'iss': https://, a host, perhaps a path, nothing else."
            ),
            field="url",
        )
    hosts = {urlsplit(preset).netloc for preset in PRESETS.values()}
    if parts.netloc.lower() in hosts and url.rstrip("/") in PRESETS.values():
        raise Refused(
            "issuer_is_preset",
            _("This provider comes with the program; the configuration switches it on and off."),
            field="url",
        )


def _check_claims(new: NewIssuer) -> None:
    for part, claims in (("fields", new.fields), ("rules", tuple(new.rules)), ("pins", new.pins)):
        _check_names(part, claims)
    for value in new.rules.values():
        if not alternatives(value) or len(value) > _MAX_VALUE or not value.isprintable():
            raise _bad_claim("rules")
    if not new.fields and not any(_pins(value) for value in new.rules.values()):
        raise Refused(
            "issuer_pins_nothing",
            _(
                "Name a claim that every publisher gives a value for: else anybody's token of this provider would do."
            ),
            field="fields",
        )


def _check_names(part: str, claims: Iterable[str]) -> None:
    listed = list(claims)
    if len(listed) > MAX_CLAIMS or len(set(listed)) != len(listed) or set(listed) & _OF_JWT:
        raise _bad_claim(part)
    if not all(_CLAIM.fullmatch(claim) for claim in listed):
        raise _bad_claim(part)


def _pins(value: str) -> bool:
    """Whether what is required is one of a few texts, not whatever begins somehow."""
    return all(not part.endswith("*") for part in alternatives(value))


def _bad_claim(part: str) -> Refused:
    return Refused(
        "issuer_claim_invalid",
        _(
            "Name up to %(count)d different claims by letters, digits and _ . / : -; iss, aud and times are checked anyway."
        )
        % {"count": MAX_CLAIMS},
        field=part,
    )


def _check_keys(text: str) -> None:
    if not text:
        return
    try:
        document = strict_json.parse_object(text[: MAX_KEYS + 1])
        usable = len(text) <= MAX_KEYS and jwk.keys_in(document)
    except ValueError:
        usable = False
        document = {}
    if not usable or _holds_private(document.get("keys")):
        raise Refused(
            "issuer_keys_invalid",
            _("Paste a JWK Set: public keys alone, each with a 'kid', of RSA, P-256, P-384 or Ed25519."),
            field="static_keys",
        )


def _holds_private(keys: object) -> bool:
    """Nobody is to be able to say that this site has somebody's private key."""
    return isinstance(keys, list) and any(isinstance(key, Mapping) and _PRIVATE & key.keys() for key in keys)
