"""The sections of the configuration: each a table of the TOML file, each setting with its meaning."""

import ipaddress
import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.secrets import Secret


def _require_contact(setting: str, contact: str) -> None:
    """Raises ``ValueError`` for what pages must not link to (RFC 9116 §2.5.3: HTTPS where it is a web address)."""
    is_address = "@" in contact and not set(contact) & set(":/ ")
    if contact and not is_address and not contact.startswith("https://"):
        raise ValueError(f"{setting}: must be an email address or begin with https://")


class SiteKind(StrEnum):
    """What an instance is for; a test site says so on every page and keeps search engines out."""

    PRODUCTION = "production"
    TEST = "test"


class ByteSize(int):
    """A number of bytes, written as such or with a unit: ``10GiB``, ``500MB``."""

    _UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}

    @classmethod
    def parse(cls, written: object) -> "ByteSize":
        """Raises ``ValueError`` for what is no positive size."""
        found = re.fullmatch(r"(\d+)\s*([a-z]*)", str(written).strip().lower(), re.ASCII)
        if found is None or found[2] not in cls._UNITS or int(found[1]) == 0:
            raise ValueError("Expected a size such as `500MiB` or `10GiB`")
        return cls(int(found[1]) * cls._UNITS[found[2]])


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the TOML file."""


class Site(Section, frozen=True, kw_only=True):
    """How the instance presents itself."""

    name: Annotated[str, Meta(min_length=1, max_length=60)] = "Strongroom"
    """Shown in the header of every page and in every mail."""
    kind: SiteKind = SiteKind.PRODUCTION
    """``test`` adds a banner to every page and asks search engines to stay out."""
    access: Literal["public", "private"] = "public"
    """``private``: only people with an account see projects, and installers need an API token that may read."""
    base_url: str = ""
    """The address that people use, without a trailing slash; ``http://localhost:PORT`` if empty."""
    security_contact: str = ""
    """Where to report a security hole: an email address or an https address."""
    bug_contact: str = ""
    """Where to report any other bug: an email address or an https address."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for a base URL that is more, or less, than an origin."""
        parts = urlsplit(self.base_url)
        if self.base_url and not (
            parts.scheme in {"http", "https"} and parts.hostname and self._is_bare(parts)
        ):
            raise ValueError(
                "base_url: must be like https://index.example, without a path or a slash at its end"
            )
        if not self.base_url.isascii():  # browsers spell origins so, and security keys are bound to them
            raise ValueError("base_url: must be in ASCII; write an international name as xn--…")
        _require_contact("security_contact", self.security_contact)
        _require_contact("bug_contact", self.bug_contact)

    @staticmethod
    def _is_bare(parts: SplitResult) -> bool:
        return not (parts.path or parts.query or parts.fragment or parts.username)


class Server(Section, frozen=True, kw_only=True):
    """How the server listens."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    """The port to listen on."""
    workers: Annotated[int, Meta(ge=1)] = 1
    """How many worker processes answer requests."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks of reverse proxies whose ``X-Forwarded-For`` is believed."""
    tls_certificate: str = ""
    """A PEM file with the certificate chain, to speak HTTPS without a proxy; empty: HTTP."""
    tls_key: str = ""
    """The PEM file with its private key."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for a proxy that is no network, and for half of a certificate and key."""
        for network in self.trusted_proxies:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ValueError(f"trusted_proxies: {error}") from None
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("tls_key: goes together with tls_certificate")


class Mail(Section, frozen=True, kw_only=True):
    """The SMTP server; without one, mail goes to the terminal and to ``outbox/`` in the data folder."""

    host: str = ""
    """Name of the SMTP server; empty for none."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    """Its port."""
    username: str = ""
    """The user to sign in as; empty for none."""
    password: Secret = Secret("")
    """The password to sign in with."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted."""
    sender: str = "strongroom@localhost"
    """The address that mail comes from."""


class Accounts(Section, frozen=True, kw_only=True):
    """Rules for accounts."""

    registration: Literal["open", "closed"] = "open"
    """``closed``: only an operator adds people (``strongroom user add``)."""
    session_idle_minutes: Annotated[int, Meta(ge=1)] = 30
    """A session that is not used for so long asks to sign in again."""
    session_hours: Annotated[int, Meta(ge=1)] = 12
    """A session ends after so long, however much it is used."""
    breached_passwords_url: str = ""
    """A k-anonymity range service of breached passwords, called as URL + first five hex digits of the SHA-1; empty: off."""


class Switch(StrEnum):
    """``on``, ``off``, or ``auto`` for what fits the rest of the configuration."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class Feature(StrEnum):
    """Whether a feature is there; ``beta`` says so wherever it is shown, with a link for feedback."""

    ON = "on"
    BETA = "beta"
    OFF = "off"


class SignIn(Section, frozen=True, kw_only=True):
    """How people sign in."""

    confirm_new_browsers: Switch = Switch.AUTO
    """Whether signing in from a new browser, with anything but a security key, waits for a mailed confirmation; ``auto``: where a mail server is configured."""
    two_factor: Literal["optional", "owners", "everyone"] = "optional"
    """Who must have two-factor sign-in: nobody, whoever owns a project, or everybody."""
    two_factor_from: date | None = None
    """The day (UTC, ``2027-01-31``) from which ``two_factor`` holds; until then pages announce it. Empty: it holds now."""


class Features(Section, frozen=True, kw_only=True):
    """What is offered, and what is offered as a beta."""

    webauthn: Feature = Feature.ON
    """Security keys and passkeys. ``off`` takes no new ones and asks for none; accounts that have some stay protected."""
    feedback: str = ""
    """Where people write about beta features: an email address or an https address; ``site.bug_contact`` if empty."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for what cannot be written to."""
        _require_contact("feedback", self.feedback)


