"""Lines of publications: those with a key in common wait for one another, nobody else does."""

import asyncio

from runtime.bus.turns import Turns


async def test_each_key_has_its_own_line_and_a_line_is_never_jumped() -> None:
    turns, order = Turns(), list[str]()
    gates = {name: asyncio.Event() for name in "abcde"}

    async def work(name: str, *keys: str) -> None:
        async with turns.take(set(keys)):
            order.append(f"{name} begins")
            await gates[name].wait()
        order.append(f"{name} ends")

    tasks = {
        "a": asyncio.create_task(work("a", "x")),
        "b": asyncio.create_task(work("b", "x", "y")),
        "c": asyncio.create_task(work("c", "y")),
        "d": asyncio.create_task(work("d", "z")),
    }
    await asyncio.sleep(0.01)
    assert order == ["a begins", "d begins"], "c waits for b, which came before, although nobody is at y yet"
    tasks["b"].cancel()
    await asyncio.sleep(0.01)
    tasks["e"] = asyncio.create_task(work("e", "y"))
    gates["c"].set()
    await asyncio.sleep(0.01)
    assert order == ["a begins", "d begins"], "b has given up, but its place in the line still counts"
    gates["a"].set()
    await tasks["c"]
    for gate in gates.values():
        gate.set()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    assert order.index("c ends") < order.index("e begins")
    assert turns._last == {}
