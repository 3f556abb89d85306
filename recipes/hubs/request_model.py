"""What a profile says about the shape of a request, whatever it is for."""

from typing import Literal

from pydantic import Field, model_validator

from recipes.hubs.part import Node, Part
from recipes.parts import Expression

Format = Literal["json", "form", "multipart", "xml"]


class RequestSpec(Part):
    """One request that a hub understands."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str = Field(pattern=r"^/")
    """Below the configured address; `{delivery.tracking_id}` puts a value in, percent-encoded."""
    query: dict[str, Expression] = Field(default_factory=dict)
    """Parameters of the address; one without a value is left out."""
    headers: dict[str, Expression] = Field(default_factory=dict)
    """Further headers, such as `SOAPAction`; one without a value is left out."""
    format: Format = "json"
    """How the body is written."""
    body: dict[str, Node] | None = None
    """Field → expression. What has no value is left out. XML has one field, the root element."""
    media_type: str | None = None
    """The `Content-Type`, where the hub wants another than the format's own."""
    declaration: bool = False
    """XML: begin with the XML declaration."""

    @model_validator(mode="after")
    def _fits_its_format(self) -> "RequestSpec":
        if self.format == "xml" and (self.body is None or len(self.body) != 1):
            raise ValueError("an XML `body:` has exactly one field, the root element")
        if self.format != "xml" and self.declaration:
            raise ValueError("`declaration:` belongs to the format xml")
        if self.format != "multipart" and _holds_file(self.body):
            raise ValueError("a `file:` belongs to the format multipart")
        if self.body is not None and self.method == "GET":
            raise ValueError("a GET has no `body:`; put its parameters under `query:`")
        return self


def _holds_file(spec: object) -> bool:
    if isinstance(spec, dict):
        return next(iter(spec), None) == "file" or any(_holds_file(each) for each in spec.values())
    return isinstance(spec, list) and any(_holds_file(each) for each in spec)
