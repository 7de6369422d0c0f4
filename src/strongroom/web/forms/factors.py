"""Forms to add, name and keep second factors."""

from django.utils.translation import gettext_lazy as _

from strongroom.web.forms import fields
from strongroom.web.forms.base import Form


class ProvisionTotp(Form):
    """The name of an authenticator app and a code that proves that it works."""

    name = fields.factor_name(
        label=_("Name of this app"),
        initial=_("Authenticator app"),
        help_text=_("So that you know later which one it is, such as “Phone”."),
    )
    code = fields.code()


class ProvisionKey(Form):
    """The name of a security key, and what it answered."""

    name = fields.factor_name(
        label=_("Security key name"),
        help_text=_("So that you know later which one it is, such as “Key ring” or “Laptop”."),
    )
    credential = fields.credential()


class RenameKey(Form):
    """Another name for a security key."""

    name = fields.factor_name(label=_("Security key name"))


class TypeBack(Form):
    """One of the recovery codes that were just shown, which proves that they were kept."""

    code = fields.recovery_code(
        help_text=_(
            "Sixteen letters and digits, such as XXXX-XXXX-XXXX-XXXX. Typing it here does not use it up."
        )
    )
