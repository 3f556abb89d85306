"""A burst, simulated: messages that come at random over partitions, and normalizers that each work off their own."""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of one."""

    queue: int
    """Messages that waited at the worst moment."""
    drained_after: float
    """Seconds from the burst's end until nothing waited any more; infinite when it never ends."""
    longest_wait: float
    """Seconds that the message waited that waited longest, from its arrival until it was settled."""


@dataclass(frozen=True, slots=True)
class Load:
    """Messages a second: as a rule, and while the burst lasts."""

    usual: float
    burst: float
    seconds: float = 3600.0
    """How long the burst lasts."""


def predict(load: Load, per_second: float) -> Burst:
    """By arithmetic: what does not fit queues up, and what is left over afterwards works it off."""
    queue = max(0.0, load.burst - per_second) * load.seconds
    spare = per_second - load.usual
    drained = queue / spare if spare > 0 else float("inf")
    return Burst(round(queue), drained, queue / per_second)


def simulate(load: Load, *, processes: int, per_process: float, partitions: int, seed: int = 1) -> Burst:
    """By chance: in steps of a second, with arrivals that scatter and conversations that fall on partitions unevenly.

    Args:
        load: what comes.
        processes: normalizers; each has its share of the partitions, as even as whole numbers allow.
        per_process: messages a second that one settles.
        partitions: of `complaints.raw`.
        seed: the same seed gives the same.
    """
    rng = random.Random(seed)
    weights = _weights(partitions, rng)
    owned = [[p for p in range(partitions) if p % processes == mine] for mine in range(processes)]
    shares = [sum(weights[p] for p in mine) for mine in owned]
    queues = [0.0] * processes
    worst, longest, second = 0.0, 0.0, 0
    limit = load.seconds * 1000
    while second < load.seconds or (sum(queues) > 0.5 * processes and second < limit):
        rate = load.burst if second < load.seconds else load.usual
        for mine, share in enumerate(shares):
            queues[mine] = max(0.0, queues[mine] + _poisson(rate * share, rng) - per_process)
            longest = max(longest, queues[mine] / per_process)
        worst = max(worst, sum(queues))
        second += 1
    drained = second - load.seconds if second < limit else float("inf")
    return Burst(round(worst), drained, longest)


def _weights(partitions: int, rng: random.Random) -> Sequence[float]:
    """Shares of the conversations: thousands of people, hashed; no two partitions get quite the same."""
    drawn = [max(0.01, rng.gauss(1, 0.03)) for _ in range(partitions)]
    return [each / sum(drawn) for each in drawn]


def _poisson(mean: float, rng: random.Random) -> int:
    """How many come in a second; from thirty on by the normal curve, which is as good by then."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    count, left = 0, rng.expovariate(1)
    while left < mean:
        count += 1
        left += rng.expovariate(1)
    return count


def processes_for(load: Load, per_process: float, *, within: float, most: int = 4096) -> int:
    """The fewest normalizers that have worked a burst off within so many seconds after its end.

    Raises:
        ValueError: not even `most` would do.
    """
    for processes in range(1, most + 1):
        if predict(load, processes * per_process).drained_after <= within:
            return processes
    raise ValueError(f"more than {most} normalizers for {load.burst:.0f} messages a second: raise `within`")
