"""No test is left out quietly: on CI a skip or an expected failure must stand in ``tests/allowed-skips.txt``."""

from pathlib import Path

import pytest

ALLOWED_SKIPS = Path(__file__).parent.parent / "allowed-skips.txt"


def read_allowed_skips(path: Path) -> dict[str, str]:
    """Test id -> reason. A line is ``TEST ID  # reason``; raises ``pytest.UsageError`` for one without a reason."""
    allowed = {}
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        test_id, _, reason = (part.strip() for part in line.partition("#"))
        if test_id and not reason:
            raise pytest.UsageError(
                f"{path.name}:{number}: say why {test_id} may be skipped: `TEST ID  # reason`"
            )
        if test_id:
            allowed[test_id] = reason
    return allowed


class SkipGate:
    """A plugin that fails the run when something was skipped, or failed as expected, without leave."""

    def __init__(self, allowed: dict[str, str]) -> None:
        self._allowed = allowed
        self._refused: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at each report of a test's setup, call and teardown."""
        expected_failure = getattr(report, "wasxfail", None)
        if report.skipped or expected_failure is not None:
            self._note(report.nodeid, why=expected_failure or _reason(report))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Look at each module too: one may skip itself as a whole."""
        if report.skipped:
            self._note(report.nodeid, why=_reason(report))

    def _note(self, test_id: str, *, why: str) -> None:
        if test_id not in self._allowed:
            self._refused[test_id] = why

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a success into a failure."""
        if self._refused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which, and how to allow one."""
        if not self._refused:
            return
        terminalreporter.section("skipped without leave", red=True)
        for test_id, why in self._refused.items():
            terminalreporter.line(f"{test_id}: {why}")
        terminalreporter.line("CI fails for it. Make it run, or give the reason in tests/allowed-skips.txt.")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else "skipped"
