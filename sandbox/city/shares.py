"""How much of what there is in the traffic of the city."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from sandbox.city.utterances import Channel


def _channels() -> dict[Channel, float]:
    return {
        Channel.WHATSAPP: 0.48,
        Channel.SMS: 0.12,
        Channel.EMAIL: 0.14,
        Channel.HOSPITAL: 0.08,
        Channel.WATER: 0.08,
        Channel.SUBDISTRICT: 0.10,
    }


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of all messages, between 0 and 1, unless a field says otherwise. Zero switches a thing off.

    What is counted is the message that makes the difference: of a pair, the second. A channel of weight 0 is not used,
    and what needs it is left out.
    """

    channels: Mapping[Channel, float] = field(default_factory=_channels)
    """Weights of the channels for messages that could come over any."""
    again_at_once: float = 0.02
    """Carried by two sockets at the same instant. The second copy is not one more message of the plan."""
    again_later: float = 0.03
    """The same message once more, minutes later."""
    pieces: float = 0.12
    """Messages of conversations in pieces, all of them."""
    albums: float = 0.04
    """Images of albums, five at a time within 300 ms, and the text that goes before some."""
    other_channel: float = 0.05
    """The same person about the same thing over a second channel."""
    edited: float = 0.04
    """The same person on the same channel, the text changed a little."""
    neighbours: float = 0.14
    """Further people about one incident."""
    lookalikes: float = 0.06
    """Hard negatives: the words of another message, another street, RT, house or building."""
    automatic: float = 0.02
    """Auto-replies, out-of-office notes and bounces."""
    noise: float = 0.03
    """Spam, tests, reactions."""
    poison: float = 0.03
    """Damaged or odd messages, see `oddities.POISONS`."""
    returning: float = 0.15
    """Of the ordinary messages: by somebody who complained of something else before."""
    anonymous: float = 0.04
    """Of the complaints: ask that their name is not shown (`anonim`)."""
    secret: float = 0.03
    """Of the complaints: ask that the report is not published (`rahasia`)."""
    batches: float = 0.15
    """Of the WhatsApp messages: travel in one request with their neighbours and some statuses."""
    late_rows: float = 0.05
    """Of the ordinary rows in the water company's table: committed after a row with a higher id."""
    files_twice: float = 0.25
    """Of the files: uploaded a second time under another name."""
    files_aborted: float = 0.25
    """Of the files: uploaded up to the middle, then whole."""
    files_ndjson: float = 0.0
    """Of the files: newline-delimited JSON instead of CSV."""

    def __post_init__(self) -> None:
        """Refuses shares outside 0…1.

        Raises:
            ValueError: names the field.
        """
        for spec in fields(self):
            value = getattr(self, spec.name)
            if isinstance(value, float | int) and not 0 <= value <= 1:
                raise ValueError(f"{spec.name} is {value}, but a share lies between 0 and 1")
        if not any(weight > 0 for weight in self.channels.values()) or min(self.channels.values()) < 0:
            raise ValueError("channels needs a weight above 0 for at least one channel, and none below 0")
