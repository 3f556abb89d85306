"""A profile that is ready to use, and how it is loaded."""

from collections.abc import Collection, Sequence
from pathlib import Path

from recipes.compiling import Compiler, RecipeError
from recipes.document import Document, DocumentError, Problem, open_document
from recipes.files import claimed_name, files
from recipes.hubs.answers import AnswerReader
from recipes.hubs.auth_model import Auth
from recipes.hubs.models import HubProfile
from recipes.hubs.names import strange_names
from recipes.hubs.pushes import PushReader
from recipes.hubs.requests import RequestTemplate
from recipes.mapped import Value
from recipes.paths import Context, holds


class Profile:
    """A compiled hub profile."""

    def __init__(self, model: HubProfile) -> None:
        """:raises RecipeError: with every expression that cannot be compiled."""
        compiler = Compiler()
        key_field = model.idempotency.field if model.idempotency else None
        told = ("create", "update", "comment", "attach")
        self.model = model
        self.templates = {
            name: RequestTemplate(each, compiler, *name.split("."), key_field=key_field if name in told else None)
            for name, each in model.operations.items()
        }
        """Every operation by name; tables as `tables.NAME`."""
        login = model.auth.login
        self.login = RequestTemplate(login, compiler, "auth", "login") if login else None
        self.same = (
            {}
            if model.lookup is None
            else {name: compiler.expression(each, "lookup", "same", name) for name, each in model.lookup.same.items()}
        )
        """What a look-up by content compares: path in a found report → our value."""
        self._unfit = [
            (compiler.expression(each.when, "unfit", index, "when"), each.sentence)
            for index, each in enumerate(model.unfit)
        ]
        self.answers = AnswerReader(model, compiler)
        self.pushes = PushReader(model.webhook, compiler) if model.webhook is not None else None
        """Reads what the hub posts to us; None where it does not."""
        compiler.errors += strange_names(model)
        if compiler.errors:
            raise RecipeError(model.name, compiler.errors)

    @property
    def name(self) -> str:
        """Of the profile."""
        return self.model.name

    @property
    def polled(self) -> bool:
        """Whether the hub can be asked for news."""
        return "changes" in self.templates or "standing" in self.templates

    @property
    def telling(self) -> str | None:
        """The operation that tells the hub of a later revision; None when there is none."""
        return next((name for name in ("update", "comment") if name in self.templates), None)

    def template(self, operation: str) -> RequestTemplate | None:
        """The operation of that name; None when the hub has none. An update may be a remark."""
        return self.templates.get(self.operation(operation))

    def operation(self, kind: str) -> str:
        """The operation by which a delivery of that kind is sent."""
        return self.telling or kind if kind == "update" else kind

    def auth(self, operation: str) -> Auth:
        """How we prove who we are in an operation."""
        found = self.model.operations.get(operation)
        return found.auth if found is not None and found.auth is not None else self.model.auth

    def unfit(self, document: Value, context: Context) -> str | None:
        """Why this hub cannot have a complaint; None when it can.

        :raises MappingError: the document does not fit.
        """
        return next((sentence for when, sentence in self._unfit if holds(when(document, context))), None)


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


def load_profiles(folders: Sequence[Path], *, only: Collection[str] | None = None) -> dict[str, Profile]:
    """Every `*.yaml` and `*.yml` of the folders, by the name of the profile.

    :param only: the names of those that are wanted: files of others are not read, and may hold mistakes.
    :raises DocumentError: with the mistakes of all files; a name that two files claim is one of them.
    """
    profiles: dict[str, Profile] = {}
    problems: list[Problem] = []
    for folder in folders:
        for path in files(folder):
            if only is not None and claimed_name(path, "name") not in (None, *only):
                continue
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


def profile_names(folders: Sequence[Path]) -> list[str]:
    """What there is to choose from, without reading it."""
    return sorted({name for folder in folders for path in files(folder) if (name := claimed_name(path, "name"))})
