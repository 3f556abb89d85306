"""XML out of plain data and back. Reading follows no entity, no DTD and no address.

Plain data: an object is an element's content; a list is the element repeated; `@name` is an attribute; `#text` is the
text of an element that has attributes. Prefixes are kept when writing (`soap:Body`, declared by `@xmlns:soap`) and left
out when reading, so that a profile need not know which prefix a hub chooses.
"""

import re
from typing import Any

from lxml import etree

from recipes.mapped import MappingError

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) has no room for."""
_DEEPEST = 60
Element = Any
"""An element of lxml."""


class BadXml(ValueError):
    """It is no XML, or XML of a kind that is not read."""


def parse(content: bytes) -> Element:
    """The root element.

    :raises BadXml: for what is no XML, and for any document type, which no hub needs and attacks do.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise BadXml("it is no well-formed XML") from None
    if root.getroottree().docinfo.doctype:
        raise BadXml("it declares a document type, which is not read")
    return root


def to_data(root: Element) -> dict[str, Any]:
    """`{root's name: content}`.

    :raises BadXml: when it is nested too deeply.
    """
    return {_local(root): _content(root, 0)}


def first_texts(root: Element) -> dict[str, str]:
    """The first text of each element by its name, wherever it stands."""
    found: dict[str, str] = {}
    for element in root.iter():
        text = (element.text or "").strip()
        if text and not len(element):
            found.setdefault(_local(element), text)
    return found


def _content(element: Element, depth: int) -> Any:  # noqa: ANN401 plain data
    if depth > _DEEPEST:
        raise BadXml("it is nested too deeply")
    found: dict[str, Any] = {f"@{etree.QName(name).localname}": value for name, value in element.attrib.items()}
    for child in element:
        name, value = _local(child), _content(child, depth + 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    text = (element.text or "").strip()
    if not found:
        return text
    if text:
        found["#text"] = text
    return found


def _local(element: Element) -> str:
    return str(etree.QName(element).localname)


def to_xml(data: dict[str, Any], *, declaration: bool) -> bytes:
    """The bytes of `{root's name: content}`, in UTF-8.

    :raises MappingError: when it has not exactly one root, or a name or prefix that XML does not allow.
    """
    if len(data) != 1 or isinstance(next(iter(data.values())), list):
        raise MappingError("an XML body has exactly one root element")
    name, value = next(iter(data.items()))
    try:
        root = _written(None, name, value, {})
    except ValueError as error:
        raise MappingError(f"the XML body cannot be written: {error}") from None
    return serialized(root, declaration=declaration)


def serialized(root: Element, *, declaration: bool) -> bytes:
    """An element as bytes, in UTF-8."""
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=declaration)
    return written


def _written(parent: Element | None, name: str, value: Any, prefixes: dict[str | None, str]) -> Element:  # noqa: ANN401
    fields = value if isinstance(value, dict) else {"#text": value}
    own: dict[str | None, str] = {
        key.removeprefix("@xmlns").removeprefix(":") or None: _text(each)
        for key, each in fields.items()
        if key == "@xmlns" or key.startswith("@xmlns:")
    }
    known = {**prefixes, **own}
    full, declared = _qualified(name, known), own or None
    element = etree.Element(full, nsmap=declared) if parent is None else etree.SubElement(parent, full, nsmap=declared)
    for key, each in fields.items():
        if key == "#text":
            element.text = _text(each) or None
        elif key.startswith("@") and not key.startswith("@xmlns"):
            # An attribute without a prefix is in no namespace, whatever the default one is.
            element.set(_qualified(key[1:], {**known, None: ""}), _text(each))
        elif not key.startswith("@"):
            for item in each if isinstance(each, list) else [each]:
                _written(element, key, item, known)
    return element


def _qualified(name: str, prefixes: dict[str | None, str]) -> str:
    prefix, colon, local = name.rpartition(":")
    if colon and prefix not in prefixes:
        raise ValueError(f'the prefix of "{name}" is not declared; add "@xmlns:{prefix}" to it or to an element above')
    space = prefixes.get(prefix or None)
    return f"{{{space}}}{local}" if space else local


def _text(value: Any) -> str:  # noqa: ANN401 plain data
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _ILLEGAL.sub("", str(value))


def put(root: Element, way: str, text: str) -> None:
    """Put a text into the element at a way from the root's children on; elements that are not there are made."""
    element = _made(root, way)
    for child in list(element):
        element.remove(child)
    element.text = _ILLEGAL.sub("", text)


def put_attribute(root: Element, way: str | None, name: str, value: str) -> None:
    """Put an attribute to the element at a way, or to the root."""
    _made(root, way or "").set(name, _ILLEGAL.sub("", value))


def _made(root: Element, way: str) -> Element:
    element = root
    for step in (each.rpartition(":")[2] for each in way.split("/") if each):
        found = next((child for child in element if _local(child) == step), None)
        if found is None:
            space = etree.QName(element).namespace
            found = etree.SubElement(element, f"{{{space}}}{step}" if space else step)
        element = found
    return element
