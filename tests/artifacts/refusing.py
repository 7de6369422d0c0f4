"""How the tests here look at a refusal."""

from pathlib import Path

import pytest

from strongroom.artifacts.inspect import inspect
from strongroom.artifacts.limits import DEFAULT, Limits
from strongroom.artifacts.refusals import REFUSALS
from strongroom.kernel.refused import Refused

WHEEL = "demo-1.0-py3-none-any.whl"
SDIST = "demo-1.0.tar.gz"


def refusal_of(path: Path, *, filename: str | None = None, limits: Limits = DEFAULT) -> Refused:
    """The refusal of the file at ``path``, which must be documented, fit for a header line, and leave nothing behind."""
    before = {each.name: each.stat().st_size for each in path.parent.iterdir()}
    with pytest.raises(Refused) as caught:
        inspect(path, filename=filename or path.name, limits=limits)
    refused = caught.value
    assert refused.code in REFUSALS
    assert_is_fit_to_show(refused.message)
    assert {each.name: each.stat().st_size for each in path.parent.iterdir()} == before
    return refused


def refusal_of_bytes(
    folder: Path, content: bytes, *, filename: str = WHEEL, limits: Limits = DEFAULT
) -> Refused:
    """The refusal of ``content`` under ``filename``."""
    path = folder / "upload"
    path.write_bytes(content)
    return refusal_of(path, filename=filename, limits=limits)


def assert_is_fit_to_show(message: str) -> None:
    """A sentence that can stand in an HTTP reason phrase and repeats little of what came."""
    message.encode("latin-1")
    assert message.isprintable()
    assert message.endswith(".")
    assert len(message) < 800
