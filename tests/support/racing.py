"""Runners in processes of their own, each with many threads, that do the same thing to one database at the same moment.

Run as a program this module is one runner: it reads a line of JSON with its calls, says when its threads stand ready,
starts them at the next line, and answers with what became of each call.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROCESSES = 4
THREADS = 16  # in each process

Call = Mapping[str, Any]
"""``verb``, a name in ``_verbs``, and its arguments."""


@dataclass(frozen=True, slots=True)
class Runners:
    """Four processes of sixteen threads."""

    processes: Sequence["subprocess.Popen[str]"]

    def race(self, calls: Sequence[Call]) -> list[str]:
        """Make all calls at once, up to 64; what became of each, in order: ``done``, a reason code, or an exception."""
        assert len(calls) <= PROCESSES * THREADS
        shares = [calls[start :: len(self.processes)] for start in range(len(self.processes))]
        for process, share in zip(self.processes, shares, strict=True):
            _say(process, json.dumps(list(share)))
        for process in self.processes:
            assert _hear(process) == "ready"
        for process in self.processes:
            _say(process, "go")
        outcomes = [""] * len(calls)
        for start, process in enumerate(self.processes):
            outcomes[start :: len(self.processes)] = json.loads(_hear(process))
        return outcomes


@contextmanager
def runners() -> Iterator[Runners]:
    """Runners on the database of the running test, until the block ends."""
    with ExitStack() as stack:
        processes = [stack.enter_context(_runner()) for _ in range(PROCESSES)]
        for process in processes:
            assert _hear(process) == "here"
        yield Runners(processes)


@contextmanager
def _runner() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.racing"],
        cwd=Path(__file__).parents[2],
        env=os.environ | database_here() | {"DJANGO_SETTINGS_MODULE": "strongroom.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def database_here() -> dict[str, str]:
    """The test's own database; the one on SQLite has the usual name in the run's data folder."""
    from django.db import connection

    url = os.environ.get("STRONGROOM_DATABASE_URL", "")
    if not url:
        return {}
    return {"STRONGROOM_DATABASE_URL": f"{url.rpartition('/')[0]}/{connection.settings_dict['NAME']}"}


def _say(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _hear(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().rstrip("\n")


# ---- One runner ---------------------------------------------------------------------------------------------------


def main() -> None:
    """Take part in races until nobody asks any more."""
    import django

    django.setup()
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.db import connection

    verbs, lined_up = _verbs(), Barrier(THREADS + 1)

    def run(call: Call | None) -> str:
        connection.ensure_connection()
        lined_up.wait()  # every thread has its connection, and the next line of the start was asked for
        lined_up.wait()
        return _outcome(verbs, call) if call else ""

    with ThreadPoolExecutor(THREADS) as pool:
        _print("here")
        for line in sys.stdin:
            calls = json.loads(line)
            running = [pool.submit(run, call) for call in [*calls, *[None] * (THREADS - len(calls))]]
            lined_up.wait()
            _print("ready")
            assert sys.stdin.readline() == "go\n"
            lined_up.wait()
            _print(json.dumps([future.result() for future in running][: len(calls)]))


def _verbs() -> dict[str, Callable[..., object]]:
    """What can be raced: steps of signing in, below them what makes a code single-use without its limits; exchanges; uploads."""
    from django.db import transaction

    from strongroom.factors import recovery_codes, totp
    from strongroom.publish.identity import identify
    from strongroom.signin import steps
    from strongroom.signin.second import Answer
    from strongroom.trust.exchange import exchange
    from tests.publish.publishing import TWINE, Press
    from tests.support.people import visitor

    def publish(token: str, path: str, folder: str) -> object:
        return Press(Path(folder)).publish(Path(path), by=identify(f"Bearer {token}", origin=TWINE))

    def answer(ticket: str, method: str, text: str) -> object:
        return steps.answer(ticket, Answer(method, text), remember=False, by=visitor())

    def passkey(secret: str, text: str) -> object:
        return steps.answer_passkey(secret, text, by=visitor())

    def use_totp(user_id: int, code: str) -> object:
        with transaction.atomic():
            return totp.verify(user_id, code)

    def use_recovery(user_id: int, code: str) -> object:
        with transaction.atomic():
            return recovery_codes.use(user_id, code, by=visitor())

    def exchange_identity(text: str) -> object:
        return exchange(text, origin=visitor().origin)

    return {
        "answer": answer,
        "passkey": passkey,
        "use_totp": use_totp,
        "use_recovery": use_recovery,
        "exchange": exchange_identity,
        "publish": publish,
    }


def _outcome(verbs: Mapping[str, Callable[..., object]], call: Call) -> str:
    from strongroom.kernel.refused import Refused

    arguments = dict(call)
    try:
        verbs[arguments.pop("verb")](**arguments)
    except Refused as refusal:
        return refusal.code
    except Exception as error:
        return repr(error)
    return "done"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
