"""Writes a draft as a recipe: YAML with a remark at every guess, and with the sample as its first example."""

import io
import json
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from recipes.channel import Channel
from recipes.document import parse_text
from recipes.drafting.drafting import Draft, Sample, draft, missing
from recipes.drafting.invented import Invented
from recipes.editing import MODELINE
from recipes.example_model import Example
from recipes.examples import example_inbound
from recipes.models import Recipe
from recipes.view import item_view

_MEDIA = {"form": "application/x-www-form-urlencoded", "xml": "application/xml"}
_DECODED = {"row": "row", "xml": "xml"}
_REMARKS = {
    "transport": "webhook: their system calls us. Others: rest (we ask it), sql (a table), files (a folder)",
    "signature": "how do we know who sent it? docs/recipes.md has a table of the schemes",
    "external_id": "does it stay the same when they send the same complaint again?",
    "sent_at": "is the day before the month? in whose zone?",
}


def write_recipe(
    channel: str, samples: Sequence[Sample], *, transport: str, title: str = "", invented: Invented | None = None
) -> tuple[str, Draft]:
    """The text of a recipe, and what it was made of. Identities in the samples are replaced by invented ones.

    :raises ValueError: when there is nothing in the sample that could be a message.
    """
    found = draft(samples[0])
    if not found.map:
        raise ValueError(
            f"nothing in {samples[0].name} looks like a complaint: is it a whole body, as the sender's system sends it?"
        )
    text = _text(channel, found, [], transport=transport, title=title, kind=samples[0].kind)
    recipe = parse_text(text, f"{channel}.yaml").build(Recipe)
    invented = invented or Invented()
    examples = [_example(Channel(recipe), each, invented) for each in samples]
    return _text(channel, found, examples, transport=transport, title=title, kind=samples[0].kind), found


def example_text(channel: Channel, sample: Sample, invented: Invented) -> str:
    """A sample as an example, as it stands at the end of a recipe; it expects what comes of it now."""
    return _written([_example(channel, sample, invented)])


def _text(
    channel: str, found: Draft, examples: Sequence[dict[str, Any]], *, transport: str, title: str, kind: str
) -> str:
    receive = CommentedMap({"transport": transport})
    if kind in _DECODED:
        receive["decode"] = _DECODED[kind]
    receive.yaml_add_eol_comment(_REMARKS["transport"], "transport")
    if transport == "webhook":
        receive["signature"] = _flow({"scheme": "token", "header": "X-API-Key", "secret": "kunci"})
        receive.yaml_add_eol_comment(_REMARKS["signature"], "signature")
    for name, value in found.receive.items():
        receive[name] = _flow(value) if name == "sent_at" else value
        if name in _REMARKS:
            receive.yaml_add_eol_comment(_beside(found, name), name)
    mapped = CommentedMap()
    for name, value in found.map.items():
        mapped[name] = value if name in ("attachments", "location") else _flow(value)
        if remark := _beside(found, name):
            mapped.yaml_add_eol_comment(remark, name)
    whole = CommentedMap({"channel": channel, "title": title or channel.replace("_", " ").capitalize()})
    whole["receive"], whole["map"], whole["examples"] = receive, mapped, list(examples)
    whole.yaml_set_start_comment(_head(found))
    whole.yaml_set_comment_before_after_key("examples", before=_before_examples(found))
    return _written(whole)


def _written(value: Any) -> str:  # noqa: ANN401 anything that YAML can say
    writer = YAML()
    writer.width = 118
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.allow_unicode = True
    writer.representer.ignore_aliases = lambda _: True
    out = io.StringIO()
    writer.dump(value, out)
    return out.getvalue()


def _head(found: Draft) -> str:
    unsure = sorted(name for name, each in found.guesses.items() if not each.sure)
    lines = [
        MODELINE.removeprefix("# "),
        "A draft, made from a sample. Read every line that says `guess`; then `muara channels test` this file.",
    ]
    if unsure:
        lines.append(f"Guesses: {', '.join(unsure)}.")
    return "\n".join(lines) + "\n"


def _before_examples(found: Draft) -> str:
    lines = [
        f"Not found in the sample: {', '.join(missing(found)) or 'nothing'}. Where the sender has one, add a line."
    ]
    if found.unused:
        lines.append(f"In the sample, and not used: {', '.join(found.unused)}")
    lines.append("The first example is the sample, with invented people. Add one for each thing that may go wrong.")
    return "\n".join(lines)


def _beside(found: Draft, name: str) -> str:
    guess = found.guesses.get(name)
    if name in ("external_id", "sent_at"):
        return _REMARKS[name] if guess and guess.sure else f"guess: {_REMARKS[name]}"
    return "guess" if guess is not None and not guess.sure else ""


def _flow(value: Any) -> Any:  # noqa: ANN401 an expression of a recipe
    if isinstance(value, dict):
        flowing = CommentedMap(value)
        flowing.fa.set_flow_style()
        return flowing
    return value


def _example(channel: Channel, sample: Sample, invented: Invented) -> dict[str, Any]:
    """The sample as an example that expects what comes of it now."""
    said: dict[str, Any] = {"name": sample.name, "covers": sample.name}
    if sample.kind in _MEDIA:
        said["media_type"] = _MEDIA[sample.kind]
    document = invented(sample.document)
    said |= {"body": invented.text(sample.text)} if sample.kind == "xml" else {"payload": document}
    inbound = example_inbound(channel, Example.model_validate({**said, "expect": []}))
    views = [item_view(channel, item, zone="Asia/Jakarta") for item in channel.split(inbound)]
    plain: dict[str, Any] = json.loads(json.dumps({**said, "expect": [_expected(view) for view in views]}))
    return plain


def _expected(view: dict[str, Any]) -> dict[str, Any]:
    expected = {name: view[name] for name in ("outcome", "reason", "external_id") if view[name] is not None}
    if view["complaint"]:
        expected["complaint"] = {
            name: value for name, value in view["complaint"].items() if value not in (None, [], {})
        }
    return expected
