"""The language of `map:`: a path, a list of paths (the first that is filled in), or one function with its options.

```yaml
phone: {phone: [pasien.kontak, kontak]}
sent_at: {timestamp: waktu, format: DD/MM/YYYY HH:mm}
```
A function is an object whose first key names it; the other keys are its options. Whatever stands where a value is
expected is an expression again, so functions nest.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from recipes.mapped import Value
from recipes.paths import Context, Expression, ExpressionError, compile_string, present

Where = tuple[str | int, ...]


class Call:
    """One function with its options, as the recipe spells it, read by the builder of that function."""

    def __init__(self, name: str, spec: Mapping[str, Value], where: Where) -> None:
        self.name = name
        self._spec = spec
        self._where = where

    def error(self, key: str, message: str, remedy: str = "") -> ExpressionError:
        """An error that points at one option."""
        return ExpressionError((*self._where, key), message, remedy)

    def given(self, key: str) -> bool:
        """Whether the recipe names the option."""
        return key in self._spec

    def expression(self, key: str) -> Expression:
        """An option that is an expression.

        :raises ExpressionError: when it is missing or wrong.
        """
        if key not in self._spec:
            raise ExpressionError(self._where, f'"{self.name}" needs the option "{key}"', f"add `{key}:`")
        return compile_expression(self._spec[key], (*self._where, key))

    def expressions(self, key: str) -> list[Expression]:
        """An option that is a list of expressions."""
        value = self._spec[key]
        if not isinstance(value, list) or not value:
            raise self.error(key, f'"{key}" takes a list', f"write {key}: [one, other]")
        return [compile_expression(item, (*self._where, key, index)) for index, item in enumerate(value)]

    def cases(self, key: str) -> dict[str, Expression]:
        """An option that holds an expression per word."""
        value = self._spec.get(key)
        if not isinstance(value, dict) or not value:
            raise self.error(key, f'"{key}" of "{self.name}" holds one expression per word', "write word: expression")
        return {str(word): compile_expression(item, (*self._where, key, word)) for word, item in value.items()}

    def text(self, key: str, default: str) -> str:
        """An option that is a fixed text."""
        value = self._spec.get(key, default)
        if not isinstance(value, str):
            raise self.error(key, f'"{key}" of "{self.name}" is a text', "put it in quotes")
        return value

    def texts(self, key: str) -> list[str]:
        """An option that is a fixed text or a list of them."""
        value = self._spec.get(key, [])
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in items):
            raise self.error(key, f'"{key}" of "{self.name}" is a text or a list of texts', "put each in quotes")
        return items

    def word(self, key: str, default: str, allowed: tuple[str, ...]) -> str:
        """An option that is one of a few words."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(key, f'"{value}" is no {key} of "{self.name}"', f"use {' or '.join(allowed)}")
        return value

    def flag(self, key: str) -> bool:
        """An option that is true or false, false when absent."""
        value = self._spec.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f'"{key}" of "{self.name}" is true or false')
        return value

    def constant(self, key: str) -> Value:
        """An option that is taken as it stands."""
        return self._spec.get(key)


def compile_expression(spec: Value, where: Where = ()) -> Expression:
    """Compile what a recipe writes where a value is expected.

    :raises ExpressionError: with the way to the culprit and a remedy.
    """
    from recipes.forms import FORMS  # noqa: PLC0415 - the forms are built from expressions, which are built from forms

    if isinstance(spec, str):
        try:
            return compile_string(spec)
        except ExpressionError as error:
            raise ExpressionError((*where, *error.where), error.message, error.remedy) from None
    if isinstance(spec, list):
        if not spec:
            raise ExpressionError(where, "the list of expressions is empty", "name at least one path")
        return first_of([compile_expression(item, (*where, index)) for index, item in enumerate(spec)])
    if not isinstance(spec, dict) or not spec:
        raise ExpressionError(
            where,
            f"{spec!r} is no expression",
            "write a path, a list of paths, a function, or {value: ...} for a constant",
        )
    name = str(next(iter(spec)))
    if name not in FORMS:
        close = get_close_matches(name, list(FORMS), 1)
        remedy = f'did you mean "{close[0]}"?' if close else f"the functions are {', '.join(sorted(FORMS))}"
        raise ExpressionError((*where, name), f'there is no function "{name}"', remedy)
    options, build = FORMS[name]
    for key in list(spec)[1:]:
        if key not in options:
            close = get_close_matches(str(key), options, 1)
            known = f"it knows {', '.join(options)}" if options else "it has no options"
            raise ExpressionError(
                (*where, key), f'"{name}" has no option "{key}"', f'did you mean "{close[0]}"?' if close else known
            )
    return build(Call(name, spec, where))


def first_of(expressions: list[Expression]) -> Expression:
    """The first value that is filled in; None when none is."""

    def read(document: Value, context: Context) -> Value:
        for expression in expressions:
            value = expression(document, context)
            if present(value):
                return value
        return None

    return read
