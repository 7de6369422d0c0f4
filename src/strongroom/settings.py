"""Django's settings, derived from ``strongroom.kernel.config``: wiring, no decisions of its own."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from strongroom.kernel import config
from strongroom.kernel.secrets import Keyring

CONFIG = config.load()
KEYRING = Keyring(CONFIG.key_file)

SECRET_KEY = lazy(lambda: KEYRING.derive("django").hex(), str)()
DEBUG = False
ROOT_URLCONF = "strongroom.urls"
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = [
    "django.contrib.messages",
    "strongroom.audit",
    "strongroom.notices",
    "strongroom.throttle",
    "strongroom.accounts",
    "strongroom.factors",
    "strongroom.tokens",
    "strongroom.projects",
    "strongroom.trust",
    "strongroom.signin",
    "strongroom.publish",
    "strongroom.webhooks",
    "strongroom.recovery",
    "strongroom.web",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "strongroom.web.middleware.ExpectedHost",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "strongroom.web.middleware.WhoIsAsking",
    "django.contrib.messages.middleware.MessageMiddleware",
    "strongroom.web.middleware.Refusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "strongroom.web.context.site",
            ],
        },
    },
]


# ---- Database: SQLite in the data folder, or PostgreSQL ---------------------------------------------------------

SQLITE_FILE = CONFIG.data / "strongroom.sqlite3"


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "strongroom.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A write transaction takes its lock at the start, so that it never fails half-way (design, D11).
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # FULL: an answered upload survives a power cut; it costs about a millisecond.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000",
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


# Columns that PostgreSQL alone keeps in an index (``include``) are left out on SQLite, which is what is wanted.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

DATABASES = {"default": _postgresql(CONFIG.database_url) if CONFIG.database_url else _sqlite(SQLITE_FILE)}

# ---- People's browsers --------------------------------------------------------------------------------------------

# Hosts are compared with the configured base URL, never believed (design, D8).
ALLOWED_HOSTS = [CONFIG.hostname] + (["127.0.0.1", "[::1]"] if CONFIG.hostname == "localhost" else [])

# Instances on one machine share the cookies of its host name, whatever their ports: so each has its own names.
_instance = hashlib.sha256(CONFIG.base_url.encode()).hexdigest()[:8]
_prefix = "__Host-" if CONFIG.is_https else ""
SESSION_COOKIE = f"{_prefix}strongroom-session-{_instance}"
TICKET_COOKIE = f"{_prefix}strongroom-sign-in-{_instance}"
BROWSER_COOKIE = f"{_prefix}strongroom-browser-{_instance}"
PASSKEY_COOKIE = f"{_prefix}strongroom-passkey-{_instance}"
MESSAGES_COOKIE = f"{_prefix}strongroom-messages-{_instance}"
CSRF_COOKIE_NAME = f"{_prefix}strongroom-csrf-{_instance}"
LANGUAGE_COOKIE_NAME = f"{_prefix}strongroom-language-{_instance}"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = CONFIG.is_https
CSRF_COOKIE_AGE = None
CSRF_TRUSTED_ORIGINS = [CONFIG.base_url]
CSRF_FAILURE_VIEW = "strongroom.web.errors.forgery"
MESSAGE_STORAGE = "strongroom.web.messages.Cookies"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if CONFIG.is_https else 0
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# Forms are short; files go to the upload endpoint, which streams them itself.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# ---- Passwords, mail, languages -----------------------------------------------------------------------------------

PASSWORD_HASHERS = ["strongroom.accounts.hashing.Argon2id"]

if CONFIG.mail.host:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = CONFIG.mail.host
    EMAIL_PORT = CONFIG.mail.port
    EMAIL_HOST_USER = CONFIG.mail.username
    EMAIL_HOST_PASSWORD = CONFIG.mail.password
    EMAIL_USE_TLS = CONFIG.mail.security == "starttls"
    EMAIL_USE_SSL = CONFIG.mail.security == "tls"
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "strongroom.notices.outbox.Outbox"
    EMAIL_FILE_PATH = str(CONFIG.data / "outbox")
DEFAULT_FROM_EMAIL = CONFIG.mail.sender

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [str(Path(__file__).parent / "web" / "locale")]

LOGGING_CONFIG = None  # strongroom.kernel.logs sets it up, for the server and the commands alike
