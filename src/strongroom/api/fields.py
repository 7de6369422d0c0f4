"""The fields of an upload form, gathered in bounded memory."""

from collections import defaultdict
from typing import Final

from strongroom.attestations.verify import MAX_BYTES as MAX_ATTESTATIONS
from strongroom.kernel.refused import Refused
from strongroom.publish import form

MAX_FIELD = 64 * 1024
"""Bytes of one field that is read. Those that nobody reads, such as the description, are dropped as they come."""
LONGER: Final = {"attestations": MAX_ATTESTATIONS}
"""Bytes of fields that may have more."""
MAX_FIELDS = 16 * 1024 * 1024
"""Bytes of all fields, read or not."""


class Fields:
    """Takes one field after the other: ``begin``, any number of ``take``, ``end``."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = defaultdict(list)
        self._name = ""
        self._value = bytearray()
        self._total = 0

    def begin(self, name: str) -> None:
        """Begin with a field."""
        self._name = name if name in form.SINGLE or name in form.MULTIPLE else ""
        self._value.clear()

    def take(self, chunk: bytes) -> None:
        """Add to the field's value; raises ``Refused`` (``form_too_large``)."""
        self._total += len(chunk)
        if self._total > MAX_FIELDS:
            raise too_large()
        if not self._name:
            return
        self._value += chunk
        if len(self._value) > LONGER.get(self._name, MAX_FIELD):
            self._drop_or_refuse()

    def end(self) -> None:
        """Keep the field; raises ``Refused`` (``field_malformed``) where it is not text."""
        if self._name:
            self.values[self._name].append(_text(self._name, bytes(self._value)))

    def _drop_or_refuse(self) -> None:
        """The texts of many licenses together may be long; they are compared only where they are not."""
        if self._name != "license":
            raise too_large()
        self._name = ""


def too_large() -> Refused:
    """The refusal for a form that nobody needs so large."""
    return Refused("form_too_large", "The form has more fields than an upload needs, or longer ones.")


def _text(name: str, value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Refused("field_malformed", f"The field '{name}' is not text in UTF-8.", field=name)
    return text
