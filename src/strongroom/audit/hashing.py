"""Hashing the entries of the database, in several processes where there are many: nothing else in verifying takes so long."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from typing import Final

from strongroom.audit import reading
from strongroom.audit.hashing_process import begin
from strongroom.audit.proof.hashed import Hashed, hashed
from strongroom.audit.proof.redactions import Redactions

MANY: Final = 200_000
"""Fewer entries are hashed sooner than other processes are up."""

_SPAN: Final = 10_000  # entries that a process hashes at a time
_MOST_PROCESSES: Final = 4  # more of them would hash faster than one compares

_Span = tuple[int | None, int | None]
_Hashed = tuple[list[Hashed], Redactions]


def entries(redactions: Redactions) -> Iterator[Hashed]:
    """All entries, hashed, by serial; ``redactions`` sees each of them."""
    spans = reading.spans(_SPAN)
    few = list(islice(spans, MANY // _SPAN))
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    if len(few) < MANY // _SPAN or processes == 1:
        yield from hashed(reading.rows(), redactions)
        return
    context = get_context("spawn")  # a fork would share the connection to the database
    with ProcessPoolExecutor(processes, mp_context=context, initializer=begin) as pool:
        for found, seen in _in_order(pool, chain(few, spans)):
            redactions.add(seen)
            yield from found


def _in_order(pool: ProcessPoolExecutor, spans: Iterable[_Span]) -> Iterator[_Hashed]:
    """Only so many are hashed ahead: whoever compares them may be slower."""
    waiting: deque[Future[_Hashed]] = deque()
    for span in spans:
        waiting.append(pool.submit(_hash, span))
        if len(waiting) > 2 * _MOST_PROCESSES:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _hash(span: _Span) -> _Hashed:
    """Runs in another process."""
    after, up_to = span
    redactions = Redactions()
    return list(hashed(reading.rows(after=after, up_to=up_to), redactions)), redactions
