"""Messages to measure with: the simulated city's, as the bodies of WhatsApp webhooks."""

from datetime import UTC, datetime

from recipes.inbound import Inbound
from sandbox.city.clients.whatsapp import encode
from sandbox.city.plan import plan_city
from sandbox.city.shares import Shares
from sandbox.city.targets import WhatsAppTarget
from sandbox.city.utterances import Channel

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def deliveries(count: int, *, seed: int) -> list[Inbound]:
    """So many webhooks with one message each, in the order of their times; the same seed gives the same."""
    shares = Shares(channels={channel: float(channel is Channel.WHATSAPP) for channel in Channel})
    plan = plan_city(seed, count, now=_NOW, days=60, shares=shares)
    target = WhatsAppTarget(url="http://127.0.0.1/in/wa", app_secret="not checked here")  # noqa: S106 no secret
    return [
        Inbound(encode([said], target), "application/json")
        for said in plan.utterances
        if said.channel is Channel.WHATSAPP
    ][:count]
