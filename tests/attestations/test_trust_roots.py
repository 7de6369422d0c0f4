"""The operator's trust root: read once, read again when it changes, and a clear word if it cannot be."""

import contextlib
import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.attestations import trust_roots
from strongroom.attestations.configuration import check_trust_root
from strongroom.attestations.trust_root_unusable import TrustRootUnusable
from tests.attestations.conftest import Own
from tests.attestations.refusing import verified
from tests.attestations.samples import GITLAB
from tests.attestations.signing import Sigstore

SIGSTORE = Sigstore()


def test_the_shipped_trust_root_and_a_good_file_pass_the_check(own: Own) -> None:
    check_trust_root(None)
    check_trust_root(own.trust_root)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"null",
        b'{"tlogs": [{}], "ctlogs": [{}]}',
        b"[" * 50_000,
        b" " * 2_000_000,
    ],
    ids=lambda content: ascii(content[:9]),
)
def test_a_file_that_is_no_trust_root_is_named_to_the_operator(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "trusted_root.json"
    path.write_bytes(content)
    with pytest.raises(TrustRootUnusable) as caught:
        check_trust_root(path)
    assert str(caught.value).startswith(f"{path} cannot be used as a trust root for attestations: ")
    assert str(caught.value).isprintable()
    with pytest.raises(TrustRootUnusable):
        verified(GITLAB, trust_root=path)


def test_a_file_that_is_missing_or_a_folder_is_named_to_the_operator(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(TrustRootUnusable) as caught:
            check_trust_root(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("part", ["tlogs", "ctlogs", "certificateAuthorities", "mediaType"])
def test_a_trust_root_that_lacks_a_part_is_found_before_the_first_upload(own: Own, part: str) -> None:
    document = json.loads(own.trust_root.read_text())
    for lacking in ({**document, part: type(document[part])()}, {**document, part: None}):
        own.trust_root.write_text(json.dumps(lacking))
        with pytest.raises(TrustRootUnusable):
            check_trust_root(own.trust_root)


def test_a_file_of_more_than_a_mebibyte_is_not_read(own: Own) -> None:
    content = own.trust_root.read_bytes()
    own.trust_root.write_bytes(content.ljust(1024 * 1024))
    check_trust_root(own.trust_root)
    own.trust_root.write_bytes(content.ljust(1024 * 1024 + 1))
    with pytest.raises(TrustRootUnusable):
        check_trust_root(own.trust_root)


@settings(max_examples=150)
@given(at=st.integers(min_value=0), bite=st.integers(0, 6), byte=st.binary(max_size=3))
def test_a_damaged_trust_root_is_used_or_named_to_the_operator(
    tmp_path_factory: pytest.TempPathFactory, at: int, bite: int, byte: bytes
) -> None:
    folder = tmp_path_factory.mktemp("root")
    path = SIGSTORE.trusted_root(folder)
    content = path.read_bytes()
    at %= len(content)
    path.write_bytes(content[:at] + byte + content[at + bite :])
    with contextlib.suppress(TrustRootUnusable):
        check_trust_root(path)


def test_a_trust_root_is_read_once_and_again_when_it_changes(own: Own, tmp_path: Path) -> None:
    attestation = own.attest()
    assert own.verified(attestation).predicates
    assert trust_roots.verifier(own.trust_root) is trust_roots.verifier(own.trust_root)
    assert trust_roots.verifier(None) is trust_roots.verifier(None)

    first = trust_roots.verifier(own.trust_root)
    Sigstore().trusted_root(tmp_path)
    os.utime(own.trust_root, ns=(1, 1))
    assert trust_roots.verifier(own.trust_root) is not first
    assert own.refusal(attestation) == "attestation_invalid"

    own.sigstore.trusted_root(tmp_path)
    os.utime(own.trust_root, ns=(2, 2))
    assert own.verified(attestation).predicates


def test_threads_share_a_trust_root(own: Own) -> None:
    attestation = own.attest()
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(own.verified(attestation).predicates))
        for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
