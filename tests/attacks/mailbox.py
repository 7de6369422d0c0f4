"""A mail server that keeps what it is given, so that nothing has to be read off the terminal or the disk."""

import re
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern

from tests.support.patience import SECONDS


class Mailbox(socketserver.ThreadingTCPServer):
    """SMTP (RFC 5321) for one sender at a time, on a port of its own."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[str] = []  # their texts
        self.is_open = True

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def links(self) -> set[str]:
        """The secrets of all links in all mails."""
        return {secret for mail in self.mails for secret in secrets_of_links(mail)}

    def link(self, path: str, *, seconds: float = SECONDS) -> str:
        """The secret of the newest link to ``path``; waits for it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for mail in reversed(self.mails):
                if found := re.search(re.escape(path) + r"\?token=([\w-]+)", mail):
                    return found[1]
            time.sleep(0.05)
        raise TimeoutError(f"no link to {path} in {len(self.mails)} mails")


def secrets_of_links(text: str) -> set[str]:
    """The secrets of the links in a mail or its text."""
    return set(re.findall(r"\?token=([\w-]+)", text))


def _text_of(raw: bytes) -> str:
    mail = message_from_bytes(raw, policy=modern)
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


class _Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        if not self.server.is_open:
            self._say("421 come back later")
            return
        self._say("220 mailbox")
        for line in iter(self.rfile.readline, b""):
            match line.strip().upper().split(b" ")[0]:
                case b"DATA":
                    self._say("354 go on")
                    lines = list(iter(self.rfile.readline, b".\r\n"))
                    self.server.mails.append(_text_of(b"".join(lines)))
                    self._say("250 kept")
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 mailbox")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """A mailbox that is open until the block ends."""
    with Mailbox() as mailbox:
        threading.Thread(target=mailbox.serve_forever, daemon=True).start()
        yield mailbox
        mailbox.shutdown()
