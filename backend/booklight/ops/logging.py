"""The log: lines for people or one JSON object a line, each with the request it belongs to.

What readers ask is in none of them unless the settings say so. Numbers and names go beside the message, as `fields`.
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from booklight.ops.current_request import current_request
from booklight.ops.redaction import describe
from booklight.settings import Settings

OURS = "booklight"
UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access")

Field = str | int | float | bool | None


def fields(**given: Field) -> dict[str, dict[str, Field]]:
    """Return the `extra` of a log call that puts `given` beside its message; None is left out."""
    return {"fields": {name: value for name, value in given.items() if value is not None}}


def configure_logging(settings: Settings) -> None:
    """Write the log of this process to standard error, as the settings say. Lines of libraries begin at warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(settings.log_level.upper())
    for name in UVICORN:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {"time": _time(record), "level": record.levelname.lower(), "logger": record.name}
        return json.dumps({**line, "message": _message(record), **_beside(record)}, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Formats a record as a line for people; whatever is not printable is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        beside = "".join(f" {name}={_shown(value)}" for name, value in _beside(record).items())
        return f"{_time(record)} {record.levelname.lower():<7} {record.name}: {_message(record)}{beside}"


def _message(record: logging.LogRecord) -> str:
    """Return the message, and of an exception what it is and where it was raised, but not its text."""
    failure = record.exc_info[1] if record.exc_info else None
    return record.getMessage() if failure is None else f"{record.getMessage()} {describe(failure)}"


def _beside(record: logging.LogRecord) -> dict[str, Field]:
    request = current_request.get()
    belongs = {} if request is None else fields(request=request.id, trace=request.trace)["fields"]
    given: Mapping[str, Field] = record.__dict__.get("fields", {})
    return {**belongs, **given}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(value: Field) -> str:
    """Return a value that cannot be taken for another field or another line."""
    text = str(value)
    return text if text and text.isprintable() and " " not in text else json.dumps(text)
