"""Names of models."""

from uuid import UUID

import pytest

from strongroom.factors.webauthn import aaguids


@pytest.mark.parametrize(
    ("aaguid", "name"),
    [
        ("ee882879-721c-4913-9775-3dfcce97072a", "YubiKey 5"),
        ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager"),
        ("08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows Hello"),
        ("00000000-0000-0000-0000-000000000000", ""),
        ("6e61c1aa-0000-4000-8000-000000000000", ""),
    ],
)
def test_well_known_models_have_names_and_others_none(aaguid: str, name: str) -> None:
    assert aaguids.name_of(UUID(aaguid)) == name
