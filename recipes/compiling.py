"""Compiling all expressions of a recipe, so that every mistake is found at once and before anything is received."""

from dataclasses import dataclass, field

from recipes.calls import Where
from recipes.expressions import compile_expression
from recipes.mapped import Value
from recipes.paths import Expression, ExpressionError


class RecipeError(ValueError):
    """A recipe that cannot be used, with every reason."""

    def __init__(self, channel: str, errors: list[ExpressionError]) -> None:
        super().__init__("\n".join(f"{channel}: {dotted(error.where)}: {error}" for error in errors))
        self.channel = channel
        self.errors = errors


@dataclass
class Compiler:
    """Collects the mistakes of one recipe while its parts are compiled."""

    errors: list[ExpressionError] = field(default_factory=list)

    def expression(self, spec: Value, *where: str | int) -> Expression:
        """The compiled expression; where it is wrong, one that finds nothing, and the mistake is kept."""
        try:
            return compile_expression(spec, where)
        except ExpressionError as error:
            self.errors.append(error)
            return lambda _document, _context: None

    def optional(self, spec: Value, *where: str | int) -> Expression | None:
        """The same for a field that the recipe may leave out."""
        return None if spec is None else self.expression(spec, *where)


def dotted(where: Where) -> str:
    """`("map", "attachments", 0, "url")` as `map.attachments[0].url`."""
    shown = ""
    for step in where:
        shown += f"[{step}]" if isinstance(step, int) else f".{step}" if shown else str(step)
    return shown
