"""Throw damaged answers at the door: ``python -m tests.factors.webauthn.fuzz --inputs 1000000 --seed 1``.

Whatever comes, there is a credential or a refusal; and what is accepted, other libraries accept as well.
"""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable

from django.conf import settings

from strongroom.factors.webauthn import attestation, registration
from strongroom.kernel.refused import Refused
from tests.factors.webauthn import damage
from tests.factors.webauthn.ceremonies import verify_assertion, verify_registration
from tests.factors.webauthn.damage import Case, part_of
from tests.factors.webauthn.oracles import who_takes_assertion, who_takes_registration


def answer_to_registration(case: Case, kind: damage.Kind, chance: random.Random) -> str:
    """The code of the refusal, or ``accepted``; fails if anything else happens."""
    text = kind(case, chance)
    try:
        new = verify_registration(text)
    except Refused as refused:
        return _documented(refused)
    takers = who_takes_registration(text)
    assert takers, "accepted here, refused by both libraries"
    if registration.read(text).attestation.format in attestation.VERIFIED:
        assert "py_webauthn" in takers
    assert 0 < len(new.credential_id) <= 1023
    return "accepted"


def answer_to_assertion(case: Case, kind: damage.Kind, chance: random.Random) -> str:
    """The code of the refusal, or ``accepted``; fails if anything else happens, or what is signed was changed."""
    text = kind(case, chance)
    try:
        verify_assertion(text, case.stored)
    except Refused as refused:
        return _documented(refused)
    assert "py_webauthn" in who_takes_assertion(text, case.stored)
    if kind is not damage.damaged_and_signed:
        for name in ("clientDataJSON", "authenticatorData"):
            assert case.members["response"][name] in text, f"{name} was changed under the signature"
            assert part_of(case, name)
    return "accepted"


def _documented(refused: Refused) -> str:
    assert refused.code.startswith("webauthn_")
    assert refused.message.endswith(".")
    return refused.code


Group = tuple[list[Case], list[damage.Kind], Callable[[Case, damage.Kind, random.Random], str]]


def groups() -> dict[str, Group]:
    """The two doors: sound answers, ways to damage them, and the verdict."""
    return {
        "registration": (damage.registrations(), damage.OF_REGISTRATIONS, answer_to_registration),
        "assertion": (damage.assertions(), damage.OF_ASSERTIONS, answer_to_assertion),
    }


def run(group: Group, *, inputs: int, seed: int) -> Counter[str]:
    """The verdicts on ``inputs`` damaged answers."""
    cases, kinds, answer = group
    answers: Counter[str] = Counter()
    for number in range(seed, seed + inputs):
        chance = random.Random(number)
        case, kind = chance.choice(cases), chance.choice(kinds)
        try:
            answers[answer(case, kind, chance)] += 1
        except BaseException:
            sys.stderr.write(f"seed {number} ({kind.__name__}) went wrong; the answer was\n{case.text}\n")
            raise
    return answers


def main() -> int:
    """Run both groups; print what happened, and the first case that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="of each group")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    settings.configure(USE_I18N=False)
    for name, group in groups().items():
        begin = time.perf_counter()
        try:
            answers = run(group, inputs=options.inputs, seed=options.seed)
        except Exception:
            traceback.print_exc()
            return 1
        seconds = time.perf_counter() - begin
        sys.stdout.write(f"{name}: {options.inputs} inputs from seed {options.seed} in {seconds:.0f} s\n")
        for code, count in answers.most_common():
            sys.stdout.write(f"{count:9} {code}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
