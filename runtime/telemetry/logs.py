"""Structured logs: readable at a terminal, JSON for machines. Who logs gives ids and counts, never people's words."""

import logging
import sys

import structlog


_tracebacks = structlog.processors.ExceptionRenderer(
    # Never the variables of a frame: they hold what citizens wrote.
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def configure(*, json: bool | None = None, level: str = "INFO") -> None:
    """Set the process's logs up; JSON by default when standard error is no terminal."""
    as_json = not sys.stderr.isatty() if json is None else json
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(pad_event_to=0)
    )
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tracebacks if as_json else structlog.processors.format_exc_info,
        renderer,
    ]
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=max(threshold, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
