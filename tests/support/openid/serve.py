"""The provider's process: ``python -m tests.support.openid.serve PORT``, and ``... add``, which reads JSON lines of people."""

import json
import sys
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        return self.client_address[0]


def main() -> None:
    """Serve until the process is ended; lines on standard input name people to add, and are answered one by one."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    from threading import Thread

    with make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), _Server, _Quiet) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        _say("ready")
        for line in sys.stdin:
            _add(**json.loads(line))
            _say("added")


def _add(*, username: str, password: str, audience: str, redirect_uri: str) -> None:
    """A user who may log in, and a client whose id is the audience: ``aud`` of an ID token is the client's id."""
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    User.objects.create_user(username, password=password)
    fixed: dict[str, Any] = {
        "client_type": Application.CLIENT_PUBLIC,  # it proves itself by PKCE
        "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
        "algorithm": Application.RS256_ALGORITHM,
        "redirect_uris": redirect_uri,
        "skip_authorization": True,
    }
    Application.objects.get_or_create(client_id=audience, defaults=fixed)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
