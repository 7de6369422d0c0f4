"""Another configuration for one test."""

from typing import Any

from django.conf import settings
from django.test import override_settings
from msgspec.structs import replace

from strongroom.kernel.config import Config


def changed(section: str, **values: Any) -> Config:
    """The present configuration with other ``values`` in ``section``."""
    config = settings.CONFIG
    return replace(config, **{section: replace(getattr(config, section), **values)})


def configured(section: str, **values: Any) -> override_settings:
    """A context in which ``section`` has other values."""
    return override_settings(CONFIG=changed(section, **values))
