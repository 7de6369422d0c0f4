"""One TOML file and the environment, checked together: every mistake is listed at once."""

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin
from urllib.parse import urlsplit

import msgspec

from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import (
    Accounts,
    Audit,
    ByteSize,
    Feature,
    Features,
    Mail,
    Recovery,
    SecretScanning,
    Section,
    Server,
    SignIn,
    Site,
    Switch,
    Tokens,
    TrustedPublishing,
    Uploads,
)

_PREFIX = "STRONGROOM_"
_AS_SWITCHED = {"true": "on", "false": "off"}  # what people write for a switch, too
_NOT_SETTINGS = {"CRASH_AT", "TOKEN"}  # for tests: see kernel.crashpoint; for publishers: see token


S = TypeVar("S", bound=msgspec.Struct)


class InvalidConfig(Exception):
    """The configuration cannot be used; ``mistakes`` says why, one sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


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
    tokens: Tokens = Tokens()
    trusted_publishing: TrustedPublishing = TrustedPublishing()
    secret_scanning: SecretScanning = SecretScanning()
    audit: Audit = Audit()

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for a database that is none of ours."""
        if self.database_url and urlsplit(self.database_url).scheme not in {"postgresql", "postgres"}:
            raise ValueError("database_url: must begin with postgresql://")

    @property
    def base_url(self) -> str:
        """The address that people use, without a trailing slash."""
        scheme = "https" if self.server.tls_certificate else "http"
        return self.site.base_url or f"{scheme}://localhost:{self.server.port}"

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
    def audience(self) -> str:
        """What identity tokens for this site say they are for."""
        return self.trusted_publishing.audience or self.origin

    @property
    def trust_root(self) -> Path | None:
        """The roots of trust for attestations that the operators chose: the setting, or the file in the data folder; or none."""
        if self.trusted_publishing.trust_root:
            return Path(self.trusted_publishing.trust_root)
        return self.installed_trust_root if self.installed_trust_root.is_file() else None

    @property
    def installed_trust_root(self) -> Path:
        """The file of `strongroom trust-root update`, be it there or not."""
        return self.data / "trust_root.json"

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


def token() -> Secret:
    """The API token that a publisher gives to a command in ``STRONGROOM_TOKEN``; empty for none."""
    return Secret(os.environ.get("STRONGROOM_TOKEN", ""))  # noqa: TID251


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
