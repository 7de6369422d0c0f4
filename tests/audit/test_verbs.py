"""Every verb that takes an author leaves an event of what it did; whatever else writes rows says why it leaves none."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from docs.generate import events
from strongroom.audit.event import kinds
from tests.architecture.source import Module, modules
from tests.audit import (
    acts_of_accounts,
    acts_of_programs,
    acts_of_publishing,
    acts_of_recovering,
    acts_of_signing_in,
    acts_of_webhooks,
)
from tests.audit.acts import CASES
from tests.audit.walking import RECORD, functions, functions_of, reached, verbs

ALL_ACTS = (
    acts_of_accounts,
    acts_of_programs,
    acts_of_publishing,
    acts_of_recovering,
    acts_of_signing_in,
    acts_of_webhooks,
)

# Verbs that record nothing, each with the reason.
WITHOUT_EVENT: Mapping[str, str] = {
    "strongroom.accounts.primary_email.look": "changes nothing: it shows what a link would undo",
    "strongroom.accounts.stolen_password.tell": "mails; the refusal is recorded by whoever refuses",
    "strongroom.audit.downloads.Downloads.begun": "downloads are counted (docs/decisions/0029)",
    "strongroom.index.ports.Downloads.begun": "downloads are counted (docs/decisions/0029)",
    "strongroom.projects.files.add": "rows.add, its one caller, records the file with its journal row",
    "strongroom.projects.create.spend_on_new": "counts towards a limit",
    "strongroom.projects.journal.append": "the public journal; whoever appends to it records the event",
    "strongroom.publish.attesting.provenance": "verifies; the upload records what comes of it",
    "strongroom.publish.owners.tell": "mails about what its caller has recorded",
    "strongroom.recovery.proofs.require_approver": "only refuses; whoever asks it records that",
    "strongroom.signin.steps.begin_passkey": "makes a question; its answer is recorded",
    "strongroom.signin.stepup.require_password": "checks a password; whoever asks it records the refusal",
    "strongroom.trust.tell.owners": "mails about what its caller has recorded",
    "strongroom.webhooks.owner.account": "only says whose webhooks somebody may manage",
    "strongroom.webhooks.owner.instance": "only says whose webhooks somebody may manage",
    "strongroom.webhooks.owner.project": "only says whose webhooks somebody may manage",
}

# Verbs that leave it to other verbs, all of which record what they do.
BY_OTHERS: Mapping[str, set[str]] = {
    "strongroom.publish.credentials.burn_minted": {"strongroom.tokens.revoke.revoke_minted"},
    "strongroom.publish.credentials.revoke_all_tokens": {"strongroom.tokens.revoke.revoke_all"},
    "strongroom.publish.credentials.revoke_held": {"strongroom.tokens.revoke.revoke_found"},
    "strongroom.publish.credentials.revoke_token": {"strongroom.tokens.revoke.revoke"},
    "strongroom.publish.device_tokens.make": {"strongroom.publish.credentials.make_token"},
    "strongroom.recovery.panic.pull": {"strongroom.recovery.panic.stop"},
    "strongroom.signin.factors.acknowledge_codes": {"strongroom.factors.recovery_codes.acknowledge"},
    "strongroom.signin.factors.make_codes": {"strongroom.factors.recovery_codes.make"},
    "strongroom.signin.factors.remove_key": {"strongroom.factors.keys.remove"},
    "strongroom.signin.factors.remove_totp": {"strongroom.factors.totp_enrollment.remove"},
    "strongroom.signin.factors.rename_key": {"strongroom.factors.keys.rename"},
    "strongroom.signin.second.accept": {"strongroom.factors.recovery_codes.use"},
    "strongroom.signin.second.check": {
        "strongroom.signin.attempts.spend_answer",
        "strongroom.signin.second.telling_of_copies",
    },
    "strongroom.signin.second.telling_of_copies": {"strongroom.factors.keys.flag"},
    "strongroom.signin.steps.open_after_registration": {"strongroom.signin.session.open_session"},
    "strongroom.trust.freezing.stop_of": {
        "strongroom.trust.pending.drop",
        "strongroom.trust.publishers.drop",
        "strongroom.trust.publishers.revoke_tokens",
    },
    "strongroom.trust.pending.void_taken": {"strongroom.trust.pending.drop"},
    "strongroom.trust.publishers.revoke_tokens": {"strongroom.tokens.revoke.revoke_minted"},
    "strongroom.webhooks.changing.remove_all": {"strongroom.webhooks.changing.remove"},
}

# Functions that write rows on behalf of no verb, and record nothing.
_EXPIRED = "deletes what has expired and decides nothing any more"
_LEASE = "a cursor or lease: how far a follower of the trail has come"
_KEYS = "remembers when an address was asked for keys"
_USED = "writes down that something is used up; whoever asks it records what it was used for"
WRITES_WITHOUT_EVENT: Mapping[str, str] = {
    "strongroom.accounts.language.keep": "the language in which mails are written",
    "strongroom.accounts.links.sweep": _EXPIRED,
    "strongroom.audit.downloads._write": "downloads are counted (docs/decisions/0029)",
    "strongroom.audit.following.advance": _LEASE,
    "strongroom.audit.following.position": _LEASE,
    "strongroom.audit.sinks.relay.Relay._claim": _LEASE,
    "strongroom.audit.sinks.relay.Relay._send_batch": _LEASE,
    "strongroom.audit.sinks.relay.Relay.close": _LEASE,
    "strongroom.factors.challenges.sweep": _EXPIRED,
    "strongroom.factors.totp_enrollment._seed_shown": "a seed that is good for nothing until it is confirmed",
    "strongroom.factors.totp_enrollment.sweep": _EXPIRED,
    "strongroom.notices.queue._deliver": "mails that were sent",
    "strongroom.publish.expiring._tell": "remembers who was reminded",
    "strongroom.publish.leaks._use_up": _USED,
    "strongroom.publish.leaks.sweep": _EXPIRED,
    "strongroom.publish.report_keys._may_visit": _KEYS,
    "strongroom.publish.report_keys._visit": _KEYS,
    "strongroom.recovery.remind._remind": "remembers who was reminded",
    "strongroom.signin.browsers.sweep": _EXPIRED,
    "strongroom.signin.confirmations.sweep": _EXPIRED,
    "strongroom.signin.devices._asked_again": "remembers when a program last asked",
    "strongroom.signin.devices.ask": "makes a code that is good for nothing until somebody approves it",
    "strongroom.signin.devices.redeem": _USED,
    "strongroom.signin.devices.sweep": _EXPIRED,
    "strongroom.signin.session._touch": "remembers when a session was last used",
    "strongroom.signin.session.sweep": _EXPIRED,
    "strongroom.signin.tickets.sweep": _EXPIRED,
    "strongroom.throttle.limits.sweep": _EXPIRED,
    "strongroom.tokens.uses.spend": _USED,
    "strongroom.trust.exchange._use_up": _USED,
    "strongroom.trust.issuer_keys._may_visit": _KEYS,
    "strongroom.trust.issuer_keys._visit": _KEYS,
    "strongroom.trust.sweep._remind": "remembers who was reminded",
    "strongroom.webhooks.deliver._has_work": _LEASE,
    "strongroom.webhooks.deliver._move": _LEASE,
    "strongroom.webhooks.deliver._take_lease": _LEASE,
    "strongroom.webhooks.log.add": "the delivery log (docs/decisions/0026)",
    "strongroom.webhooks.log.sweep": _EXPIRED,
    "strongroom.webhooks.log.trim": _EXPIRED,
}


def test_every_verb_records_what_it_did() -> None:
    """Refusals are not enough, and neither is what other verbs record that it calls."""
    known = functions()
    found = verbs(known)
    assert len(found) > 140
    silent = {name for name in found if RECORD not in reached(name, known, but_not_through=found)}
    assert silent == {*WITHOUT_EVENT, *BY_OTHERS}


def test_what_a_verb_leaves_to_others_they_record() -> None:
    known = functions()
    found = verbs(known)
    for name, others in BY_OTHERS.items():
        called = reached(name, known, but_not_through=found) & found
        assert called - WITHOUT_EVENT.keys() == others, name
        assert not others & WITHOUT_EVENT.keys(), name


def test_nothing_else_writes_rows_without_a_reason() -> None:
    known = functions()
    served = {
        called for name in verbs(known) for called in (name, *reached(name, known, but_not_through=set()))
    }
    writers = {name for name, function in known.items() if function.writes} - served
    silent = {name for name in writers if RECORD not in reached(name, known, but_not_through=set())}
    assert silent == {*WRITES_WITHOUT_EVENT}


def test_every_event_is_expected_by_some_test() -> None:
    """By its tag: as what an act leaves, or as what a test finds in the trail."""
    paths = Path(__file__).parent.parent.rglob("test_*.py")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    left = {event.tag for case in CASES.values() for event in case.left}
    found = {tag for tag in kinds() if re.search(rf"[\"']{re.escape(tag)}[\"']", sources)}
    assert ALL_ACTS
    assert sorted(kinds().keys() - left - found) == []


def test_every_event_is_recorded_somewhere() -> None:
    named = {
        node.id
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    } | {
        node.attr for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)
    }
    classes = {
        node.name
        for module in modules()
        if module.name.endswith(".events")
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
    }
    assert len(classes) == len(events.declared())
    assert sorted(classes - named) == []


@pytest.mark.parametrize(
    ("body", "is_recorded"),
    [
        ("trail.record(Removed(), by=by)", True),
        ("_inner(by=by)", True),
        ("list(map(_inner, rows))", True),
        ("trail.refusals_of(Removed(), by=by)", False),
        ("revoke(by=by)", False),
        ("other(by=by)", False),
        ("record(by)", False),
        ("pass", False),
    ],
)
def test_a_verb_that_records_nothing_is_noticed(body: str, is_recorded: bool) -> None:
    source = (
        "from strongroom.audit import trail\n"
        f"def remove(*, by: Actor):\n    {body}\n"
        "def revoke(*, by: Actor):\n    trail.record(Revoked(), by=by)\n"
        "def _inner(*, by):\n    trail.record(Removed(), by=by)\n"
        "def other(*, by):\n    return 0\n"
    )
    known = {one.name: one for one in functions_of(Module("strongroom.x", source))}
    found = verbs(known)
    assert found == {"strongroom.x.remove", "strongroom.x.revoke"}
    assert (RECORD in reached("strongroom.x.remove", known, but_not_through=found)) is is_recorded


@pytest.mark.parametrize(
    ("body", "is_written"),
    [
        ("rows.update(done=True)", True),
        ("rows.delete()", True),
        ("row.save(update_fields=['done'])", True),
        ("Row.objects.bulk_create(rows)", True),
        ("insert(Row, name='x')", True),
        ("found.update(other)", False),
        ("found.insert(0, other)", False),
        ("Row.objects.filter(done=True)", False),
    ],
)
def test_whoever_writes_rows_is_noticed(body: str, is_written: bool) -> None:
    source = (
        f"from strongroom.prepared.insert import insert\nclass Sweep:\n    def turn(self):\n        {body}\n"
    )
    (found,) = functions_of(Module("strongroom.x", source))
    assert (found.name, found.writes) == ("strongroom.x.Sweep.turn", is_written)
