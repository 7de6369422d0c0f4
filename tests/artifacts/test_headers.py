"""METADATA that mail readers would guess at is refused before a field is looked at."""

import pytest

from strongroom.artifacts.metadata import parse_metadata
from strongroom.kernel.refused import Refused
from tests.artifacts.building import core_metadata
from tests.artifacts.refusing import assert_is_fit_to_show


def code_of(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        parse_metadata(content, what="METADATA")
    assert_is_fit_to_show(caught.value.message)
    return caught.value.code


MALFORMED: dict[str, bytes] = {
    "nothing but text": b"hello\n",
    "a line without colon": core_metadata("demo", "1.0", extra="Summary"),
    "a name with a space": core_metadata("demo", "1.0", extra="Sum mary: x"),
    "no name": core_metadata("demo", "1.0", extra=": x"),
    "an indented first line": b" Metadata-Version: 2.1\n",
    "an envelope": b"From alice\n" + core_metadata("demo", "1.0"),
    "a byte order mark": b"\xef\xbb\xbf" + core_metadata("demo", "1.0"),
    "UTF-16": core_metadata("demo", "1.0").decode().encode("utf-16"),
    "Latin-1 in a header": core_metadata("demo", "1.0", extra="Author: Andr\udce9"),
    "Latin-1 in the body": core_metadata("demo", "1.0", description="Andr\udce9"),
    "surrogates": core_metadata("demo", "1.0") + b"\xed\xa0\x80",
    "NUL in a header": core_metadata("demo", "1.0", extra="Summary: a\0b"),
    "NUL in the body": core_metadata("demo", "1.0", description="a\0b"),
    "a carriage return": core_metadata("demo", "1.0", extra="Summary: a\rRequires-Dist: evil"),
    "a vertical tab": core_metadata("demo", "1.0", extra="Summary: a\x0bRequires-Dist: evil"),
    "NEL": core_metadata("demo", "1.0", extra="Summary: a\x85Requires-Dist: evil"),
    "a line separator": core_metadata("demo", "1.0", extra="Summary: a\u2028Requires-Dist: evil"),
    "an escape": core_metadata("demo", "1.0", extra="Summary: \x1b[2J"),
    "several parts": core_metadata("demo", "1.0", extra="Content-Type: multipart/mixed; boundary=x", description="--x\n\nevil"),
    "base64": core_metadata("demo", "1.0", extra="Content-Transfer-Encoding: base64", description="ZXZpbA=="),
    "MIME": core_metadata("demo", "1.0", extra="MIME-Version: 1.0"),
    "very many headers": core_metadata("demo", "1.0", extra="X: y\n" * 30_000),
    "very many continued lines": core_metadata("demo", "1.0", extra="X: y\n" + " z\n" * 30_000),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_metadata_that_readers_would_guess_at_is_refused(name: str) -> None:
    # UP-21
    assert code_of(MALFORMED[name]) == "metadata_malformed"


def test_nothing_at_all_is_refused() -> None:
    assert code_of(b"") == "metadata_malformed"
    assert code_of(b"\n\nbody") == "metadata_malformed"
