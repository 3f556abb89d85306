"""One function of a recipe with its options, as its builder reads them."""

from collections.abc import Callable, Mapping

from recipes.mapped import Value
from recipes.paths import Context, Expression, ExpressionError, present

Where = tuple[str | int, ...]
Compile = Callable[[Value, Where], Expression]
"""What turns a part of a recipe into an expression; `recipes.expressions.compile_expression`."""


class Call:
    """One function with its options, as the recipe spells it, read by the builder of that function."""

    def __init__(self, name: str, spec: Mapping[str, Value], where: Where, compiler: Compile) -> None:
        """`compiler` compiles the options that are expressions themselves."""
        self.name = name
        self._spec = spec
        self._where = where
        self._compile = compiler

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
        return self._compile(self._spec[key], (*self._where, key))

    def expressions(self, key: str) -> list[Expression]:
        """An option that is a list of expressions."""
        value = self._spec[key]
        if not isinstance(value, list) or not value:
            raise self.error(key, f'"{key}" takes a list', f"write {key}: [one, other]")
        return [self._compile(item, (*self._where, key, index)) for index, item in enumerate(value)]

    def cases(self, key: str) -> dict[str, Expression]:
        """An option that holds an expression per word."""
        value = self._spec.get(key)
        if not isinstance(value, dict) or not value:
            raise self.error(key, f'"{key}" of "{self.name}" holds one expression per word', "write word: expression")
        return {str(word): self._compile(item, (*self._where, key, word)) for word, item in value.items()}

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


Builder = Callable[[Call], Expression]
"""What a function of the recipe language compiles to, from its options."""


def first_of(expressions: list[Expression]) -> Expression:
    """The first value that is filled in; None when none is."""

    def read(document: Value, context: Context) -> Value:
        for expression in expressions:
            value = expression(document, context)
            if present(value):
                return value
        return None

    return read
