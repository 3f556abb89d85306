"""Reading the fields of a message, each error with the name of its field."""

from recipes.decoding import clean_identifier, clean_text
from recipes.functions import to_text
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression


def named(name: str, expression: Expression, document: Value, context: Context) -> Value:
    """What an expression finds.

    :raises MappingError: with the name of the field.
    """
    try:
        return expression(document, context)
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None


def text_of(name: str, found: dict[str, Value]) -> str | None:
    """A field as clean text; None when blank.

    :raises MappingError: when it is no text.
    """
    try:
        text = to_text(found.get(name))
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None
    return (clean_text(text).strip() or None) if text is not None else None


def identifier_of(name: str, found: dict[str, Value]) -> str | None:
    """A field as an id; None when blank.

    :raises MappingError: when it is none.
    """
    try:
        text = to_text(found.get(name))
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None
    return (clean_identifier(text) or None) if text is not None else None
