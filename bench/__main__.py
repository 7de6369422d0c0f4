"""``python -m bench`` (``make bench``): starts the servers, measures in alternating rounds, prints and writes the tables."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import httpx
from rich.console import Console

from bench import corpus, machine, reads, report, servers, signin, tokens, trail
from bench.process import Failed
from bench.report import DEVPI, NAMES, NGINX, OURS, PYPISERVER, UPLOAD, UPLOAD_IN_SESSION, Results
from bench.servers import Server
from bench.uploads import upload

RESULTS = Path(__file__).parent / "results.md"
METHOD = """\
Every server has one worker and listens on the loopback interface of the same machine; wrk (two threads, 32 connections, without
compression) asks in {rounds} alternating rounds of {seconds} s, and medians are given. The page lists 60 files. nginx serves
the very bytes of {bytes_of}'s answers as static files. Uploads are 200 wheels of about two kilobytes in four projects, sent by 32
connections as twine sends them: to Strongroom with an API token (every file checked, and on disk before it is acknowledged),
to devpi-server with username and password, to pypiserver (with its cache, under waitress) without either. Signing in is
measured in one process on SQLite, without HTTP, each case once in each of {signin} rounds, in a browser that is known; so is
authorizing an upload, in {tokens} rounds. What the audit trail costs is measured in one process on each database, against the clock:
actions with their event and without it in turn, in {trail} rounds; searches among, and verification of, {entries:,} entries of a
busy year."""

console = Console()


def main() -> int:
    """Run the comparison; returns 1 when Strongroom itself could not be measured."""
    options = _options()
    results = Results()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="strongroom-bench-")))
        running = _start_all(folder, options=options, stack=stack, results=results)
        _measure_sign_in(folder, results)
        _measure_tokens(folder, results)
        _measure_trail(folder, results)
        _measure_uploads(running, options=options, results=results)
        _measure_reads(running, folder=folder, options=options, results=results, stack=stack)
        where = machine.description(folder)
    report.show(results, console)
    if options.write:
        _write(results, options=options, where=where)
    return 0 if results.median(reads.PAGE_HTML, OURS) and results.median(UPLOAD, OURS) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--peers", type=Path, required=True, help="the environment of pypiserver and devpi-server"
    )
    parser.add_argument("--seconds", type=int, default=5, help="of each round of reading (default: 5)")
    parser.add_argument("--rounds", type=int, default=3, help="of reading and of uploading (default: 3)")
    parser.add_argument(
        "--only", choices=[OURS, PYPISERVER, DEVPI], action="append", help="compare these alone"
    )
    parser.add_argument(
        "--no-write", dest="write", action="store_false", help="leave bench/results.md as it is"
    )
    return parser.parse_args()


def _start_all(
    folder: Path, *, options: argparse.Namespace, stack: ExitStack, results: Results
) -> dict[str, Server]:
    """Start the three indexes and give them the same files."""
    starters: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {
        OURS: servers.strongroom,
        PYPISERVER: lambda place: servers.pypiserver(place, peers=options.peers),
        DEVPI: lambda place: servers.devpi(place, peers=options.peers),
    }
    served = [*corpus.page_wheels(), corpus.big_wheel()]
    running = {}
    for name in options.only or starters:
        place = folder / name
        place.mkdir()
        with console.status(f"{name}: starting, and uploading {len(served)} files to be read"):
            try:
                server = stack.enter_context(starters[name](place))
                upload(server, served, connections=2, session=True)
            except Failed as failure:
                results.failures["start", name] = str(failure)
                console.print(f"{name}: {failure}", style="red", highlight=False)
                continue
        _note_start(server, results)
        running[name] = server
    return running


def _note_start(server: Server, results: Results) -> None:
    results.first_start[server.name] = server.first_start
    results.second_start[server.name] = server.second_start
    results.megabytes[server.name] = server.megabytes


def _measure_sign_in(folder: Path, results: Results) -> None:
    place = folder / "signin"
    place.mkdir()
    with console.status(f"signing in, {signin.ROUNDS} rounds: {OURS}"):
        try:
            results.signin = signin.costs(place)
        except Failed as failure:
            results.failures["signing in", OURS] = str(failure)


def _measure_tokens(folder: Path, results: Results) -> None:
    place = folder / "tokens"
    place.mkdir()
    with console.status(f"authorizing uploads, {tokens.ROUNDS} rounds: {OURS}"):
        try:
            results.tokens = tokens.costs(place)
        except Failed as failure:
            results.failures["authorizing an upload", OURS] = str(failure)


def _measure_trail(folder: Path, results: Results) -> None:
    place = folder / "trail"
    place.mkdir()
    with console.status(f"the audit trail, {trail.ENTRIES:,} entries: {OURS}"):
        try:
            results.trail = trail.costs(place)
        except Failed as failure:
            results.failures["the audit trail", OURS] = str(failure)


def _measure_uploads(running: dict[str, Server], *, options: argparse.Namespace, results: Results) -> None:
    for number in range(options.rounds):
        for name, server in running.items():
            if name != DEVPI or number == 0:  # one round of devpi-server takes most of a minute
                _measure_upload(server, number, results=results)
    if DEVPI in running:
        _measure_upload(running[DEVPI], options.rounds, results=results, session=True)


def _measure_upload(server: Server, number: int, *, results: Results, session: bool = False) -> None:
    case = UPLOAD_IN_SESSION if session else UPLOAD
    with console.status(f"{case}, round {number + 1}: {server.name}"):
        try:
            wheels = corpus.upload_wheels(round_number=number)
            results.add(case, server.name, upload(server, wheels, session=session))
        except Failed as failure:
            results.failures[case, server.name] = str(failure)


def _measure_reads(
    running: dict[str, Server],
    *,
    folder: Path,
    options: argparse.Namespace,
    results: Results,
    stack: ExitStack,
) -> None:
    requests = {}
    for name, server in running.items():
        try:
            requests[name] = reads.requests_of(server)
        except (Failed, httpx.HTTPError) as failure:
            results.failures["read", name] = str(failure)
    if not requests:
        return
    files = reads.static_files(running[next(iter(requests))])
    place = folder / NGINX
    place.mkdir()
    server = stack.enter_context(servers.nginx(place, files=files))
    _note_start(server, results)
    requests[NGINX] = reads.static_requests(server, files)
    results.bytes_of = next(iter(requests))
    for case in reads.CASES:
        for number in range(options.rounds):
            for name in [name for name in NAMES if case in requests.get(name, {})]:
                with console.status(f"{case}, round {number + 1}: {name}"):
                    try:
                        rate = reads.per_second(requests[name][case], seconds=options.seconds)
                        results.add(case, name, rate)
                    except Failed as failure:
                        results.failures[case, name] = str(failure)


def _write(results: Results, *, options: argparse.Namespace, where: str) -> None:
    method = METHOD.format(
        rounds=options.rounds,
        seconds=options.seconds,
        bytes_of=results.bytes_of,
        signin=signin.ROUNDS,
        tokens=tokens.ROUNDS,
        trail=trail.ROUNDS,
        entries=trail.ENTRIES,
    )
    text = report.markdown(results, machine=where, versions=machine.versions(options.peers), method=method)
    RESULTS.write_text(text, encoding="utf-8")
    console.print(f"Written to {RESULTS.parent.name}/{RESULTS.name}.")


if __name__ == "__main__":
    sys.exit(main())
