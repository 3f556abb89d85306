"""Where the brokers are and how they are spoken to: from a URL, or field by field."""

import os
import platform
import ssl
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

_SCHEMES = {"kafka": False, "kafka+tls": True}
_SHORT = {"ca": "ca_file", "cert": "cert_file", "key": "key_file"}
_PORT = 9092


class KafkaSettings(BaseModel):
    """One Kafka cluster, and what Muara asks of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    servers: tuple[str, ...] = Field(min_length=1)
    """Some brokers as `host:port`; the others are learnt from them."""
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    """Before the names of topics and groups, where several deployments share a cluster."""
    partitions: int = Field(default=6, ge=1)
    """Of topics that are made. As many instances of a service can share the work."""
    replication: int = Field(default=3, ge=1)
    """Copies of each partition. From three on, two must have a record before its sender hears that it is durable."""
    make_topics: bool = True
    """Make missing topics; otherwise they are only checked."""
    tls: bool = False
    ca_file: Path | None = None
    """Certificates that the brokers' are checked by; the system's without it."""
    cert_file: Path | None = None
    key_file: Path | None = None
    """Our own certificate and its key, where the brokers ask for one."""
    user: str | None = None
    password: SecretStr | None = None
    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    instance: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]+$")
    """A name of this process that stays over restarts (static membership): a short restart moves no partitions."""
    ack_timeout: float = Field(default=10.0, gt=0)
    """Seconds until a publication that nobody confirmed counts as unknown."""
    connect_timeout: float = Field(default=5.0, gt=0)
    """Seconds for connecting, and for a question about offsets."""
    session_timeout: float = Field(default=10.0, ge=1)
    """Seconds without a sign of life after which a consumer's partitions go to others."""
    linger: float = Field(default=0.002, ge=0)
    """Seconds that a record waits for company."""
    doubt: float = Field(default=5.0, ge=0)
    """Seconds that a log which seems too short may take to prove that it is not: a new leader can lag for a moment."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("a user needs a password, and a password a user")
        if self.mechanism == "PLAIN" and self.user and not self.tls:
            raise ValueError("PLAIN sends the password readable: use kafka+tls://, or SCRAM")
        return self

    @classmethod
    def from_url(cls, url: str, **more: Any) -> "KafkaSettings":  # noqa: ANN401 any field
        """`kafka://host:9092,other:9092/PREFIX?partitions=24` or `kafka+tls://user:password@host:9093/?ca=FILE`.

        The query takes every field by its name (`ca`, `cert` and `key` for the files); `more` outranks it.

        Raises:
            ValueError: says what is wrong with the URL; never shows the password.
        """
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES:
            raise ValueError(f"a Kafka URL begins with kafka:// or kafka+tls://, not with {parts.scheme}://")
        login, _, hosts = parts.netloc.rpartition("@")
        user, _, password = login.partition(":")
        query = {_SHORT.get(name, name): value for name, value in parse_qsl(parts.query)}
        fields: dict[str, Any] = {
            "servers": tuple(_address(host) for host in hosts.split(",") if host),
            "tls": _SCHEMES[parts.scheme],
            "prefix": parts.path.strip("/"),
            **({"user": unquote(user), "password": unquote(password)} if login else {}),
        }
        try:
            return cls(**{**fields, **query, **more})
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, fault['loc'])) or 'the URL'}: {fault['msg']}" for fault in error.errors()]
            raise ValueError(f"the Kafka URL does not fit: {'; '.join(faults)}") from None

    @property
    def shown(self) -> str:
        """The cluster as messages name it: without user and password."""
        return f"Kafka at {','.join(self.servers)}"

    def client(self, *, patience: float | None = None) -> dict[str, Any]:
        """What every client of aiokafka is made with; `patience` is how long it waits for an answer, in seconds.

        Raises:
            OSError: a certificate file cannot be read.
        """
        protocol = ("SASL_" if self.user else "") + ("SSL" if self.tls else "PLAINTEXT")
        return {
            "bootstrap_servers": list(self.servers),
            # So that the brokers' own tools, and ours, tell which process a member of a group is.
            "client_id": f"muara-{platform.node()}-{os.getpid()}",
            "security_protocol": protocol,
            "ssl_context": self._context() if self.tls else None,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password.get_secret_value() if self.password else None,
            "request_timeout_ms": int((patience or self.connect_timeout) * 1000),
            "retry_backoff_ms": 200,
            # A member that shares a group's partitions out while it knows of none gives none to anybody, and the whole
            # group waits until it asks again: after an outage in that moment, for so long.
            "metadata_max_age_ms": 5_000,
        }

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file is not None:
            context.load_cert_chain(self.cert_file, self.key_file)
        return context


def _address(host: str) -> str:
    """With its port. An IPv6 address stands in brackets."""
    return host if host.rpartition(":")[2].isdecimal() and not host.endswith("]") else f"{host}:{_PORT}"
