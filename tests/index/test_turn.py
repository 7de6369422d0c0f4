"""One look at the pulse for everybody who is waiting."""

import asyncio

from strongroom.index.turn import EachTurn


class Counted:
    """A pulse that moves at every look."""

    def __init__(self) -> None:
        self.looks = 0

    def serial(self) -> int:
        self.looks += 1
        return self.looks

    def heard(self, serial: int) -> None:
        raise AssertionError(serial)


def test_everybody_in_the_queue_is_answered_from_one_look_and_the_next_from_another() -> None:
    pulse = Counted()
    felt = EachTurn(pulse)

    async def ask() -> int:
        return felt.serial()

    async def turns() -> list[list[int]]:
        return [await asyncio.gather(*(ask() for _ in range(5))) for _ in range(3)]

    assert asyncio.run(turns()) == [[1] * 5, [2] * 5, [3] * 5]


# IX-11
def test_nobody_is_answered_from_a_look_that_is_older_than_their_request() -> None:
    """Requests come in at any moment, from another thread, as the server hands them over."""
    pulse = Counted()
    felt = EachTurn(pulse)
    answers: list[tuple[int, int]] = []

    async def answer(looks_before: int) -> None:
        answers.append((looks_before, felt.serial()))

    async def serve() -> None:
        loop = asyncio.get_running_loop()

        def arrive() -> None:
            for _ in range(2_000):
                # Looks that were made before a request was sent must not answer it.
                loop.call_soon_threadsafe(lambda before: loop.create_task(answer(before)), pulse.looks)

        await asyncio.to_thread(arrive)
        while len(answers) < 2_000:
            await asyncio.sleep(0)

    asyncio.run(serve())
    assert all(look > before for before, look in answers)
    assert pulse.looks < 2_000
