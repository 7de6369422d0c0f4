"""Settings of the OpenID provider of the tests: a Django site of its own (django-oauth-toolkit), in a process of its own."""

import os
from pathlib import Path

FOLDER = Path(os.environ["OPENID_FOLDER"])
ISSUER = os.environ["OPENID_ISSUER"]
CLAIMS = FOLDER / "claims"  # one file for each user: what their identity tokens say
KEYS = FOLDER / "keys"

SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
USE_TZ = True
ROOT_URLCONF = "tests.support.openid.urls"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "oauth2_provider",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.locmem.Loader",
                    {
                        "registration/login.html": "<form method=post>{% csrf_token %}{{ form }}<button>Log in</button></form>"
                    },
                )
            ],
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(FOLDER / "provider.sqlite3"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the users are made for one token each

OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": ISSUER,
    "OIDC_RSA_PRIVATE_KEY": (KEYS / "active.pem").read_text("ascii"),
    "OIDC_RSA_PRIVATE_KEYS_INACTIVE": [path.read_text("ascii") for path in sorted(KEYS.glob("old-*.pem"))],
    "OAUTH2_VALIDATOR_CLASS": "tests.support.openid.claims.ClaimsOfUsers",
    "SCOPES": {"openid": "Identity tokens"},
    "ID_TOKEN_EXPIRE_SECONDS": 300,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
}
