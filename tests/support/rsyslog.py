"""A real rsyslogd of one's own: on free ports, without privileges, each message as a line of JSON."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.patience import SECONDS, until
from tests.support.postgresql import free_port

_PROGRAM = shutil.which("rsyslogd", path=f"{os.environ['PATH']}:/usr/sbin") or "rsyslogd"

# 8 kB is its own default for the longest message; stated, since senders rely on it.
_CONFIG = """\
global(workDirectory="{folder}" maxMessageSize="8k" parser.escapeControlCharactersOnReceive="off")
module(load="imudp")
module(load="imtcp" maxSessions="50")
input(type="imudp" address="127.0.0.1" port="{udp}")
input(type="imtcp" address="127.0.0.1" port="{tcp}")
template(name="json" type="list" option.jsonf="on") {{
  property(outname="pri" name="pri" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="hostname" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="procid" name="procid" format="jsonf")
  property(outname="msgid" name="msgid" format="jsonf")
  property(outname="structured" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}}
action(type="omfile" file="{folder}/messages" template="json" flushOnTXEnd="on" asyncWriting="off")
"""


@dataclass
class Rsyslog:
    """``start`` and ``stop`` keep its ports and what it has received."""

    folder: Path
    udp: int = field(default_factory=free_port)
    tcp: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and return once it listens."""
        config = self.folder / "rsyslog.conf"
        config.write_text(_CONFIG.format(folder=self.folder, udp=self.udp, tcp=self.tcp))
        with (self.folder / "output").open("ab") as output:
            command = [_PROGRAM, "-n", "-f", str(config), "-i", str(self.folder / "pid")]
            self.process = subprocess.Popen(command, stdout=output, stderr=output)
        until(self._has_begun)

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(SECONDS)
            self.process = None

    def messages(self, count: int) -> list[dict[str, str]]:
        """What has come, once there are so many."""
        until(lambda: len(self._lines()) >= count)
        return [json.loads(line) for line in self._lines()]

    def _lines(self) -> list[str]:
        received = self.folder / "messages"
        return [line for line in received.read_text().split("\n") if line] if received.exists() else []

    def _has_begun(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "output").read_text()
        try:
            socket.create_connection(("127.0.0.1", self.tcp), timeout=SECONDS).close()
        except OSError:
            return False
        return True


@contextmanager
def running_rsyslog(folder: Path) -> Iterator[Rsyslog]:
    """One that listens, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Rsyslog(folder)
    try:
        found.start()
        yield found
    finally:
        found.stop()
