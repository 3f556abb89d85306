"""What a profile may say about answers: what they mean, and where the hub's number stands."""

from typing import Literal

from pydantic import Field, model_validator

from recipes.hubs.part import Part
from recipes.parts import Expression

OutcomeWord = Literal["done", "retry", "wait", "stop", "dead", "ambiguous"]
"""What an answer means for the delivery.

`done`: the hub has it. `retry`: it does not, and may take it later. `wait`: the whole hub asks for a pause. `stop`: our
configuration is wrong, nothing more is sent until a person resumes. `dead`: the hub refuses this one, which becomes a
dead letter. `ambiguous`: it may have taken it or not."""


class Answer(Part):
    """Where the hub's number stands in an answer, read over `status`, `headers` (lower case), `body`, `text`; of XML
    also `anywhere`: the first text of each element by its name, wherever it stands.
    """

    tracking_id: Expression
    """The hub's number. An answer that says success without it is ambiguous."""
    url: Expression | None = None
    """The public page."""


class ErrorRule(Part):
    """What an answer means. The first rule that fits counts."""

    status: list[int | str] | None = Field(default=None, min_length=1)
    """HTTP statuses: numbers, or classes such as `5xx`; None: any."""
    when: Expression | None = None
    """Only answers for which this holds, read as in `answer`: a 200 may carry an error code."""
    outcome: OutcomeWord
    sentence: str
    """What it means and what may help, for people."""
    after: float | None = Field(default=None, ge=0)
    """`retry` and `wait`: seconds to leave it alone, when the hub does not say `Retry-After`."""
    renew: bool = False
    """Our token or session has ended: ask for another, and send once more; if that is refused, too, `outcome` counts.
    Only for answers that prove that the hub did nothing."""

    @model_validator(mode="after")
    def _statuses_exist(self) -> "ErrorRule":
        for status in self.status or ():
            if isinstance(status, int) and 100 <= status <= 599:
                continue
            if isinstance(status, str) and len(status) == 3 and status[0] in "12345" and status[1:] == "xx":
                continue
            raise ValueError(f'"{status}" is no HTTP status; write a number such as 409, or a class such as 5xx')
        if self.status is None and self.when is None:
            raise ValueError("a rule without `status:` needs `when:`, or it would hold for every answer")
        if self.after is not None and self.outcome not in ("retry", "wait"):
            raise ValueError("`after:` belongs to the outcomes retry and wait")
        return self

    def fits(self, status: int) -> bool:
        """Whether the status is one of the rule's."""
        return self.status is None or status in self.status or f"{status // 100}xx" in self.status


BUILT_IN = (
    ErrorRule(status=[401], outcome="stop", renew=True, sentence="the hub refuses our credentials: correct the secret"),
    ErrorRule(status=[403], outcome="stop", sentence="the hub refuses our credentials: correct the secret"),
    ErrorRule(status=[429], outcome="wait", sentence="the hub asks for fewer requests"),
    ErrorRule(status=[408, 425], outcome="retry", sentence="the hub did not take the request in time"),
    ErrorRule(status=["3xx"], outcome="stop", sentence="the hub points elsewhere: correct the configured address"),
    ErrorRule(status=["4xx"], outcome="dead", sentence="the hub refuses this request"),
    ErrorRule(status=["5xx"], outcome="ambiguous", sentence="the hub failed while it had the request"),
)
"""What holds after a profile's own rules."""
