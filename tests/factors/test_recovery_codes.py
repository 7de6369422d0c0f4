"""Recovery codes by themselves: what they look like, what is stored, and that each is good once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from strongroom.audit.models import Entry
from strongroom.factors import recovery_codes
from strongroom.factors.models import RecoveryCode
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from tests.support.people import as_user, at_once, person, refusal_of

pytestmark = pytest.mark.django_db

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NOBODY = Actor.system()


@transaction.atomic
def make(user_id: int) -> list[Secret]:
    return recovery_codes.make(user_id, by=NOBODY)


@transaction.atomic
def use(user_id: int, code: str) -> int:
    return recovery_codes.use(user_id, code, by=NOBODY)


@transaction.atomic
def acknowledge(user_id: int, code: str) -> None:
    recovery_codes.acknowledge(user_id, code, by=NOBODY)


def outcome(call: Callable[[], Any]) -> Any:
    """What ``call`` returns, or the reason code with which it is refused."""
    try:
        return call()
    except Refused as refusal:
        return refusal.code


def test_eight_codes_of_eighty_bits_are_made_and_that_is_recorded() -> None:  # RC-05
    alice = person()
    with transaction.atomic():
        codes = recovery_codes.make(alice.pk, by=as_user(alice))
    assert len(set(codes)) == recovery_codes.COUNT == 8
    assert all(len(code) == 19 and code[4] == code[9] == code[14] == "-" for code in codes)
    assert {character for code in codes for character in code} <= {*ALPHABET, "-"}
    event = Entry.objects.get(tag="factor.codes_made")
    assert (event.subject_id, event.actor_id, event.details) == (alice.pk, alice.pk, {"count": 8})
    assert (event.outcome, event.actor_kind, event.authenticated) == ("done", "user", "password")
    state = recovery_codes.state(alice.pk)
    assert (state.left, state.acknowledged) == (8, False)
    assert "Secret" in repr(codes[0])


def test_no_character_of_a_code_is_likelier_than_another() -> None:  # RC-05
    alice, seen, places = person(), Counter[str](), Counter[tuple[int, str]]()
    for _ in range(250):
        for code in make(alice.pk):
            plain = code.replace("-", "")
            seen.update(plain)
            places.update(enumerate(plain))
    expected = seen.total() / len(ALPHABET)
    assert seen.total() == 250 * 8 * 16
    chi_square = sum((seen[character] - expected) ** 2 / expected for character in ALPHABET)
    assert chi_square < 107  # 31 degrees of freedom: fair codes go beyond once in 10^9 runs
    assert len(places) == 16 * len(ALPHABET)  # each of 512 stands 62 times on average; none is missing


def test_only_a_keyed_hash_is_stored_bound_to_its_owner() -> None:  # RC-06, RC-09
    alice, bob = person("alice"), person("bob")
    codes = make(alice.pk)
    stored = str(list(RecoveryCode.objects.values())) + str(list(Entry.objects.values()))
    for code in codes:
        assert code not in stored
        assert code.replace("-", "") not in stored
    assert all(len(row.digest) == 64 for row in RecoveryCode.objects.all())
    assert refusal_of(lambda: use(bob.pk, codes[0])) == "recovery_wrong"
    RecoveryCode.objects.update(user=bob)
    assert refusal_of(lambda: use(bob.pk, codes[0])) == "recovery_wrong"
    assert not RecoveryCode.objects.exclude(used=None).exists()
    assert not Entry.objects.filter(tag="factor.code_used").exists()


def test_an_attempt_costs_the_same_few_statements_however_many_codes_there_are() -> None:  # RC-07
    alice = person()
    costs = []
    for _round in range(5):
        codes = make(alice.pk)
        use(alice.pk, codes[0])
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            pytest.raises(Refused),
        ):
            recovery_codes.use(alice.pk, "0000-0000-0000-0000", by=NOBODY)
        costs.append(len(queries))
    assert costs == [2] * 5


def test_a_code_is_used_up_by_use_and_the_rest_is_counted() -> None:  # RC-01, RC-12
    alice = person()
    codes = make(alice.pk)
    assert [use(alice.pk, code) for code in codes] == [7, 6, 5, 4, 3, 2, 1, 0]
    assert {refusal_of(partial(use, alice.pk, code)) for code in codes} == {"recovery_used"}
    lefts = [entry.details for entry in Entry.objects.filter(tag="factor.code_used").order_by("serial")]
    assert lefts == [{"left": left} for left in range(7, -1, -1)]


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code.replace('-', ' - ')} ",
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: code.replace("0", "o").replace("1", "I"),
        lambda code: code.replace("-", "\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}"),
    ],
)
def test_a_code_is_one_in_every_spelling(spell: Any) -> None:  # RC-10
    alice = person()
    code = make(alice.pk)[0]
    assert use(alice.pk, spell(code)) == 7
    assert refusal_of(lambda: use(alice.pk, code)) == "recovery_used"
    assert refusal_of(lambda: use(alice.pk, spell(code))) == "recovery_used"
    assert recovery_codes.state(alice.pk).left == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "XXXX-XXXX-XXXX-XXX",
        "XXXX-XXXX-XXXX-XXXXX",
        "XXXX-XXXX-XXXX-XXXU",
        "XXXX-XXXX-XXXX-XXX\N{FULLWIDTH DIGIT ONE}",
        "XXXX-XXXX-XXXX-XXXX\n",
        "\N{LATIN SMALL LETTER DOTLESS I}XXX-XXXX-XXXX-XXXX\0",
        "X" * 100_000,
        "-" * 64,
    ],
)
def test_what_can_not_be_a_code_is_malformed(text: str) -> None:  # RC-10
    alice = person()
    make(alice.pk)
    assert refusal_of(lambda: use(alice.pk, text)) == "recovery_malformed"
    assert refusal_of(lambda: acknowledge(alice.pk, text)) == "recovery_malformed"
    assert recovery_codes.state(alice.pk) == recovery_codes.State(
        left=8, made=RecoveryCode.objects.first().made, acknowledged=False
    )


@given(st.text(max_size=80))
def test_whatever_is_typed_becomes_sixteen_characters_or_a_refusal(text: str) -> None:  # RC-10
    plain = outcome(lambda: recovery_codes.normalize(text))
    if plain != "recovery_malformed":
        assert len(plain) == 16
        assert set(plain) <= set(ALPHABET)
        assert recovery_codes.normalize(plain) == plain


def test_letters_that_look_like_digits_are_those_digits() -> None:  # RC-10
    assert recovery_codes.normalize("oO0l-iI1L-xXyY-zZwW") == "00011111XXYYZZWW"


def test_typing_a_code_back_acknowledges_all_and_uses_none_up() -> None:  # WR-44
    alice = person()
    codes = make(alice.pk)
    assert refusal_of(lambda: acknowledge(alice.pk, "0000-0000-0000-0000")) == "recovery_wrong"
    assert not Entry.objects.filter(tag="factor.codes_acknowledged").exists()
    acknowledge(alice.pk, codes[3].lower())
    state = recovery_codes.state(alice.pk)
    assert (state.left, state.acknowledged) == (8, True)
    assert Entry.objects.get(tag="factor.codes_acknowledged").subject_id == alice.pk
    assert use(alice.pk, codes[3]) == 7


def test_a_used_code_acknowledges_nothing() -> None:
    alice = person()
    codes = make(alice.pk)
    use(alice.pk, codes[0])
    assert refusal_of(lambda: acknowledge(alice.pk, codes[0])) == "recovery_wrong"
    assert not recovery_codes.state(alice.pk).acknowledged


def test_new_codes_void_the_old_and_must_be_acknowledged_again() -> None:  # RC-04
    alice = person()
    old = make(alice.pk)
    acknowledge(alice.pk, old[0])
    use(alice.pk, old[0])
    used = recovery_codes.first_used(alice.pk, after=clock.now() - timedelta(days=1))
    new = make(alice.pk)
    assert (recovery_codes.state(alice.pk).left, recovery_codes.state(alice.pk).acknowledged) == (8, False)
    assert refusal_of(lambda: use(alice.pk, old[0])) == "recovery_used"
    assert {refusal_of(partial(use, alice.pk, code)) for code in old[1:]} == {"recovery_wrong"}
    assert refusal_of(lambda: acknowledge(alice.pk, old[1])) == "recovery_wrong"
    assert recovery_codes.first_used(alice.pk, after=clock.now() - timedelta(days=1)) == used is not None
    assert use(alice.pk, new[0]) == 7


@pytest.mark.django_db(transaction=True)
def test_of_thirty_two_uses_of_one_code_at_once_one_succeeds() -> None:  # RC-02
    alice = person()
    codes = make(alice.pk)
    results = at_once([partial(use, alice.pk, codes[0])] * 32)
    assert [result for result in results if not isinstance(result, Refused)] == [7]
    assert {result.code for result in results if isinstance(result, Refused)} == {"recovery_used"}
    assert Entry.objects.filter(tag="factor.code_used").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_codes_used_at_once_are_both_used() -> None:  # RC-03
    alice = person()
    for _round in range(10):
        codes = make(alice.pk)
        results = at_once([partial(use, alice.pk, code) for code in codes])
        assert not any(isinstance(result, Refused) for result in results)
        assert recovery_codes.state(alice.pk).left == 0
        assert {refusal_of(partial(use, alice.pk, code)) for code in codes} == {"recovery_used"}


@pytest.mark.django_db(transaction=True)
def test_a_code_used_while_new_ones_are_made_is_used_or_void_but_never_good_afterwards() -> None:  # RC-04
    alice = person()
    for _round in range(10):
        old = make(alice.pk)
        used, new = at_once([partial(use, alice.pk, old[0]), partial(make, alice.pk)])
        assert not isinstance(used, Refused) or used.code == "recovery_wrong"
        assert isinstance(new, list)
        assert recovery_codes.state(alice.pk).left == 8
        assert {refusal_of(partial(use, alice.pk, code)) for code in old} <= {
            "recovery_wrong",
            "recovery_used",
        }
        assert use(alice.pk, new[0]) == 7


class Codes(RuleBasedStateMachine):
    """Codes are made, typed back and used in any order; a model knows which are good."""

    numbers = count()
    known = Bundle("known")

    @initialize()
    def begin(self) -> None:
        """A new account without codes; all of it is undone at the end."""
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.user = person(f"alice{next(self.numbers)}").pk
        self.good: set[str] = set()
        self.accepted: set[str] = set()
        self.acknowledged = False

    @rule(target=known)
    def make_new(self) -> Any:
        """All earlier ones are void."""
        codes = make(self.user)
        assert not set(codes) & (self.good | self.accepted)
        self.good, self.acknowledged = set(codes), False
        return multiple(*codes)

    @rule(code=known, lower=st.booleans())
    def use_one(self, code: str, lower: bool) -> None:
        """Accepted if and only if it is of the present ones and has never been accepted."""
        result = outcome(lambda: use(self.user, code.lower() if lower else code))
        if code in self.good:
            self.good.remove(code)
            self.accepted.add(code)
            assert result == len(self.good)
        else:
            assert result == ("recovery_used" if code in self.accepted else "recovery_wrong")

    @rule(code=known)
    def type_back(self, code: str) -> None:
        """It takes a good one, and leaves it good."""
        result = outcome(lambda: acknowledge(self.user, code))
        assert result == (None if code in self.good else "recovery_wrong")
        self.acknowledged = self.acknowledged or code in self.good

    @rule(code=consumes(known))
    def forget_one(self, code: str) -> None:
        """Its owner loses one: the others are as good as before."""
        assert len(code) == 19

    @invariant()
    def what_is_left_is_what_the_model_says(self) -> None:
        """Number and acknowledgment."""
        if hasattr(self, "good"):
            state = recovery_codes.state(self.user)
            assert (state.left, state.acknowledged) == (len(self.good), self.acknowledged)

    def teardown(self) -> None:
        """As if nothing had been."""
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.slow
def test_in_whatever_order_codes_are_made_and_used_none_is_accepted_twice() -> None:  # RC-01, RC-04
    run_state_machine_as_test(Codes, settings=settings(max_examples=30, stateful_step_count=25))
