"""HTML bodies to plain text, with what the markup knows kept: quotations become `>` lines, signatures get their `-- `.

Attributes never reach the renderer: a style of a hostile mail can ask for a billion columns of indentation, and a table
for a million padded rows. So tables become lines, and styles are read here for two facts only (hidden, quoted).
"""

import re
from dataclasses import dataclass, field
from typing import Final

from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree, html

from recipes.mail.html_tokens import crude_text, tokenize
from recipes.mail.limits import DEFAULT_LIMITS, Limits

_QUOTE_OPEN, _QUOTE_CLOSE, _SIGNATURE = "\ue000", "\ue001", "\ue002"
_MARKS: Final = re.compile("[\ue000-\ue002]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EMBEDDED: Final = re.compile(r"data:[\w/+.-]{1,80};base64,[A-Za-z0-9+/=%\s]*+")
_HIDDEN: Final = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
_BORDER: Final = re.compile(r"border-left\s*:", re.IGNORECASE)
_QUOTE_CLASSES: Final = re.compile(
    r"gmail_quote|yahoo_quoted|moz-cite|protonmail_quote|zmail_extra|quote", re.IGNORECASE
)
_SIGNATURE_MARKS: Final = re.compile(
    r"gmail_signature(?!_prefix)|moz-signature|^signature$|mobile-signature|protonmail_signature", re.IGNORECASE
)
_DROPPED: Final = frozenset({"head", "title", "object", "iframe", "select"})
_TO_LINES: Final = frozenset(
    {"table", "thead", "tbody", "tfoot", "tr", "caption", "blockquote", "center", "fieldset", "form"}
)
_MARKED: Final = ("div", "pre", "span", "table", "p")
_DEEPEST: Final = 120
_DEEPEST_LIST: Final = 6
_DEEPEST_QUOTE: Final = 5
_CID: Final = re.compile(r"cid:\s*([^\s\"'<>)]{1,300})", re.IGNORECASE)


@dataclass(slots=True)
class Rendered:
    """The text of an HTML body."""

    text: str
    shown: set[str] = field(default_factory=set)
    """Content-IDs of the images that it shows outside quotations and signatures."""
    shown_aside: set[str] = field(default_factory=set)
    """Content-IDs of those that it shows inside quotations and signatures."""
    notes: list[str] = field(default_factory=list)
    """`html_cut`, `html_simplified`, `html_embedded_image`."""


def html_to_text(source: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """Plain text of an HTML document or fragment; never raises for what the markup is like."""
    return render_html(source, limits).text


def render_html(source: str, limits: Limits = DEFAULT_LIMITS) -> Rendered:
    """Plain text of an HTML body, with the images that it shows.

    Paragraphs, line breaks and lists are kept; cells of a table row stand on one line; links show their address when
    their text does not; whatever is hidden stays hidden.
    """
    rendered = Rendered("")
    source, embedded = _EMBEDDED.subn("data:,", source)
    if embedded:
        rendered.notes.append("html_embedded_image")
    if len(source) > limits.html_chars:
        rendered.notes.append("html_cut")
        source = source[: limits.html_chars]
        if source.rfind("<") > source.rfind(">"):  # the cut went through a tag
            source = source[: source.rfind("<")]
    source = _MARKS.sub("", _CONTROLS.sub("\ufffd", source))
    tokens = list(tokenize(source))
    root = _parse("".join(token.markup() for token in tokens))
    if root is None:
        return rendered
    if _depth(root) > _DEEPEST:
        rendered.notes.append("html_simplified")
        rendered.shown.update(_CID.findall(source))
        rendered.text = _CONTROLS.sub("\ufffd", crude_text(tokens))
        return rendered
    _prepare(root, rendered)
    rendered.text = _finish(_CONTROLS.sub("\ufffd", Inscriptis(root, ParserConfig()).get_text()))
    return rendered


def _parse(source: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(source.encode(), parser=parser)
    except etree.ParserError:  # nothing but spaces, comments or markup that is none
        return None


def _depth(root: html.HtmlElement) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _prepare(root: html.HtmlElement, rendered: Rendered) -> None:
    """Rewrite the tree so that it holds plain blocks, lines and marks, and no attribute."""
    for element in list(root.iter()):
        if element is not root and (element.tag in _DROPPED or _is_hidden(element)):
            element.drop_tree()
    aside = 0
    lists = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        step = 1 if event == "start" else -1
        if _is_quote(element) or _is_signature(element):
            aside += step
        if element.tag in ("ul", "ol"):
            lists += step
            if lists > _DEEPEST_LIST and step == 1:
                element.set("data-flat", "1")
        if step == 1 and element.tag == "img":
            cids = _CID.findall(element.get("src") or "")
            (rendered.shown_aside if aside else rendered.shown).update(cids)
    for element in list(root.iter()):
        _rewrite(element)


def _is_hidden(element: html.HtmlElement) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _is_quote(element: html.HtmlElement) -> bool:
    """Whether an element holds what somebody else wrote; a plain indentation is not a quotation."""
    classes = element.get("class") or ""
    if element.tag == "blockquote":
        style = element.get("style") or ""
        cited = element.get("type") == "cite" or element.get("cite") is not None
        return cited or bool(_QUOTE_CLASSES.search(classes) or _BORDER.search(style))
    return element.tag == "div" and "yahoo_quoted" in classes


def _is_signature(element: html.HtmlElement) -> bool:
    marks = [*(element.get("class") or "").split(), element.get("id") or ""]
    return element.tag in _MARKED and any(_SIGNATURE_MARKS.search(mark) for mark in marks)


def _rewrite(element: html.HtmlElement) -> None:
    quote, signature = _is_quote(element), _is_signature(element)
    tag, href, alt = element.tag, element.get("href"), (element.get("alt") or "").strip()
    flat = element.get("data-flat") is not None
    element.attrib.clear()
    if tag == "a" and href:
        _show_target(element, href.strip())
    elif tag == "img":
        element.tag = "span"
        if 0 < len(alt) <= 4 and not alt.isascii():  # an emoji drawn as a picture
            element.text = alt
    elif tag in ("td", "th"):
        element.tag = "span" if not any(child.tag in ("p", "div", "ul", "ol", "table") for child in element) else "div"
        _append_text(element, "  ")
    elif tag in _TO_LINES or (flat and tag in ("ul", "ol")):
        element.tag = "div"
    elif tag == "hr":
        element.tag = "div"
        element.text = "_" * 32
    if quote:
        _enclose(element, _QUOTE_OPEN, _QUOTE_CLOSE)
    elif signature:
        _enclose(element, _SIGNATURE, None)


def _show_target(element: html.HtmlElement, href: str) -> None:
    if not re.match(r"https?://", href, re.IGNORECASE) or len(href) > 300:
        return
    shown = "".join(element.itertext()).strip()
    bare = re.sub(r"^https?://(www\.)?|/$", "", shown, flags=re.IGNORECASE)
    if shown and bare and bare.lower() not in href.lower():
        _append_text(element, f" <{_CONTROLS.sub('', href)}>")


def _append_text(element: html.HtmlElement, text: str) -> None:
    last = etree.SubElement(element, "span")
    last.text = text


def _enclose(element: html.HtmlElement, opening: str, closing: str | None) -> None:
    """Marks on lines of their own at the beginning and the end of an element."""
    if element.tag in ("pre", "span", "p", "table"):
        element.tag = "div"
    first = html.Element("div")
    first.text = opening
    first.tail = _CONTROLS.sub("\ufffd", element.text) if element.text else None
    element.text = None
    element.insert(0, first)
    if closing:
        last = etree.SubElement(element, "div")
        last.text = closing


def _finish(text: str) -> str:
    """Marks turned into `>` and `-- `, trailing spaces and more than one empty line dropped."""
    lines: list[str] = []
    depth = 0
    for raw in text.replace("\xa0", " ").split("\n"):
        line = raw.strip()
        if _QUOTE_OPEN in line or _QUOTE_CLOSE in line:
            depth = max(0, depth + line.count(_QUOTE_OPEN) - line.count(_QUOTE_CLOSE))
            line = _MARKS.sub("", line).strip()
            if not line:
                continue
        elif _SIGNATURE in line:
            rest = _MARKS.sub("", line).strip()
            previous = next((kept for kept in reversed(lines) if kept.strip()), "")
            if previous.strip("> ") != "--":
                lines.append("-- ")
            if not rest:
                continue
            line = rest
        mark = ">" * min(depth, _DEEPEST_QUOTE)
        line = f"{mark} {line}".rstrip() if mark else line
        if line or (lines and lines[-1] not in ("", "-- ")):
            lines.append(line)
    return "\n".join(lines).strip("\n")
