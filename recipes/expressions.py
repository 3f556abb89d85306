"""The language of `map:`: a path, a list of paths (the first that is filled in), or one function with its options.

```yaml
phone: {phone: [pasien.kontak, kontak]}
sent_at: {timestamp: waktu, format: DD/MM/YYYY HH:mm}
```
A function is an object whose first key names it; the other keys are its options. Whatever stands where a value is
expected is an expression again, so functions nest.
"""

from difflib import get_close_matches

from recipes.calls import Call, Where, first_of
from recipes.forms import FORMS
from recipes.mapped import Value
from recipes.paths import Expression, ExpressionError, compile_string


def compile_expression(spec: Value, where: Where = ()) -> Expression:
    """Compile what a recipe writes where a value is expected.

    :raises ExpressionError: with the way to the culprit and a remedy.
    """
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
    return build(Call(name, spec, where, compile_expression))
