"""A page of documentation for each channel, made of its recipe: `python -m recipes.pages RECIPES PAGES` writes them.

What stands in a recipe is tested with it; a page that is made of it cannot say something else.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from recipes.channel import Channel
from recipes.library import load_channels
from recipes.models import Setup
from recipes.receive_model import Receive

_PROOFS = {
    "none": "by nothing but its address: give it a secret `path`, and list the sender's addresses under `allow`",
    "token": "by a key in {place}",
    "basic": "by name and password of HTTP, which may stand in the address",
    "meta": "by Meta's signature of the body",
    "telegram": "by the token that was told to Telegram",
    "twilio": "by Twilio's signature of the address and the form; `public_url` must be the address that Twilio calls",
    "vonage": "by Vonage's signed webhook (JWT), or its older signature",
    "mailgun": "by Mailgun's signature of time and token",
    "sendgrid": "by SendGrid's signature of time and body",
    "standard_webhooks": "by a signature after Standard Webhooks",
}
_TRANSPORTS = {
    "smtp": "by access to the mail server; mail itself proves nothing",
    "files": "by access to the folder",
    "sql": "by access to the database",
    "imap": "by access to the mailbox",
    "rest": "by the credentials with which its system is asked",
    "kafka": "by access to the topic",
    "smpp": "by the account at the SMS provider",
}
_SETTINGS = {
    "files": "folder: masuk/{name}",
    "sql": "database: sqlite:////srv/contoh.db",
    "imap": "host: surel.kota.example, user: pengaduan@kota.example",
    "rest": "url: https://aplikasi.dinas.example",
    "kafka": "kafka: kafka+tls://kafka.dinas.example:9093, topic: dinas.aduan",
    "smpp": "host: smpp.penyedia.example, system_id: kota",
}
"""The least that a source of each transport says of itself."""
_FIELDS = {
    "text": "text",
    "title": "title",
    "name": "name",
    "phone": "telephone",
    "email": "e-mail",
    "sent_at": "time",
    "attachments": "files",
    "location": "place",
    "address": "address",
    "incident_date": "day of the incident",
    "category": "topic",
    "classification": "class",
    "anonim": "wish to stay unnamed",
    "rahasia": "wish for silence",
    "refers_to": "message that is meant",
    "group": "parts of one message",
    "hub_receipt": "tracking id",
}


def page(channel: Channel) -> str:
    """The page of a channel, in Markdown."""
    recipe = channel.recipe
    parts = [f"# {recipe.title}", recipe.description.strip(), *_facts(channel)]
    if recipe.setup is not None:
        parts += _setup(recipe.setup)
    parts += ["## Source / Sumber", f"```yaml\n{_source(channel)}```", *_examples(channel)]
    return "\n\n".join(parts) + "\n"


def _facts(channel: Channel) -> Iterator[str]:
    recipe, receive = channel.recipe, channel.recipe.receive
    mapped = [shown for name, shown in _FIELDS.items() if _is_mapped(channel, name)]
    ignored = sorted({rule.reason for rule in recipe.ignore if rule.reason})
    rows = [
        ("channel", f"`{recipe.channel}`, transport `{receive.transport}`"),
        ("follows", recipe.manual or "nothing but its examples"),
        ("the sender is known", known_by(receive)),
        ("secrets", ", ".join(f"`{name}`" for name in receive.secrets) or "none"),
        ("read", ", ".join(mapped)),
        ("ignored by name", ", ".join(f"`{reason}`" for reason in ignored) or "nothing"),
    ]
    yield "\n".join(
        ["| | |", "|---|---|", *(f"| {name} | {value.replace('|', chr(92) + '|')} |" for name, value in rows)]
    )


def _is_mapped(channel: Channel, name: str) -> bool:
    fields, receive = channel.recipe.map, channel.recipe.receive
    return bool(getattr(fields, name)) or (name == "sent_at" and receive.sent_at is not None)


def known_by(receive: Receive) -> str:
    """How the channel knows who calls, in words."""
    if receive.transport != "webhook":
        return _TRANSPORTS.get(receive.transport, f"by the transport `{receive.transport}`")
    signature = receive.signature
    place = f"the parameter `{signature.query}`" if signature.query else f"the header `{signature.header}`"
    if signature.scheme in _PROOFS:
        return _PROOFS[signature.scheme].format(place=place)
    plain = signature.resolved()
    return f"by the HMAC ({plain.hash}, {plain.encoding}) of `{plain.signs}` in {place}"


def _setup(setup: Setup) -> Iterator[str]:
    for title, steps in (("Setting it up", setup.en), ("Cara memasang", setup.id)):
        yield f"## {title}"
        yield "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def _source(channel: Channel) -> str:
    receive = channel.recipe.receive
    name = channel.name.replace("_", "-")
    lines = ["sources:", f"  {name}:", f"    channel: {channel.name}"]
    if receive.secrets:
        given = ", ".join(f"{secret}: {channel.name.upper()}_{secret.upper()}" for secret in receive.secrets)
        lines.append(f"    secrets: {{{given}}}")
    if receive.transport == "webhook" and receive.signature.scheme == "none":
        lines.append(f"    path: {name}-SECRET")
    if receive.transport in _SETTINGS:
        lines.append(f"    settings: {{{_SETTINGS[receive.transport].format(name=name)}}}")
    more = sorted(set(receive.media.needed) - set(receive.secrets)) if receive.media else []
    if more:
        given = ", ".join(f"{secret}: {channel.name.upper()}_{secret.upper()}" for secret in more)
        lines.append(f"    # Among the secrets, so that files are fetched: {given}")
    return "\n".join(lines) + "\n"


def _examples(channel: Channel) -> Iterator[str]:
    yield "## What becomes of it / Hasilnya"
    rows = [
        f"| {example.name} | {', '.join(_outcome(each.outcome, each.reason) for each in example.expect)} |"
        for example in channel.recipe.examples
    ]
    yield "\n".join(["| what comes | what becomes of it |", "|---|---|", *rows])
    yield (
        f"The bodies stand in the recipe; `muara channels show {channel.name}` runs them, and"
        f" `muara channels parse {channel.name} --payload FILE` shows what would become of one of yours."
    )


def _outcome(outcome: str, reason: str | None) -> str:
    return f"{outcome}: {reason}".replace("|", r"\|") if reason else outcome


def write(recipes: Path, pages: Path) -> None:
    """Write the page of every recipe of a folder, `NAME.md`."""
    pages.mkdir(parents=True, exist_ok=True)
    for name, channel in load_channels([recipes]).items():
        (pages / f"{name}.md").write_text(page(channel), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
