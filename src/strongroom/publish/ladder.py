"""What may publish: configuration, operators, the account and the project each choose a rung; the strictest counts."""

from django.conf import settings

from strongroom.kernel.may_publish import MayPublish, strictest
from strongroom.kernel.refused import Refused
from strongroom.publish.identity import TOKEN_USERNAME, Identity


def require(identity: Identity, *, project: str, level: str) -> None:
    """Whether ``identity`` may publish to ``project`` by what it came with; raises ``Refused``.

    ``level`` is what configuration, operators and the project let publish there (see ``projects.policy``). Codes:
    ``passwords_refused``, ``tokens_refused``.
    """
    account = identity.token.owner.may_publish if identity.token and identity.token.owner else level
    allowed = strictest(account, level)
    if strictest(identity.level, allowed) is identity.level:
        return
    if allowed is MayPublish.TRUSTED:
        raise Refused(
            "tokens_refused",
            f"The project '{project}' takes uploads by trusted publishers only. Its owners can set one up at "
            f"{settings.CONFIG.base_url}/manage/project/{project}/publishing/",
        )
    raise Refused(
        "passwords_refused",
        f"The project '{project}' takes no uploads by password. Make an API token in the account settings, and use it as "
        f"the password of the user '{TOKEN_USERNAME}'.",
    )
