"""One TOML file and the environment, checked together: every mistake is listed at once."""

import ipaddress
import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ByteSize, ConfigDict, Field, PositiveInt, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class InvalidConfig(Exception):
    """The configuration cannot be used; ``mistakes`` says why, one sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class SiteKind(StrEnum):
    """What an instance is for; a test site says so on every page and keeps search engines out."""

    PRODUCTION = "production"
    TEST = "test"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Site(_Section):
    """How the instance presents itself."""

    name: Annotated[str, Field(min_length=1, max_length=60)] = "Strongroom"
    """Shown in the header of every page and in every mail."""
    kind: SiteKind = SiteKind.PRODUCTION
    """``test`` adds a banner to every page and asks search engines to stay out."""
    base_url: str = ""
    """The address that people use, without a trailing slash; ``http://localhost:PORT`` if empty."""
    security_contact: str = ""
    """Where to report a security hole: an email address or an https address."""
    bug_contact: str = ""
    """Where to report any other bug: an email address or an https address."""

    @field_validator("base_url")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.path.rstrip("/")
            or parts.query
        ):
            raise ValueError("must be like https://index.example, without a path")
        return value.rstrip("/")


class Server(_Section):
    """How the server listens."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """The port to listen on."""
    workers: PositiveInt = 1
    """How many worker processes answer requests."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks of reverse proxies whose ``X-Forwarded-For`` is believed."""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network)
        return value


class Mail(_Section):
    """The SMTP server; without one, mail goes to the terminal and to ``outbox/`` in the data folder."""

    host: str = ""
    """Name of the SMTP server; empty for none."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Its port."""
    username: str = ""
    """The user to sign in as; empty for none."""
    password: str = Field(default="", repr=False)
    """The password to sign in with."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted."""
    sender: str = "strongroom@localhost"
    """The address that mail comes from."""


class Accounts(_Section):
    """Rules for accounts."""

    registration: Literal["open", "closed"] = "open"
    """``closed``: only an operator adds people (``strongroom user add``)."""
    session_idle_minutes: PositiveInt = 30
    """A session that is not used for so long asks to sign in again."""
    session_hours: PositiveInt = 12
    """A session ends after so long, however much it is used."""
    breached_passwords_url: str = ""
    """A k-anonymity range service of breached passwords, called as URL + first five hex digits of the SHA-1; empty: off."""


class Uploads(_Section):
    """What may be published, and how."""

    passwords: Literal["allowed", "refused"] = "allowed"
    """Whether username and password may publish at all; each account can refuse them for itself."""
    max_file_size: ByteSize = ByteSize(2 * 1024**3)
    """The largest file, in bytes or as ``100MiB``."""
    max_project_size: ByteSize = ByteSize(100 * 1024**3)
    """The most that all files of one project may take, in bytes or as ``10GiB``."""
    release_open_days: PositiveInt = 14
    """A release takes new files for so long after its first one."""


class Config(BaseSettings):
    """The whole configuration, frozen. Sections are TOML tables; ``STRONGROOM_SECTION__KEY`` overrides each key."""

    model_config = SettingsConfigDict(
        env_prefix="STRONGROOM_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    config: Path | None = None
    """The TOML file (``--config``, ``STRONGROOM_CONFIG``)."""
    data: Path = Path("var")
    """The folder for database, blobs, keys and outbox (``--data``, ``STRONGROOM_DATA``)."""
    database_url: str = Field(default="", repr=False)
    """``postgresql://user:password@host/name``; empty: SQLite in the data folder."""
    site: Site = Site()
    server: Server = Server()
    mail: Mail = Mail()
    accounts: Accounts = Accounts()
    uploads: Uploads = Uploads()

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"postgresql", "postgres"}:
            raise ValueError("must begin with postgresql://")
        return value

    @property
    def base_url(self) -> str:
        """The address that people use, without a trailing slash."""
        return self.site.base_url or f"http://localhost:{self.server.port}"

    @property
    def hostname(self) -> str:
        """The host in ``base_url``."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def is_https(self) -> bool:
        """Whether people reach the instance over HTTPS."""
        return self.base_url.startswith("https:")

    @property
    def key_file(self) -> Path:
        """The file that holds the instance's root key."""
        return self.data / "keys" / "instance.key"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is passed in comes first, then the environment, then the file."""
        return init_settings, env_settings, _FileSource(settings_cls)


class _FileSource(PydanticBaseSettingsSource):
    """The TOML file whose path stands in ``STRONGROOM_CONFIG``."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Not used: ``__call__`` returns everything at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        path = os.environ.get("STRONGROOM_CONFIG")  # noqa: TID251
        return _read_toml(Path(path)) if path else {}


def load() -> Config:
    """Read the file and the environment; raises ``InvalidConfig`` with every mistake."""
    try:
        return Config()
    except ValidationError as error:
        raise InvalidConfig([_sentence(dict(mistake)) for mistake in error.errors()]) from None


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


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise InvalidConfig([f"{path}: cannot be read ({error.strerror})."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfig([f"{path}: is not TOML ({error})."]) from None


def _sentence(mistake: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] == "extra_forbidden":
        return f"{place}: there is no such setting."
    return f"{place}: {mistake['msg'].removeprefix('Value error, ')}."
