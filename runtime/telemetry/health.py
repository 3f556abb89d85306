"""Whether a service can do its work, and in words why not."""


class Health:
    """The present problems of one service, by the name of the part that has them."""

    def __init__(self) -> None:
        self._problems: dict[str, str] = {}

    def problem(self, part: str, words: str) -> bool:
        """Note a problem; says whether it is news."""
        news = self._problems.get(part) != words
        self._problems[part] = words
        return news

    def well(self, part: str) -> bool:
        """Note that a part works; says whether that is news."""
        return self._problems.pop(part, None) is not None

    @property
    def problems(self) -> dict[str, str]:
        """Part → what is wrong. Empty: ready."""
        return dict(self._problems)
