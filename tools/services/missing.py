"""What is raised when a service cannot be had on this machine."""


class PartMissing(Exception):
    """A service cannot be had: which one, why, and how to get it."""

    def __init__(self, part: str, why: str, how: str) -> None:
        super().__init__(f"{part}: {why}. {how}")
        self.part = part
        self.why = why
        self.how = how

    @classmethod
    def after(cls, part: str, step: str, output: str, how: str) -> "PartMissing":
        """A step that failed, with the last lines of what it printed."""
        last = " / ".join(line.strip() for line in output.strip().splitlines()[-3:]) or "it printed nothing"
        return cls(part, f"{step} failed: {last}", how)
