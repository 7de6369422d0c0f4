"""What a person pastes into a terminal or a file to use this index."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from strongroom.tokens import caveats


@dataclass(frozen=True, slots=True)
class TokenSnippets:
    """What to paste to use a new token: lists of snippets by tool, empty where it may do nothing of the kind here."""

    twine: tuple[str, ...]
    uv: tuple[str, ...]
    install: tuple[str, ...]
    netrc: str
    narrow: str


def for_token(token: str, *, actions: Collection[str]) -> TokenSnippets:
    """The snippets for a token that may do ``actions``. Public sites ask installers for none."""
    uploads = caveats.UPLOAD in actions
    installs = caveats.READ in actions and settings.CONFIG.site.access == "private"
    return TokenSnippets(
        twine=(pypirc(token), twine()) if uploads else (),
        uv=(uv_publish(token), twine_environment(token)) if uploads else (),
        install=(pip_environment(token), uv_environment(token)) if installs else (),
        netrc=netrc(token) if installs else "",
        narrow=narrow(),
    )


def install(name: str, version: str = "") -> str:
    """How pip installs a project from here."""
    pinned = f"{name}=={version}" if version else name
    return f"pip install --index-url {settings.CONFIG.base_url}/simple/ {pinned}"


def uv_install(name: str) -> str:
    """How uv installs a project from here."""
    return f"uv pip install --index-url {settings.CONFIG.base_url}/simple/ {name}"


def pypirc(token: str) -> str:
    """The ``~/.pypirc`` that lets twine publish here with ``token``."""
    return (
        "[distutils]\n"
        "index-servers = strongroom\n"
        "\n"
        "[strongroom]\n"
        f"repository = {upload_url()}\n"
        "username = __token__\n"
        f"password = {token}"
    )


def twine() -> str:
    """How twine publishes by that file."""
    return "twine upload --repository strongroom dist/*"


def uv_publish(token: str) -> str:
    """How uv publishes with ``token``."""
    return f"export UV_PUBLISH_URL={upload_url()}\nexport UV_PUBLISH_TOKEN={token}\nuv publish"


def twine_environment(token: str) -> str:
    """How twine publishes with ``token`` and without a file."""
    return (
        f"export TWINE_REPOSITORY_URL={upload_url()}\n"
        "export TWINE_USERNAME=__token__\n"
        f"export TWINE_PASSWORD={token}\n"
        "twine upload dist/*"
    )


def pip_environment(token: str) -> str:
    """How pip installs with ``token`` from a site that is private."""
    return f"export PIP_INDEX_URL={_url_with(token)}"


def uv_environment(token: str) -> str:
    """The same for uv."""
    return f"export UV_DEFAULT_INDEX={_url_with(token)}"


def netrc(token: str) -> str:
    """The lines of ``~/.netrc`` by which pip and uv find ``token`` themselves."""
    host = urlsplit(settings.CONFIG.base_url).hostname
    return f"machine {host}\nlogin __token__\npassword {token}"


def login() -> str:
    """How a machine gets a token of its own, approved in a browser."""
    return f"strongroom login {settings.CONFIG.base_url}"


def narrow() -> str:
    """How a token is narrowed with our own command, which asks for the token."""
    return "strongroom token narrow --project NAME --expires 1h --uses 1"


def revoke_held() -> tuple[str, str]:
    """How whoever holds a token revokes it: by our own command, which asks for the token, and by any HTTP client."""
    base = settings.CONFIG.base_url
    return (
        f"strongroom token revoke {base}",
        f'curl --request DELETE --header "Authorization: Bearer $TOKEN" {base}/_/token',
    )


def upload_url() -> str:
    """Where upload tools send to."""
    return f"{settings.CONFIG.base_url}/legacy/"


def pip_config() -> str:
    """How pip keeps this index for every command."""
    return f"pip config set global.index-url {settings.CONFIG.base_url}/simple/"


def twine_upload() -> str:
    """How twine publishes here without a file; it asks for the token."""
    return f"twine upload --repository-url {upload_url()} --username __token__ dist/*"


def uv_upload() -> str:
    """How uv publishes here; it asks for the token."""
    return f"uv publish --publish-url {upload_url()}"


def trusted_upload() -> str:
    """How uv publishes here from a build service that the project trusts."""
    return f"uv publish --trusted-publishing always --publish-url {upload_url()}"


def _url_with(token: str) -> str:
    return f"{settings.CONFIG.base_url}/simple/".replace("://", f"://__token__:{token}@", 1)
