"""What identity tokens say: what the file of the user who asks for one holds."""

import json
from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from tests.support.openid.settings import CLAIMS


class ClaimsOfUsers(OAuth2Validator):  # type: ignore[misc]
    """Adds the claims of the user, over those of the toolkit if they have the same name; ``null`` leaves one out."""

    oidc_claim_scope = None

    def get_id_token_dictionary(
        self, token: Any, token_handler: Any, request: Any
    ) -> tuple[dict[str, Any], Any]:
        """The claims, and when the token expires for the toolkit's own records."""
        claims, expires = super().get_id_token_dictionary(token, token_handler, request)
        chosen = json.loads((CLAIMS / f"{request.user.username}.json").read_text("utf-8"))
        merged = {name: value for name, value in (claims | chosen).items() if value is not None}
        return merged, expires
