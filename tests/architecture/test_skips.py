"""The gate that keeps CI from leaving out a test quietly."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.support.patience import PROGRAM_SECONDS
from tests.support.skips import read_allowed_skips

pytestmark = pytest.mark.slow  # each test runs pytest anew

MODULE = """
import pytest

def test_passes():
    pass

def test_is_skipped():
    pytest.skip("not today")

@pytest.mark.xfail(reason="known")
def test_is_expected_to_fail():
    assert False
"""


def _run(folder: Path, allowed: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on ``MODULE`` with the gate and nothing else of this project."""
    (folder / "test_module.py").write_text(MODULE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "allowed.txt").write_text(allowed)
    (folder / "conftest.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom tests.support.skips import SkipGate, read_allowed_skips\n"
        "def pytest_configure(config):\n"
        "    if not hasattr(config, 'workerinput'):\n"
        "        config.pluginmanager.register(SkipGate(read_allowed_skips(Path('allowed.txt'))))\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS
    )


ALLOWED = """
# comments and empty lines are fine
test_module.py::test_is_skipped  # needs a full moon
test_module.py::test_is_expected_to_fail  # until the sea is empty
"""


@pytest.mark.parametrize("arguments", [[], ["-n", "1"]], ids=["alone", "in a worker"])
def test_a_skip_without_leave_fails_the_run_and_is_named(tmp_path: Path, arguments: list[str]) -> None:
    result = _run(tmp_path, "", *arguments)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED
    assert "test_module.py::test_is_skipped: Skipped: not today" in result.stdout
    assert "test_module.py::test_is_expected_to_fail: known" in result.stdout


def test_skips_with_a_reason_pass(tmp_path: Path) -> None:
    result = _run(tmp_path, ALLOWED)
    assert result.returncode == pytest.ExitCode.OK, result.stdout


def test_a_module_that_skips_itself_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import pytest\npytest.skip('whole module', allow_module_level=True)\n"
    )
    result = _run(tmp_path, ALLOWED)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED
    assert "test_other.py: Skipped: whole module" in result.stdout


def test_leave_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "allowed.txt"
    path.write_text("test_module.py::test_is_skipped\n")
    with pytest.raises(pytest.UsageError, match="say why"):
        read_allowed_skips(path)
