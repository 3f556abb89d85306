"""In which ways an API does not give what is asked of it."""

from datetime import datetime


class RestTrouble(Exception):
    """Why nothing can be taken at the moment, in words for an operator, without credentials."""


class NoAnswer(RestTrouble):
    """The server is away, overloaded or broken; it may answer later."""


class AskedToWait(NoAnswer):
    """The server asks to be left alone until a moment."""

    def __init__(self, words: str, until: datetime) -> None:
        super().__init__(words)
        self.until = until


class Denied(RestTrouble):
    """The server does not accept who we say we are: a matter of configuration."""


class BadAnswer(RestTrouble):
    """The answer is not what the recipe says: the recipe or the address is wrong, or the server has changed."""