class Recovery(Section, frozen=True, kw_only=True):
    """Getting back in after losing every second factor."""

    wait_hours: Annotated[int, Meta(ge=1)] = 72
    """How long a recovery waits, once it is vouched for, so that the owner of a stolen account can stop it."""


class Uploads(Section, frozen=True, kw_only=True):
    """What may be published, and how."""

    allowed: MayPublish = MayPublish.PASSWORDS
    """What may publish: ``passwords`` (and all below), ``tokens`` (and trusted publishers), ``trusted`` (publishers only).

    Operators, projects and accounts can be stricter, never laxer.
    """
    max_file_size: ByteSize = ByteSize(2 * 1024**3)
    """The largest file, in bytes or as ``100MiB``."""
    max_project_size: ByteSize = ByteSize(100 * 1024**3)
    """The most that all files of one project may take, in bytes or as ``10GiB``."""
    release_open_days: Annotated[int, Meta(ge=1)] = 14
    """A release takes new files for so long after its first one."""


class Tokens(Section, frozen=True, kw_only=True):
    """Rules for API tokens."""

    max_days: Annotated[int, Meta(ge=0, le=36500)] = 0
    """How long a token may last at most; then each must have an end. 0: it may last for ever, if its owner wants it so."""


PROVIDERS = ("github", "gitlab", "google", "activestate")
"""The identity providers that come with the program."""


class TrustedPublishing(Section, frozen=True, kw_only=True):
    """Publishing with the identity that a build service vouches for, without a token to keep."""

    enabled: Feature = Feature.ON
    """``off`` takes no identity tokens, whatever publishers there are."""
    providers: tuple[str, ...] = PROVIDERS
    """Which of the providers that come with the program are believed; operators can add others in their pages."""
    audience: str = ""
    """What identity tokens for this site must say they are for; the site's address if empty."""
    trust_root: str = ""
    """A file with the roots of trust for attestations (``trusted_root.json`` of Sigstore); the one that is shipped if empty."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for a provider that is not known."""
        if unknown := set(self.providers) - set(PROVIDERS):
            raise ValueError(
                f"providers: there is no {', '.join(sorted(unknown))}; known: {', '.join(PROVIDERS)}"
            )


class SecretScanning(Section, frozen=True, kw_only=True):
    """Reports of leaked API tokens by services that look for them."""

    keys_url: str = ""
    """Where the keys are listed with which the reports are signed, in the format of GitHub's secret scanning; empty: no reports."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for keys that anybody on the way could replace."""
        if self.keys_url and not self.keys_url.startswith(
            ("https://", "http://127.0.0.1:", "http://localhost:")
        ):
            raise ValueError("keys_url: must begin with https://")


_HEADER = re.compile(r"[A-Za-z0-9-]+ *=[\x20-\x7e]*")


class Audit(Section, frozen=True, kw_only=True):
    """The audit trail: how long what is kept, and where copies of it go."""

    pseudonymize_after_days: Annotated[int, Meta(ge=0, le=36500)] = 90
    """After so many days addresses and clients of events are gone, and pseudonyms stay. 0: never."""
    retention_days: dict[str, Annotated[int, Meta(ge=1, le=36500)]] = {}
    """Kinds of events (``session``, the tag up to the dot) whose content goes after so many days; all others stay for ever."""
    seals_file: str = "seals.jsonl"
    """A file to which every seal is appended, outside the database; relative to the data folder. Empty: none."""
    syslog: str = ""
    """Where each event is sent as syslog (RFC 5424): ``udp://HOST:514``, ``tcp://HOST:601`` or ``tls://HOST:6514``; empty: nowhere."""
    otlp_url: str = ""
    """Where each event is sent as an OpenTelemetry log record: the OTLP/HTTP endpoint, such as ``http://localhost:4318/v1/logs``; empty: nowhere."""
    otlp_headers: Secret = Secret("")
    """Headers that go with it, as ``name=value,name=value``."""
    webhook_networks: tuple[str, ...] = ()
    """Private networks to which webhooks may be sent, such as ``10.1.0.0/16``; otherwise they only go to public addresses, over HTTPS."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for what cannot be kept to."""
        if "audit" in self.retention_days:
            raise ValueError(
                "retention_days: events of the kind `audit` say what was redacted, so they stay for ever"
            )
        _require_address("syslog", self.syslog, {"udp", "tcp", "tls"})
        _require_address("otlp_url", self.otlp_url, {"http", "https"})
        if not all(_HEADER.fullmatch(pair.strip()) for pair in self.otlp_headers.split(",") if pair.strip()):
            raise ValueError("otlp_headers: must be name=value,name=value")
        for network in self.webhook_networks:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ValueError(f"webhook_networks: {error}") from None


def _require_address(setting: str, address: str, schemes: set[str]) -> None:
    """Raises ``ValueError`` for an address that is set and has no host, or another scheme."""
    parts = urlsplit(address)
    if address and not (parts.scheme in schemes and parts.hostname):
        raise ValueError(
            f"{setting}: must begin with {' or '.join(sorted(f'{scheme}://' for scheme in schemes))}"
        )
