"""The pages for people: every path, with who may ask it. The paths stand in ``docs/ARCHITECTURE.md`` and stay."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from strongroom.web import errors, webhook_paths
from strongroom.web.names import NamePath, VersionPath
from strongroom.web.routes import (
    ANYONE,
    FRESH,
    FRESH_OPERATOR,
    OPERATOR,
    PENDING,
    READER,
    RECOVERED,
    SIGNED_IN,
    page,
)
from strongroom.web.views import (
    about,
    account,
    audit,
    codes,
    confirm_login,
    device,
    disowning,
    downloads,
    emails,
    history,
    home,
    issuers,
    keys,
    operate,
    panic,
    passkey,
    pending,
    personal_data,
    project_settings,
    projects,
    publishing,
    reauthenticate,
    recover,
    recoveries,
    recovery,
    register,
    releases,
    setup,
    signin,
    taking,
    tokens,
    totp,
)

register_converter(NamePath, "name")
register_converter(VersionPath, "version")

_public = [
    path("", page(home.home, get=READER), name="home"),
    path("search/", page(home.search, get=READER), name="search"),
    path("project/<name:name>/", page(projects.project, get=READER), name="project"),
    path("project/<name:name>/<version:version>/", page(projects.project, get=READER), name="release"),
    path("user/<name:username>/", page(projects.user, get=READER), name="user"),
    path("help/", page(about.help_page, get=ANYONE), name="help"),
    path("security/", page(about.security, get=ANYONE), name="security"),
    path(".well-known/security.txt", page(about.security_txt, get=ANYONE), name="security-txt"),
    path(".well-known/strongroom-audit-key", page(taking.audit_key, get=ANYONE), name="audit-key"),
    path("robots.txt", page(about.robots_txt, get=ANYONE), name="robots-txt"),
]

_sign_in = [
    path("account/register/", page(register.register, get=ANYONE, post=ANYONE), name="register"),
    path("account/login/", page(signin.login, get=ANYONE, post=ANYONE), name="login"),
    path("account/login/passkey/", page(passkey.login, post=ANYONE), name="passkey"),
    path("account/login/passkey-options/", page(passkey.options, post=ANYONE), name="passkey-options"),
    path("account/two-factor/", page(signin.two_factor, get=PENDING, post=PENDING), name="two-factor"),
    path(
        "account/two-factor/options/",
        page(signin.two_factor_options, post=PENDING),
        name="two-factor-options",
    ),
    path(
        "account/recovery-code/",
        page(signin.recovery_code, get=PENDING, post=PENDING),
        name="recovery-code",
    ),
    path(
        "account/confirm-login/",
        page(confirm_login.confirm_login, get=ANYONE, post=ANYONE),
        name="confirm-login",
    ),
    path("account/logout/", page(signin.logout, post=ANYONE), name="logout"),
    path(
        "account/request-password-reset/",
        page(recover.request_reset, get=ANYONE, post=ANYONE),
        name="request-password-reset",
    ),
    path(
        "account/reset-password/",
        page(recover.reset_password, get=ANYONE, post=ANYONE),
        name="reset-password",
    ),
    path(
        "account/reset-password/options/",
        page(recover.reset_options, post=ANYONE),
        name="reset-password-options",
    ),
    path("account/recover/", page(recovery.ask, get=ANYONE, post=ANYONE), name="recover"),
    path("account/recover/start/", page(recovery.start, get=ANYONE, post=ANYONE), name="recover-start"),
    path("account/recover/stop/", page(recovery.stop_by_link, get=ANYONE, post=ANYONE), name="recover-stop"),
    path(
        "account/recover/finish/",
        page(recovery.finish_by_link, get=ANYONE, post=ANYONE),
        name="recover-finish",
    ),
    path("account/panic/", page(panic.panic, get=ANYONE, post=ANYONE), name="panic"),
    path(
        "account/undo-email-change/",
        page(emails.undo_change, get=ANYONE, post=ANYONE),
        name="undo-email-change",
    ),
    path("account/verify-email/", page(emails.verify, get=ANYONE, post=ANYONE), name="verify-email"),
    path(
        "account/reauthenticate/",
        page(reauthenticate.reauthenticate, get=SIGNED_IN, post=SIGNED_IN, enrolling=True),
        name="reauthenticate",
    ),
    path(
        "account/reauthenticate/options/",
        page(reauthenticate.options, post=SIGNED_IN, enrolling=True),
        name="reauthenticate-options",
    ),
    path("account/device/", page(device.device, get=SIGNED_IN, post=FRESH), name="device"),
    path("account/device/deny/", page(device.deny, post=SIGNED_IN, form_at="device"), name="device-deny"),
    path("account/resume/", page(reauthenticate.resume, get=SIGNED_IN, enrolling=True), name="resume"),
]

_factors = [
    path(
        "totp-provision/",
        page(totp.provision, get=RECOVERED, post=RECOVERED, enrolling=True),
        name="totp-provision",
    ),
    path("totp/<int:totp_id>/remove/", page(totp.remove, get=FRESH, post=FRESH), name="totp-remove"),
    path(
        "webauthn-provision/",
        page(keys.provision, get=RECOVERED, post=RECOVERED, enrolling=True),
        name="webauthn-provision",
    ),
    path(
        "webauthn-provision/options/",
        page(keys.options, post=RECOVERED, form_at="webauthn-provision", enrolling=True),
        name="webauthn-provision-options",
    ),
    path("key/<int:key_id>/rename/", page(keys.rename, get=FRESH, post=FRESH), name="key-rename"),
    path("key/<int:key_id>/remove/", page(keys.remove, get=FRESH, post=FRESH), name="key-remove"),
    path(
        "recovery-codes/",
        page(codes.overview, get=RECOVERED, post=RECOVERED, enrolling=True),
        name="recovery-codes",
    ),
    path(
        "recovery-codes/check/",
        page(codes.check, post=RECOVERED, form_at="recovery-codes", enrolling=True),
        name="recovery-codes-check",
    ),
]

_own_history = [
    path(
        "history/download/",
        page(taking.account_download, get=SIGNED_IN, enrolling=True),
        name="account-history-download",
    ),
    path(
        "history/<int:serial>/receipt/",
        page(taking.account_receipt, get=SIGNED_IN, enrolling=True),
        name="account-event-receipt",
    ),
    path(
        "history/<int:serial>/not-me/",
        page(disowning.disown, get=SIGNED_IN, post=SIGNED_IN, enrolling=True),
        name="account-event-disown",
    ),
]

_account: list[URLPattern | URLResolver] = [
    path("", page(account.overview, get=SIGNED_IN, enrolling=True), name="account"),
    path("history/", page(history.account, get=SIGNED_IN, enrolling=True), name="account-history"),
    path("webhooks/", include(webhook_paths.paths("account"))),
    path("data/", page(personal_data.overview, get=SIGNED_IN, enrolling=True), name="account-data"),
    path(
        "data/export/",
        page(personal_data.take_out, post=FRESH, form_at="account-data", enrolling=True),
        name="account-data-export",
    ),
    path(
        "data/delete/",
        page(personal_data.delete, get=FRESH, post=FRESH, enrolling=True),
        name="account-data-delete",
    ),
    path("password/", page(account.change_password, get=RECOVERED, post=RECOVERED), name="password"),
    *_factors,
    *_own_history,
    path("email/", page(emails.add, post=FRESH, enrolling=True), name="email-add"),
    path(
        "email/<int:address_id>/verify/",
        page(emails.send_again, post=SIGNED_IN, enrolling=True),
        name="email-verify",
    ),
    path(
        "email/<int:address_id>/primary/",
        page(emails.make_primary, post=FRESH, enrolling=True),
        name="email-primary",
    ),
    path(
        "email/<int:address_id>/remove/",
        page(emails.remove, post=FRESH, enrolling=True),
        name="email-remove",
    ),
    path("token/", page(tokens.make, get=FRESH, post=FRESH), name="token"),
    path(
        "token/<int:token_id>/revoke/",
        page(tokens.revoke, get=SIGNED_IN, post=SIGNED_IN),
        name="token-revoke",
    ),
    path("publishing/", page(pending.publishing, get=SIGNED_IN, post=FRESH), name="account-publishing"),
    path(
        "publishing/<int:pending_id>/remove/",
        page(pending.remove, get=FRESH, post=FRESH),
        name="pending-remove",
    ),
    path("thaw/", page(panic.thaw, post=FRESH), name="thaw"),
    path("may-publish/", page(account.choose_level, post=FRESH), name="may-publish"),
    path(
        "browser/<int:browser_id>/forget/",
        page(account.forget_browser, post=SIGNED_IN),
        name="browser-forget",
    ),
    path("session/<int:session_id>/end/", page(account.end_session, post=SIGNED_IN), name="session-end"),
    path(
        "sessions/end-others/", page(account.end_other_sessions, post=SIGNED_IN), name="sessions-end-others"
    ),
]

_recovery = [
    path("<int:recovery_id>/vouch/", page(recovery.vouch, get=FRESH, post=FRESH), name="recovery-vouch"),
    path(
        "<int:recovery_id>/stop/",
        page(recovery.stop_own, post=SIGNED_IN, enrolling=True),
        name="recovery-stop",
    ),
]

_operators = [
    path("", page(operate.overview, get=OPERATOR), name="operate"),
    path("setup/", page(setup.setup, get=ANYONE, post=ANYONE), name="setup"),
    path(
        "may-publish/",
        page(operate.choose_level, post=FRESH_OPERATOR, form_at="operate"),
        name="operate-may-publish",
    ),
    path(
        "user/<name:username>/disable/",
        page(operate.disable, post=FRESH_OPERATOR, form_at="operate"),
        name="operate-disable",
    ),
    path(
        "user/<name:username>/enable/",
        page(operate.enable, post=FRESH_OPERATOR, form_at="operate"),
        name="operate-enable",
    ),
    path(
        "user/<name:username>/thaw/",
        page(operate.thaw, post=FRESH_OPERATOR, form_at="operate"),
        name="operate-thaw",
    ),
    path(
        "recoveries/",
        page(recoveries.overview, get=FRESH_OPERATOR, post=FRESH_OPERATOR),
        name="operate-recoveries",
    ),
    path(
        "recoveries/<int:recovery_id>/approve/",
        page(recoveries.approve, post=FRESH_OPERATOR, form_at="operate-recoveries"),
        name="operate-recovery-approve",
    ),
    path(
        "recoveries/<int:recovery_id>/stop/",
        page(recoveries.stop_one, post=FRESH_OPERATOR, form_at="operate-recoveries"),
        name="operate-recovery-stop",
    ),
    path("audit/", page(audit.everything, get=OPERATOR), name="operate-audit"),
    path("issuers/", page(issuers.overview, get=OPERATOR, post=FRESH_OPERATOR), name="operate-issuers"),
    path(
        "issuers/<int:issuer_id>/remove/",
        page(issuers.remove, get=FRESH_OPERATOR, post=FRESH_OPERATOR),
        name="operate-issuer-remove",
    ),
]

_taking_all = [
    path(
        "audit/downloads/",
        page(downloads.downloads, get=OPERATOR, post=OPERATOR),
        name="operate-downloads",
    ),
    path("audit/download/", page(taking.operate_download, get=OPERATOR), name="operate-audit-download"),
    path(
        "audit/<int:serial>/receipt/",
        page(taking.operate_receipt, get=OPERATOR),
        name="operate-event-receipt",
    ),
]

_publishing: list[URLPattern] = [
    path("", page(publishing.publishing, get=SIGNED_IN, post=FRESH), name="project-publishing"),
    path("try/", page(publishing.try_token, get=SIGNED_IN, post=SIGNED_IN), name="publishing-try"),
    path(
        "<int:publisher_id>/remove/", page(publishing.remove, get=FRESH, post=FRESH), name="publisher-remove"
    ),
    path(
        "<int:publisher_id>/confirm/",
        page(publishing.confirm, get=FRESH, post=FRESH),
        name="publisher-confirm",
    ),
    path(
        "<int:publisher_id>/constrain/",
        page(publishing.constrain, get=FRESH, post=FRESH),
        name="publisher-constrain",
    ),
]

_project: list[URLPattern | URLResolver] = [
    path(
        "history/download/",
        page(taking.project_download, get=SIGNED_IN),
        name="project-history-download",
    ),
    path(
        "history/<int:serial>/receipt/",
        page(taking.project_receipt, get=SIGNED_IN),
        name="project-event-receipt",
    ),
    path("publishing/", include(_publishing)),
    path("webhooks/", include(webhook_paths.paths("project"))),
    path("history/", page(history.project, get=SIGNED_IN), name="project-history"),
    path("releases/", page(releases.overview, get=SIGNED_IN), name="project-releases"),
    path(
        "releases/<version:version>/yank/",
        page(releases.yank_release, get=SIGNED_IN, post=FRESH),
        name="release-yank",
    ),
    path(
        "releases/<version:version>/unyank/",
        page(releases.unyank_release, get=SIGNED_IN, post=FRESH),
        name="release-unyank",
    ),
    path(
        "settings/",
        page(project_settings.settings, get=SIGNED_IN, post=FRESH),
        name="project-settings",
    ),
]

urlpatterns = [
    *_public,
    *_sign_in,
    path("manage/account/", include(_account)),
    path("manage/recovery/", include(_recovery)),
    path("manage/projects/", page(projects.mine, get=SIGNED_IN), name="projects"),
    path("manage/project/<name:name>/", include(_project)),
    path("operate/webhooks/", include(webhook_paths.paths("operate"))),
    path("operate/", include([*_operators, *_taking_all])),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
