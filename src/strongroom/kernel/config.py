"""One TOML file and the environment, checked together: every mistake is listed at once."""

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

from strongroom.kernel.secrets import Secret

_PREFIX = "STRONGROOM_"
_AS_SWITCHED = {"true": "on", "false": "off"}  # what people write for a switch, too
_NOT_SETTINGS = {"CRASH_AT"}  # for tests: see kernel.crashpoint


S = TypeVar("S", bound=msgspec.Struct)


class InvalidConfig(Exception):
    """The configuration cannot be used; ``mistakes`` says why, one sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


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

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for a proxy that is no network."""
        for network in self.trusted_proxies:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ValueError(f"trusted_proxies: {error}") from None


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

    passwords: Literal["allowed", "refused"] = "allowed"
    """Whether username and password may publish at all; each account can refuse them for itself."""
    max_file_size: ByteSize = ByteSize(2 * 1024**3)
    """The largest file, in bytes or as ``100MiB``."""
    max_project_size: ByteSize = ByteSize(100 * 1024**3)
    """The most that all files of one project may take, in bytes or as ``10GiB``."""
    release_open_days: Annotated[int, Meta(ge=1)] = 14
    """A release takes new files for so long after its first one."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole configuration. Sections are TOML tables; ``STRONGROOM_SECTION__KEY`` overrides each key."""

    config: Path | None = None
    """The TOML file (``--config``, ``STRONGROOM_CONFIG``)."""
    data: Path = Path("var")
    """The folder for database, blobs, keys and outbox (``--data``, ``STRONGROOM_DATA``)."""
    database_url: Secret = Secret("")
    """``postgresql://user:password@host/name``; empty: SQLite in the data folder."""
    site: Site = Site()
    server: Server = Server()
    mail: Mail = Mail()
    accounts: Accounts = Accounts()
    sign_in: SignIn = SignIn()
    features: Features = Features()
    recovery: Recovery = Recovery()
    uploads: Uploads = Uploads()

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for a database that is none of ours."""
        if self.database_url and urlsplit(self.database_url).scheme not in {"postgresql", "postgres"}:
            raise ValueError("database_url: must begin with postgresql://")

    @property
    def base_url(self) -> str:
        """The address that people use, without a trailing slash."""
        return self.site.base_url or f"http://localhost:{self.server.port}"

    @property
    def hostname(self) -> str:
        """The host in ``base_url``."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def origin(self) -> str:
        """``base_url`` as browsers spell an origin: without the port that is its scheme's own (RFC 6454 §6.2)."""
        parts = urlsplit(self.base_url)
        usual = {"http": 80, "https": 443}[parts.scheme]
        host = f"[{self.hostname}]" if ":" in self.hostname else self.hostname
        return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in {None, usual} else "")

    @property
    def is_https(self) -> bool:
        """Whether people reach the instance over HTTPS."""
        return self.base_url.startswith("https:")

    @property
    def confirms_new_browsers(self) -> bool:
        """Whether signing in from a new browser waits for a mailed confirmation."""
        if self.sign_in.confirm_new_browsers is Switch.AUTO:
            return bool(self.mail.host)
        return self.sign_in.confirm_new_browsers is Switch.ON

    @property
    def key_file(self) -> Path:
        """The file that holds the instance's root key."""
        return self.data / "keys" / "instance.key"


def load() -> Config:
    """Read the file and the environment, which wins; raises ``InvalidConfig`` with every mistake."""
    given = _from_environment(os.environ)  # noqa: TID251  (this is the door)
    if path := given.get("config"):
        given = _merged(_read_toml(Path(path)), given)
    mistakes: list[str] = []
    config = _made(Config, given, mistakes)
    if config is None or mistakes:
        raise InvalidConfig(mistakes)
    return config


def choose(
    *,
    config: Path | None = None,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    workers: int | None = None,
) -> None:
    """Let the command line's choices stand for this process and its workers, by way of the environment."""
    chosen = {
        "STRONGROOM_CONFIG": config,
        "STRONGROOM_DATA": data,
        "STRONGROOM_SERVER__HOST": host,
        "STRONGROOM_SERVER__PORT": port,
        "STRONGROOM_SERVER__WORKERS": workers,
    }
    os.environ.update({key: str(value) for key, value in chosen.items() if value is not None})  # noqa: TID251
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strongroom.settings")  # noqa: TID251


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """``STRONGROOM_SITE__NAME=x`` as ``{"site": {"name": "x"}}``."""
    given: dict[str, Any] = {}
    for variable, value in environment.items():
        name = variable.removeprefix(_PREFIX)
        if name == variable or name in _NOT_SETTINGS:
            continue
        section, _, key = name.lower().partition("__")
        if key:
            given.setdefault(section, {})[key] = value
        else:
            given[section] = value
    return given


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both, table by table; what both have is taken from ``above``."""
    both = below | above
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict) and isinstance(above[key], dict):
            both[key] = below[key] | above[key]
    return both


def _made(kind: type[S], given: Any, mistakes: list[str], *, place: str = "") -> S | None:
    """``given`` as a ``kind``, made setting by setting so that each mistake is found and added to ``mistakes``."""
    if not isinstance(given, dict):
        mistakes.append(f"{place.rstrip('.')}: is a table of settings.")
        return None
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in fields:
            mistakes.append(f"{place}{key}: there is no such setting.")
            continue
        expected = fields[key].type
        try:
            if isinstance(expected, type) and issubclass(expected, Section):
                values[key] = _made(expected, value, mistakes, place=f"{key}.")
            else:
                values[key] = _converted(value, expected)
        except msgspec.ValidationError as error:
            mistakes.append(f"{place}{key}: {error}.")
    try:
        return kind(**{key: value for key, value in values.items() if value is not None})
    except ValueError as error:
        mistakes.append(f"{place}{error}.")
        return None


def _converted(value: Any, expected: Any) -> Any:
    """``value`` as the type of its setting; raises ``msgspec.ValidationError``."""
    if isinstance(value, str):
        value = value.strip()
        if expected == date | None:
            return _day(value)
        if get_origin(expected) is tuple:  # a list in an environment variable
            value = [part.strip() for part in value.split(",") if part.strip()]
    if expected in {Switch, Feature}:
        value = _AS_SWITCHED.get(str(value).lower(), value)
    choices = get_args(expected) if get_origin(expected) is Literal else _members(expected)
    if choices and value not in choices:
        raise msgspec.ValidationError("Expected one of " + ", ".join(f"`{choice}`" for choice in choices))
    return msgspec.convert(value, expected, strict=not isinstance(value, str), dec_hook=_decoded)


def _members(expected: Any) -> list[str]:
    is_enum = isinstance(expected, type) and issubclass(expected, StrEnum)
    return [member.value for member in expected] if is_enum else []


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise msgspec.ValidationError("Expected a day such as `2027-01-31`") from None


def _decoded(kind: type, value: Any) -> Any:
    """For the types that msgspec does not know; what is raised becomes a ``msgspec.ValidationError``."""
    if kind is ByteSize:
        return ByteSize.parse(value)
    if not isinstance(value, str):
        raise TypeError("Expected `str`")
    return kind(value)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise InvalidConfig([f"{path}: cannot be read ({error.strerror})."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfig([f"{path}: is not TOML ({error})."]) from None
