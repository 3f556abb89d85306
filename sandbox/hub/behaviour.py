"""Switchable bad behaviour: what the hub is told to do wrong, and the seeded dice that decide when."""

import random
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0, le=1)]
Fault = Literal[
    "latency_ms", "outage", "p_401", "p_429", "p_5xx", "p_drop_after_accept", "p_half_answer", "p_wrong_json"
]
FAULTS: tuple[Fault, ...] = (
    "latency_ms", "outage", "p_401", "p_429", "p_5xx", "p_drop_after_accept", "p_half_answer", "p_wrong_json",
)  # fmt: skip
WRITES = frozenset({"POST", "PATCH"})


class Behaviour(BaseModel):
    """How the hub behaves; as it stands here, well.

    A fault with a probability happens by seeded chance. A fault named in `next_n` happens for certain to the next n
    requests that it can happen to (whatever its probability), and then is over.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(0, description="Of the dice.")
    idempotency: bool = Field(True, description="Off: keys are ignored, and a second POST makes a second report.")
    strict_tables: bool = Field(False, description="Refuse categories and agencies that the tables do not list.")
    stores_twice: bool = Field(
        False, description="Each new report is stored twice, and answered with the first number."
    )
    latency_ms: Annotated[float, Field(ge=0, le=600_000)] = Field(0, description="Waited before anything else.")
    outage: bool = False
    outage_mode: Literal["503", "closed"] = Field("503", description="Answer 503, or close without a byte.")
    p_401: Probability = Field(0, description="The token is refused, though it is right.")
    p_429: Probability = 0
    retry_after: Annotated[int, Field(ge=0)] | None = Field(2, description="Seconds; for 429 and 503. null: no header.")
    retry_after_as: Literal["seconds", "date"] = Field("seconds", description="Form of the Retry-After header.")
    p_5xx: Probability = 0
    status_5xx: Literal[500, 502, 503, 504] = 502
    accept_before_5xx: bool = Field(False, description="Store the report and answer with the error all the same.")
    p_drop_after_accept: Probability = Field(
        0, description="POST and PATCH: the report is stored, and the connection breaks within the answer."
    )
    drop_at_byte: Annotated[int, Field(ge=0)] = Field(
        0, description="So many bytes of the HTTP answer, headers included, are sent before the connection breaks."
    )
    drop_further: Annotated[int, Field(ge=0)] = Field(
        0,
        description="So many bytes later each further answer breaks: 1 breaks them at every byte, one after the other.",
    )
    drop_with: Literal["fin", "rst"] = Field("fin", description="Break in order, or with a reset.")
    p_half_answer: Probability = Field(0, description="Whole headers, half the body, then the connection breaks.")
    p_wrong_json: Probability = Field(0, description="The work is done, and the body of the answer is wrong.")
    wrong_json: Literal["broken", "other_shape", "html", "empty"] = "broken"
    push_to: str | None = Field(
        None, pattern=r"^https?://", description="Changes are posted there, too, until they are taken. null: nowhere."
    )
    push_secret: str = Field("", description="Signs what is posted.")
    push_twice: bool = Field(False, description="Everything is posted twice.")
    push_backwards: bool = Field(False, description="Each change is posted by itself, the newest first.")
    next_n: dict[Fault, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)


class Misbehaviour:
    """Applies a `Behaviour`: throws the dice and counts down."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._set(behaviour)

    def _set(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._left: dict[Fault, int] = dict(behaviour.next_n)
        self._breaks = 0
        # One die for each fault: switching one does not shift the others.
        self._dice = {fault: random.Random(f"{behaviour.seed}/{fault}") for fault in FAULTS}

    @property
    def current(self) -> Behaviour:
        """The behaviour in force; `next_n` shows what is left."""
        return self._behaviour.model_copy(update={"next_n": dict(self._left)})

    @property
    def behaviour(self) -> Behaviour:
        """The behaviour as it was set."""
        return self._behaviour

    def change(self, behaviour: Behaviour) -> None:
        """Behave otherwise from the next request on."""
        self._set(behaviour)

    def breaks_at(self) -> int:
        """After how many bytes the next answer that is to break does."""
        at = self._behaviour.drop_at_byte + self._breaks * self._behaviour.drop_further
        self._breaks += 1
        return at

    def strikes(self, fault: Fault) -> bool:
        """Decide whether a fault happens to this request, and count it down."""
        if fault in self._left:
            if self._left[fault] <= 0:
                return False
            self._left[fault] -= 1
            return True
        if fault == "outage":
            return self._behaviour.outage
        if fault == "latency_ms":
            return self._behaviour.latency_ms > 0
        chance = float(getattr(self._behaviour, fault))
        return chance > 0 and self._dice[fault].random() < chance
