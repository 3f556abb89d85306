"""Structured logs: readable at a terminal, JSON for machines. Who logs gives ids and counts, never people's words."""

import logging
import sys
from collections.abc import Callable
from typing import TextIO

import structlog
from structlog.typing import Processor

from runtime.telemetry.exceptions import as_structure, as_text
from runtime.telemetry.masking import mask_values
from runtime.telemetry.repetition import Repetition


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that a second `configure` finds it and leaves the others alone."""


def configure(*, json: bool | None = None, level: str = "INFO") -> Callable[[], None]:
    """Set the process's logs up; JSON by default when standard error is no terminal.

    What libraries log, from warnings on, takes the same way. Returns what tells, at the end, of repetitions that were
    only counted.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    threshold = logging.getLevelNamesMapping()[level.upper()]
    repetition = Repetition()
    named: list[Processor] = [structlog.contextvars.merge_contextvars, structlog.processors.add_log_level]
    common: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(as_structure if as_json else as_text),
        mask_values,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(pad_event_to=0, exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*named, repetition, *common, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(sys.stderr)
    handler.addFilter(repetition)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *named, *common],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, _Handler)] + [handler]
    root.setLevel(max(threshold, logging.WARNING))
    return repetition.flush
