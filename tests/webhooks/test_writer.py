"""Hints that arrive together are written together, and each is answered for by the commit that holds it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from include.fulfilment.errors import RetryableError
from include.fulfilment.store.inbox import Hint
from include.fulfilment.webhooks.writer import PUT_AT_ONCE, GroupWriter
from tests.webhooks.kit import NOW


def hint(event_id: str) -> Hint:
    return Hint("demo", "shopify", "", "order", "orders/updated", "1", event_id, "", NOW)


def test_what_waits_while_one_group_is_written_is_the_next_group() -> None:
    groups: list[int] = []
    first_is_being_written, go_on = threading.Event(), threading.Event()

    def put(hints: Sequence[Hint]) -> int:
        groups.append(len(hints))
        first_is_being_written.set()
        go_on.wait(5)
        return len(hints)

    async def run() -> None:
        writer = GroupWriter(put)
        first = asyncio.create_task(writer.write([hint("0")]))
        await asyncio.to_thread(first_is_being_written.wait, 5)
        rest = [asyncio.create_task(writer.write([hint(str(number))])) for number in range(PUT_AT_ONCE + 3)]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, *rest)

    asyncio.run(run())
    assert groups == [1, PUT_AT_ONCE, 3]


def test_a_group_that_was_not_written_is_known_to_each_of_it_and_the_next_goes_on() -> None:
    def put(hints: Sequence[Hint]) -> int:
        if any(each.event_id == "bad" for each in hints):
            raise RetryableError("away")
        return len(hints)

    async def run() -> list[object]:
        writer = GroupWriter(put)
        together = await asyncio.gather(
            writer.write([hint("bad")]), writer.write([hint("good")]), return_exceptions=True
        )
        return [*together, await writer.write([hint("later")])]

    first, second, third = asyncio.run(run())
    assert (str(first), str(second), third) == ("away", "away", None)


def test_one_who_gave_up_waiting_does_not_keep_the_others_from_their_answer() -> None:
    go_on = threading.Event()

    def put(hints: Sequence[Hint]) -> int:
        go_on.wait(5)
        return len(hints)

    async def run() -> None:
        writer = GroupWriter(put)
        patient = asyncio.create_task(writer.write([hint("1")]))
        impatient = asyncio.create_task(writer.write([hint("2")]))
        await asyncio.sleep(0.05)
        impatient.cancel()
        go_on.set()
        await patient

    asyncio.run(run())


def test_what_everybody_gave_up_on_while_the_store_was_dead_is_not_written_before_what_is_new() -> None:
    written: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def put(hints: Sequence[Hint]) -> int:
        begun.set()
        go_on.wait(5)
        written.extend(each.event_id for each in hints)
        return len(hints)

    async def run() -> None:
        writer = GroupWriter(put)
        old = [asyncio.create_task(writer.write([hint(f"old {number}")])) for number in range(2 * PUT_AT_ONCE)]
        await asyncio.to_thread(begun.wait, 5)
        for each in old:
            each.cancel()
        fresh = asyncio.create_task(writer.write([hint("new")]))
        await asyncio.sleep(0)
        go_on.set()
        await fresh

    asyncio.run(run())
    assert written[PUT_AT_ONCE:] == ["new"]
