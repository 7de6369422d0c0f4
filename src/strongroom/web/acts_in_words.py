"""What the forms do that can be kept while somebody proves who they are (see ``web.acts``), each in a sentence."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import Http404
from django.utils.translation import gettext as _

from strongroom.factors import keys, totp
from strongroom.recovery import proofs, stage
from strongroom.web import token_forms
from strongroom.web.forms.tokens import MakeToken
from strongroom.web.kept_acts import KeptAct, Sent
from strongroom.web.levels import title_of
from strongroom.web.publishing_acts import PUBLISHING_ACTS
from strongroom.web.webhooks.acts import WEBHOOK_ACTS


def _add_email(sent: Sent) -> str:
    return _("Add the address %(address)s to your account.") % {"address": sent["email"]}


def _make_primary(sent: Sent) -> str:
    return _("Make %(address)s your primary address.") % {"address": _address(sent)}


def _remove_email(sent: Sent) -> str:
    return _("Remove the address %(address)s from your account.") % {"address": _address(sent)}


def _make_token(sent: Sent) -> str:
    return _("Make the API token “%(name)s”.") % {"name": sent["name"]}


def _about_token(sent: Sent) -> tuple[str, ...]:
    return token_forms.in_words(sent.user, sent.fields)


def _approve_device(sent: Sent) -> str:
    return _("Let the program with the code %(code)s have the API token “%(name)s”, for %(scope)s.") % {
        "code": sent["user_code"],
        "name": sent["name"],
        "scope": ", ".join(sent.fields.get("projects", [])) or _("all of your projects"),
    }


def _choose_own_level(sent: Sent) -> str:
    return _("Choose what may publish with your account: %(level)s.") % {"level": title_of(sent["level"])}


def _choose_project_level(sent: Sent) -> str:
    told = {"project": sent.path["name"], "level": title_of(sent["level"])}
    return _("Choose what may publish in the project %(project)s: %(level)s.") % told


def _yank(sent: Sent) -> str:
    told = {"what": _yanked(sent), "reason": sent["reason"]}
    if sent["reason"]:
        return _("Yank %(what)s. Reason: %(reason)s") % told
    return _("Yank %(what)s.") % told


def _unyank(sent: Sent) -> str:
    return _("Unyank %(what)s.") % {"what": _yanked(sent)}


def _yanked(sent: Sent) -> str:
    told = {"project": sent.path["name"], "version": sent.path["version"], "filename": sent["filename"]}
    if sent["filename"]:
        return _("the file %(filename)s of %(project)s %(version)s") % told
    return _("%(project)s %(version)s") % told


def _remove_app(sent: Sent) -> str:
    name = _name(totp.of(sent.user.pk), sent.path["totp_id"])
    return _("Remove the authenticator app “%(name)s”.") % {"name": name}


def _remove_key(sent: Sent) -> str:
    return _("Remove the security key “%(name)s”.") % {"name": _key(sent)}


def _rename_key(sent: Sent) -> str:
    return _("Rename the security key “%(before)s” to “%(name)s”.") % {
        "before": _key(sent),
        "name": sent["name"],
    }


def _thaw_own(_sent: Sent) -> str:
    return _("Undo the freeze of your account.")


def _take_out(_sent: Sent) -> str:
    return _("Download a copy of everything that this site knows about you.")


def _delete_account(sent: Sent) -> str:
    return _("Delete your account %(name)s for good.") % {"name": sent.user.username}


def _vouch(sent: Sent) -> str:
    recovery = proofs.vouchable(sent.user.pk, sent.path["recovery_id"])
    return _("Vouch for %(name)s, whose account is being recovered.") % {"name": recovery.user.username}


def _choose_level_for_all(sent: Sent) -> str:
    return _("Choose what may publish on this site, for everybody: %(level)s.") % {
        "level": title_of(sent["level"])
    }


def _disable(sent: Sent) -> str:
    return _("Disable the account %(name)s.") % {"name": sent.path["username"]}


def _enable(sent: Sent) -> str:
    return _("Enable the account %(name)s again.") % {"name": sent.path["username"]}


def _thaw(sent: Sent) -> str:
    return _("Undo the freeze of the account %(name)s.") % {"name": sent.path["username"]}


def _begin_recovery(sent: Sent) -> str:
    told = {"name": sent["username"], "reason": sent["reason"], "address": sent["address"]}
    if sent["address"]:
        return (
            _(
                "Begin a recovery of the account %(name)s, with the last link to %(address)s. Reason: %(reason)s"
            )
            % told
        )
    return _("Begin a recovery of the account %(name)s. Reason: %(reason)s") % told


def _approve_recovery(sent: Sent) -> str:
    told = {"name": _recovered(sent), "reason": sent["reason"]}
    return _("Approve the recovery of the account %(name)s. Reason: %(reason)s") % told


def _stop_recovery(sent: Sent) -> str:
    return _("Stop the recovery of the account %(name)s.") % {"name": _recovered(sent)}


def _address(sent: Sent) -> str:
    row = sent.user.addresses.filter(pk=sent.path["address_id"]).first()
    if row is None:
        raise Http404
    return str(row.address)


def _key(sent: Sent) -> str:
    return _name(keys.of(sent.user.pk), sent.path["key_id"])


def _name(rows: list[Any], row_id: int) -> str:
    found = next((row for row in rows if row.pk == row_id), None)
    if found is None:
        raise Http404
    return str(found.name)


def _recovered(sent: Sent) -> str:
    return stage.find(sent.path["recovery_id"]).user.username


ACTS: Final[Mapping[str, KeptAct]] = {
    "email-add": KeptAct(_add_email, ("email",)),
    "email-primary": KeptAct(_make_primary),
    "email-remove": KeptAct(_remove_email),
    "token": KeptAct(_make_token, tuple(MakeToken.base_fields), _about_token),
    "device": KeptAct(_approve_device, ("user_code", "name", "scope", "projects", "days")),
    "may-publish": KeptAct(_choose_own_level, ("level",)),
    "release-yank": KeptAct(_yank, ("filename", "reason")),
    "release-unyank": KeptAct(_unyank, ("filename",)),
    "project-settings": KeptAct(_choose_project_level, ("level",)),
    "totp-remove": KeptAct(_remove_app),
    "key-remove": KeptAct(_remove_key),
    "key-rename": KeptAct(_rename_key, ("name",)),
    "thaw": KeptAct(_thaw_own),
    "account-data-export": KeptAct(_take_out),
    "account-data-delete": KeptAct(_delete_account, ("username",)),
    "recovery-vouch": KeptAct(_vouch),
    **PUBLISHING_ACTS,
    **WEBHOOK_ACTS,
    "operate-may-publish": KeptAct(_choose_level_for_all, ("level",)),
    "operate-disable": KeptAct(_disable),
    "operate-enable": KeptAct(_enable),
    "operate-thaw": KeptAct(_thaw),
    "operate-recoveries": KeptAct(_begin_recovery, ("username", "reason", "address")),
    "operate-recovery-approve": KeptAct(_approve_recovery, ("reason",)),
    "operate-recovery-stop": KeptAct(_stop_recovery),
}
"""By route. What is not here, such as a new password, has to be typed again."""
