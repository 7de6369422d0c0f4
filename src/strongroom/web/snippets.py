"""What a person pastes into a terminal or a file to use this index."""

from django.conf import settings


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
