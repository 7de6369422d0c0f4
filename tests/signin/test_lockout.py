"""Would you get back in? What is left when a phone, a laptop or a key is lost."""

from datetime import timedelta
from functools import partial

import pytest

from strongroom.factors.models import RecoveryCode
from strongroom.kernel import clock
from strongroom.kernel.sections import Feature
from strongroom.signin import factors
from strongroom.signin.lockout import Advice, assess
from strongroom.signin.session import Opened
from tests.signin.entering import author
from tests.support.authenticator import Authenticator
from tests.support.configuration import configured
from tests.support.people import person, signed_in, with_codes, with_key, with_phone

pytestmark = pytest.mark.django_db

CARRIED = partial(Authenticator)
BUILT_IN = partial(Authenticator, backup_eligible=True)
SYNCED = partial(Authenticator, backup_eligible=True, backed_up=True)


def holding(*things: str) -> Opened:
    """Alice, who has turned ``things`` on: phone, carried, built-in, synced, codes, unread-codes."""
    opened = signed_in(person())
    for number, thing in enumerate(things):
        opened = add(opened, thing, name=f"{thing} {number}")
    return opened


def add(opened: Opened, thing: str, *, name: str) -> Opened:
    makers = {"carried": CARRIED, "built-in": BUILT_IN, "synced": SYNCED}
    if thing in makers:
        return with_key(opened, makers[thing](), name=name)
    if thing == "phone":
        return with_phone(opened, name=name)[0]
    if thing == "codes":
        with_codes(opened)
    else:
        factors.make_codes(opened.session, by=author(opened))
    return opened


def survives(opened: Opened) -> tuple[str, ...]:
    found = assess(opened.session.user_id)
    assert found.score == found.phone + found.laptop + found.key
    return tuple(thing for thing in ("phone", "laptop", "key") if getattr(found, thing))


ALL = ("phone", "laptop", "key")


@pytest.mark.parametrize(
    ("things", "survived"),
    [
        ((), ALL),
        (("phone",), ("laptop", "key")),
        (("phone", "phone"), ("laptop", "key")),
        (("carried",), ("phone", "laptop")),
        (("carried", "carried"), ALL),
        (("built-in",), ("phone", "key")),
        (("built-in", "built-in"), ("phone", "key")),
        (("synced",), ALL),
        (("phone", "carried"), ALL),
        (("phone", "built-in"), ALL),
        (("phone", "codes"), ALL),
        (("carried", "codes"), ALL),
        (("built-in", "codes"), ALL),
        (("phone", "unread-codes"), ("laptop", "key")),
        (("carried", "unread-codes"), ("phone", "laptop")),
    ],
)
def test_what_is_survived_depends_on_where_the_other_factors_are(
    things: tuple[str, ...], survived: tuple[str, ...]
) -> None:
    assert survives(holding(*things)) == survived


@pytest.mark.parametrize(
    ("things", "advice"),
    [
        ((), (Advice.ADD_FACTOR,)),
        (("phone",), (Advice.MAKE_CODES, Advice.ADD_KEY, Advice.ADD_SECOND_FACTOR)),
        (("phone", "unread-codes"), (Advice.KEEP_CODES, Advice.ADD_KEY, Advice.ADD_SECOND_FACTOR)),
        (("phone", "codes"), (Advice.ADD_KEY, Advice.ADD_SECOND_FACTOR)),
        (("carried",), (Advice.MAKE_CODES, Advice.ADD_SECOND_FACTOR)),
        (("phone", "carried"), (Advice.MAKE_CODES,)),
        (("phone", "carried", "codes"), ()),
    ],
)
def test_the_most_useful_thing_to_add_is_said_first(
    things: tuple[str, ...], advice: tuple[Advice, ...]
) -> None:  # RC-12
    assert assess(holding(*things).session.user_id).advice == advice


@pytest.mark.parametrize(
    ("left", "renew", "survives_phone"),
    [(3, False, True), (2, True, True), (1, True, True), (0, True, False)],
)
def test_few_codes_are_worth_renewing_and_used_ones_worth_nothing(
    left: int, renew: bool, survives_phone: bool
) -> None:  # RC-12
    opened = holding("phone", "codes")
    spent = RecoveryCode.objects.order_by("pk").values_list("pk", flat=True)[: 8 - left]
    RecoveryCode.objects.filter(pk__in=list(spent)).update(used=clock.now() - timedelta(days=2))
    found = assess(opened.session.user_id)
    assert (Advice.RENEW_CODES in found.advice, found.phone) == (renew, survives_phone)


def test_no_key_is_advised_where_keys_are_switched_off() -> None:
    opened = holding("phone", "codes")
    with configured("features", webauthn=Feature.OFF):
        assert assess(opened.session.user_id).advice == (Advice.ADD_SECOND_FACTOR,)


def test_the_factors_of_somebody_else_save_nobody() -> None:
    opened = holding("phone")
    with_codes(with_key(signed_in(person("bob")), Authenticator()))
    assert survives(opened) == ("laptop", "key")


def test_a_key_that_is_switched_off_still_guards_so_that_only_codes_let_its_owner_in() -> None:
    alone, with_paper = holding("carried"), with_key(signed_in(person("bob")), Authenticator())
    with_codes(with_paper)
    with configured("features", webauthn=Feature.OFF):
        assert survives(alone) == ()
        assert assess(alone.session.user_id).advice == (Advice.MAKE_CODES, Advice.ADD_SECOND_FACTOR)
        assert survives(with_paper) == ALL
        assert assess(with_paper.session.user_id).advice == (Advice.ADD_SECOND_FACTOR,)
