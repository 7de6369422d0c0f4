"""Sign counts: they only ever go up, whatever order answers come in (W3C WebAuthn §7.2 step 22)."""

from functools import partial
from itertools import count

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from strongroom.factors import keys
from strongroom.factors.challenges import Ceremony
from strongroom.factors.keys import Copied, Question
from strongroom.factors.models import SecurityKey
from strongroom.kernel.refused import Refused
from tests.support.authenticator import Answer, Authenticator
from tests.support.people import at_once, person, signed_in, with_key

pytestmark = pytest.mark.django_db

LAST = 2**32 - 1


def question(user_id: int) -> Question:
    return Question(Ceremony.SIGN_IN, "ticket:a", user_id)


def counted(device: Authenticator, user_id: int, said: int) -> str:
    """An answer whose signature covers the count ``said``."""

    def bend(answer: Answer) -> None:
        answer.sign_count = said

    return device.sign_in(keys.begin_assertion(question(user_id)), bend=bend)


def stored() -> int:
    return SecurityKey.objects.get().sign_count


@pytest.mark.parametrize(
    ("before", "said", "accepted"),
    [
        (0, 0, True),
        (0, 1, True),
        (1, 0, False),
        (7, 7, False),
        (7, 6, False),
        (7, 8, True),
        (7, 1000, True),
        (7, LAST, True),
        (LAST, LAST, False),
        (LAST, 0, False),
    ],
)
def test_a_count_must_be_higher_unless_the_key_does_not_count(
    before: int, said: int, accepted: bool
) -> None:  # WA-22, WA-33, WA-34
    alice, device = person(), Authenticator()
    with_key(signed_in(alice), device)
    SecurityKey.objects.update(sign_count=before)
    answer = counted(device, alice.pk, said)
    if accepted:
        assert keys.verify(answer, question(alice.pk)).pk
        assert stored() == said
    else:
        with pytest.raises(Copied):
            keys.verify(answer, question(alice.pk))
        assert (stored(), SecurityKey.objects.get().last_used) == (before, None)


def test_the_highest_count_of_one_key_does_nothing_to_another() -> None:  # WA-34
    alice, devices = person(), [Authenticator(), Authenticator()]
    with_key(with_key(signed_in(alice), devices[0]), devices[1], name="other")
    keys.verify(counted(devices[0], alice.pk, LAST), question(alice.pk))
    assert dict(SecurityKey.objects.values_list("name", "sign_count")) == {"key": LAST, "other": 1}


def test_a_count_without_a_good_signature_counts_for_nothing() -> None:  # WA-34, WA-24
    alice, device = person(), Authenticator()
    with_key(signed_in(alice), device)

    def bend(answer: Answer) -> None:
        answer.sign_count, answer.signature = LAST, bytes(70)

    text = device.sign_in(keys.begin_assertion(question(alice.pk)), bend=bend)
    with pytest.raises(Refused, match="webauthn_signature"):
        keys.verify(text, question(alice.pk))
    row = SecurityKey.objects.get()
    assert (row.sign_count, row.last_used, row.flagged) == (1, None, None)


@pytest.mark.django_db(transaction=True)
def test_of_counts_that_come_out_of_order_the_highest_is_kept() -> None:  # WA-32
    alice, device = person(), Authenticator()
    with_key(signed_in(alice), device)
    for lower in range(7, 47, 2):
        both = [counted(device, alice.pk, said) for said in (lower, lower + 1)]
        results = at_once([partial(keys.verify, text, question(alice.pk)) for text in both])
        assert stored() == lower + 1
        assert isinstance(results[1], SecurityKey)
        assert isinstance(results[0], SecurityKey | Refused)


class Counting(RuleBasedStateMachine):
    """A key and a copy of it answer as they like; a model keeps the highest count that was accepted."""

    numbers = count()

    @initialize(counts=st.booleans())
    def register(self, counts: bool) -> None:
        """A new account with one key; all of it is undone at the end."""
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.user = person(f"alice{next(self.numbers)}")
        self.device = Authenticator(counts=counts)
        with_key(signed_in(self.user), self.device)
        self.highest = int(counts)

    @rule(said=st.integers(0, 12) | st.sampled_from([LAST - 1, LAST]))
    def answer(self, said: int) -> None:
        """Accepted if and only if it is higher, or if neither has ever counted."""
        text = counted(self.device, self.user.pk, said)
        try:
            keys.verify(text, question(self.user.pk))
        except Copied:
            assert said <= self.highest
            assert self.highest > 0
        else:
            assert said > self.highest or said == self.highest == 0
            self.highest = said

    @rule()
    def answer_another_question(self) -> None:
        """A signature that answers nothing leaves the count alone, however high it says."""
        text = counted(self.device, self.user.pk, LAST)
        with pytest.raises(Refused, match="webauthn_challenge_unknown"):
            keys.verify(text, Question(Ceremony.STEP_UP, "session:1", self.user.pk))

    @invariant()
    def the_row_keeps_the_highest(self) -> None:
        """What is stored is what the model says."""
        if hasattr(self, "user"):
            assert SecurityKey.objects.get(user=self.user).sign_count == self.highest

    def teardown(self) -> None:
        """As if nothing had been."""
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.slow
def test_whatever_a_key_and_its_copies_say_the_count_only_goes_up() -> None:  # WA-22, WA-33
    run_state_machine_as_test(Counting, settings=settings(max_examples=25, stateful_step_count=12))
