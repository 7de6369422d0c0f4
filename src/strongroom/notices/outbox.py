"""Where mail goes when there is no mail server: to the terminal and to a folder, one ``.eml`` file each."""

import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from strongroom.kernel import clock
from strongroom.kernel.secrets import random_bytes


class Outbox(BaseEmailBackend):
    """Django's email backend for an instance without a mail server."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep each message in the outbox folder (mode 0600) and print its text."""
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            _keep(message, folder)
            _show(message)
        return len(email_messages)


def _keep(message: EmailMessage, folder: Path) -> None:
    name = f"{clock.now():%Y%m%dT%H%M%S%f}-{random_bytes(3).hex()}.eml"
    draft = folder / f".{name}"
    draft.touch(mode=0o600)
    draft.write_bytes(message.message().as_bytes())
    draft.rename(folder / name)


def _show(message: EmailMessage) -> None:
    line = "-" * 72
    sys.stdout.write(f"{line}\nMail to {', '.join(message.to)}: {message.subject}\n\n{message.body}{line}\n")
    sys.stdout.flush()
