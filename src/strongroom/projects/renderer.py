"""Renders markup in a process of its own, because what is rendered is written by strangers (UP-27).

docutils and Pygments can be made to run for minutes; a thread cannot be stopped, a process can. It starts with the first
description and ends by itself once none has come for a while.
"""

import logging
import subprocess
import sys
import threading
from typing import IO

from strongroom.projects import renderer_process as child

_log = logging.getLogger(__name__)
SECONDS = 5.0
"""How long one description may take."""
_QUEUE_SECONDS = 30.0


class Renderer:
    """One process, one description at a time. Safe to call from any thread."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, text: str, markup: str) -> str:
        """``text`` as sanitized HTML, or ``""`` where it cannot be rendered, or not in time."""
        if not self._lock.acquire(timeout=_QUEUE_SECONDS):
            return ""
        try:
            return self._ask(text, markup)
        except OSError:  # it had ended, or was stopped
            self.stop()
            return self._ask_again(text, markup)
        finally:
            self._lock.release()

    def stop(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _ask_again(self, text: str, markup: str) -> str:
        try:
            return self._ask(text, markup)
        except OSError:
            self.stop()
            _log.warning("description not rendered: its renderer ended")
            return ""

    def _ask(self, text: str, markup: str) -> str:
        process = self._running()
        sink, source = _pipes(process)
        timer = threading.Timer(self._seconds, process.kill)
        timer.start()
        try:
            child.write_message(sink, f"{markup}\n{text}")
            answer = child.read_message(source)
        finally:
            timer.cancel()
        if answer is not None:
            return answer
        if process.wait() < 0:  # stopped by the timer, or by its own limit on memory: not worth a second try
            self.stop()
            return ""
        raise BrokenPipeError

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(  # noqa: S603  (our own program and module)
                [sys.executable, "-I", "-m", child.__name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8"},  # nothing of ours, such as the address of the database
            )
        return self._process


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise BrokenPipeError
    return process.stdin, process.stdout
