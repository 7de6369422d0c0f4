"""How the tests here ask for a verification and look at a refusal."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from strongroom.attestations.verify import Verified, verify
from strongroom.kernel.refused import Refused
from tests.attestations.samples import Sample

DEFAULT: Mapping[str, str] = {"default": "the sample's"}


def verified(
    sample: Sample,
    text: str | None = None,
    *,
    publisher: Mapping[str, str] | None = DEFAULT,
    trust_root: Path | None = None,
    filename: str | None = None,
    path: Path | None = None,
) -> Verified:
    """The answer about ``sample``, with whatever is said otherwise."""
    return verify(
        sample.text if text is None else text,
        filename=filename or sample.filename,
        path=path or sample.path,
        publisher=sample.publisher if publisher is DEFAULT else publisher,
        trust_root=trust_root,
    )


def refusal_of(sample: Sample, text: str | object | None = None, **otherwise: object) -> Refused:
    """The refusal of ``sample``, changed; ``text`` may be the objects that it would be the JSON of."""
    field = text if isinstance(text, str | None) else json.dumps(text)
    with pytest.raises(Refused) as caught:
        verified(sample, field, **otherwise)  # type: ignore[arg-type]
    return checked(caught.value)


def checked(refused: Refused) -> Refused:
    """A refusal with a sentence that can stand in an HTTP reason phrase."""
    refused.message.encode("latin-1")
    assert refused.code.startswith("attestation_")
    assert refused.message.isprintable()
    assert refused.message.endswith(".")
    return refused
