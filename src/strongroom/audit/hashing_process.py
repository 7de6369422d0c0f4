"""How a process begins that hashes entries for another one; it is imported before Django is set up there."""

import signal

import django


def begin() -> None:
    """Set Django up. Who interrupts means the process that waits for the hashes, not this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
