"""A profile that is ready to use, and how it is loaded."""

from collections.abc import Sequence
from pathlib import Path

from recipes.compiling import Compiler, RecipeError
from recipes.document import Document, DocumentError, Problem, open_document
from recipes.hubs.answers import AnswerReader
from recipes.hubs.models import HubProfile, Operation
from recipes.hubs.requests import RequestTemplate


class Profile:
    """A compiled hub profile."""

    def __init__(self, model: HubProfile) -> None:
        """:raises RecipeError: with every expression that cannot be compiled."""
        compiler = Compiler()

        def template(operation: Operation | None, name: str) -> RequestTemplate | None:
            return None if operation is None else RequestTemplate(operation, compiler, name)

        self.model = model
        self.create = RequestTemplate(model.create, compiler, "create")
        self.update = template(model.update, "update")
        self.lookup = template(model.lookup, "lookup")
        self.changes = template(model.changes, "changes")
        self.answers = AnswerReader(model, compiler)
        if compiler.errors:
            raise RecipeError(model.name, compiler.errors)

    @property
    def name(self) -> str:
        """Of the profile."""
        return self.model.name

    def template(self, operation: str) -> RequestTemplate | None:
        """The operation of that name; None when the hub has none."""
        found = getattr(self, operation)
        return found if isinstance(found, RequestTemplate) else None


def compile_profile(document: Document) -> Profile:
    """A profile from a file that is already parsed.

    :raises DocumentError: with every mistake: file, line, key and remedy.
    """
    model = document.build(HubProfile)
    try:
        return Profile(model)
    except RecipeError as error:
        raise DocumentError([document.problem(e.where, e.message, e.remedy) for e in error.errors]) from None


def load_profile(path: Path) -> Profile:
    """One profile from its file; raises as `compile_profile` does."""
    return compile_profile(open_document(path))


def load_profiles(folders: Sequence[Path]) -> dict[str, Profile]:
    """Every `*.yaml` and `*.yml` of the folders, by the name of the profile.

    :raises DocumentError: with the mistakes of all files; a name that two files claim is one of them.
    """
    profiles: dict[str, Profile] = {}
    problems: list[Problem] = []
    for folder in folders:
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
            try:
                document = open_document(path)
                profile = compile_profile(document)
            except DocumentError as error:
                problems += error.problems
                continue
            if profile.name in profiles:
                message = f'the profile "{profile.name}" is defined twice'
                problems.append(document.problem(("name",), message, "give one of the two another name"))
                continue
            profiles[profile.name] = profile
    if problems:
        raise DocumentError(problems)
    return profiles
