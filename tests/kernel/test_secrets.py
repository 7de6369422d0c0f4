"""Sealed values, the root key, and what a secret shows of itself."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from strongroom.kernel.secrets import Keyring, Secret, Unsealable, digest, random_secret


def test_what_is_sealed_opens_in_its_own_row_only(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys" / "instance.key")
    sealed = keyring.seal("totp", b"seed", context="row 1")
    assert keyring.unseal("totp", sealed, context="row 1") == b"seed"
    for purpose, box, context in (
        ("totp", sealed, "row 2"),
        ("mail", sealed, "row 1"),
        ("totp", sealed[:-1] + bytes([sealed[-1] ^ 1]), "row 1"),
        ("totp", b"", "row 1"),
    ):
        with pytest.raises(Unsealable):
            keyring.unseal(purpose, box, context=context)


def test_another_instance_opens_nothing(tmp_path: Path) -> None:
    sealed = Keyring(tmp_path / "one").seal("totp", b"seed", context="row")
    with pytest.raises(Unsealable):
        Keyring(tmp_path / "two").unseal("totp", sealed, context="row")


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "instance.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _turn: Keyring(path).derive("test"), range(8)))
    assert len(keys) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["instance.key"]


@pytest.mark.parametrize("content", ["", "00", "xyz", "00" * 31])
def test_a_damaged_key_is_not_replaced(content: str, tmp_path: Path) -> None:
    path = tmp_path / "instance.key"
    path.write_text(content)
    with pytest.raises(ValueError):
        Keyring(path).derive("test")
    assert path.read_text() == content


def test_secrets_do_not_show_themselves() -> None:
    assert "sesame" not in repr(Secret("sesame"))
    assert "sesame" not in repr([Secret("sesame")])
    assert len({random_secret() for _ in range(100)}) == 100
    assert digest("sesame") == "d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272"
