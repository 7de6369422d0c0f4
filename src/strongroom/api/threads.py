"""The threads that do what blocks: rows, files, archives."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections

Result = TypeVar("Result")


class Threads:
    """A few threads, each of which keeps its connection to the database open from one job to the next."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="publish")

    async def run(self, job: Callable[[], Result]) -> Result:
        """The result of ``job``, or what it raises, from one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, with_connection, job)


def with_connection(job: Callable[[], Result]) -> Result:
    """A connection that has broken is replaced by a new one, before the job and after it."""
    close_old_connections()
    try:
        return job()
    finally:
        close_old_connections()
