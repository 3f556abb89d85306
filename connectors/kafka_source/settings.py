"""What a source says about the topic that it reads."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.source import MissingSecret, Source
from runtime.bus.kafka_settings import KafkaSettings

ADDRESS, PASSWORD = "kafka", "password"
"""Names of the secrets."""
Form = Literal["auto", "json", "xml", "form", "text"]


class BadTopicSettings(ValueError):
    """The settings of a source do not describe a topic; says which and what is wrong."""


class TopicSettings(BaseModel):
    """Unknown keys are left alone: the settings of a source are also what its recipe reads by `setting:`."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    topic: str = Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")
    """The topic, by its exact name."""
    user: str | None = None
    """Whom the brokers know us as, where the address does not say it; the password is the secret `password`."""
    value: Form = "auto"
    """How the value of a record is read; `auto`: JSON or XML by its first sign, else text."""
    since: Literal["beginning", "now"] = "beginning"
    """`now`: records that are there when the source is first read are passed over."""
    historical: bool = False
    """Everything that it gives is from the past: nothing is sent, answered or timed."""
    interval: float = Field(default=1.0, gt=0)
    """Seconds between two looks for new records."""
    batch: int = Field(default=200, ge=1, le=500)
    """Records that become durable together, and at most 4 MiB of them."""
    timeout: float = Field(default=10.0, gt=0)
    """Seconds that the brokers may take for connecting, or for a question about the topic."""


def topic_settings(source: Source) -> TopicSettings:
    """The settings of a source, checked.

    Raises:
        BadTopicSettings: see there.
    """
    receive = source.channel.recipe.receive
    if receive.decode not in ("auto", "json"):
        raise BadTopicSettings(
            f'source "{source.id}": its recipe has `decode: {receive.decode}`, but a record comes as one JSON document'
            f" with its value in it: leave `decode` out, and write `settings: {{value: {receive.decode}}}`"
        )
    try:
        return TopicSettings.model_validate(source.options)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadTopicSettings(f'source "{source.id}": {problems}') from error


def cluster(source: Source) -> KafkaSettings:
    """Where the agency's brokers are: the secret `kafka`, or for an address without password the setting.

    Raises:
        BadTopicSettings: there is none, or it is not an address of brokers.
    """
    settings, options = topic_settings(source), source.options
    try:
        address = source.live_secrets(ADDRESS)[0] if ADDRESS in source.secrets else str(options[ADDRESS])
    except (MissingSecret, KeyError) as error:
        raise BadTopicSettings(
            f'source "{source.id}" does not say where its brokers are: give it the secret or the setting "{ADDRESS}",'
            " such as kafka+tls://kafka.opd.example:9093"
        ) from error
    login = {} if settings.user is None else {"user": settings.user, "password": _password(source)}
    try:
        found = KafkaSettings.from_url(address, **login, connect_timeout=settings.timeout)
    except ValueError as error:
        raise BadTopicSettings(f'source "{source.id}": {error}') from error
    if found.prefix:
        raise BadTopicSettings(
            f'source "{source.id}": "{ADDRESS}" names brokers only; the topic stands in `topic:`, not in the address'
        )
    return found


def _password(source: Source) -> str:
    try:
        return source.live_secrets(PASSWORD)[0]
    except MissingSecret as error:
        raise BadTopicSettings(str(error)) from error
