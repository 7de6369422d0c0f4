"""The benchmarks, which no other test runs, can be started."""

import subprocess
import sys


def test_the_benchmarks_say_how_they_are_used() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
    assert "--peers" in asked.stdout
