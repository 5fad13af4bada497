"""The log: lines for people or one JSON object a line, each with the request it belongs to.

What readers ask is in none of them unless the settings say so. Numbers and names go beside the message, as `fields`.
Tracebacks, and the texts of exceptions, are for developers: with `BOOKLIGHT_DEVELOPMENT` or at level `debug`. No
password of a URL is in any.
"""

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from booklight.ops.current_request import current_request
from booklight.ops.redaction import FAILURE, describe
from booklight.settings import Settings
from booklight_ingest.passwords import mask_passwords

OURS = "booklight"
UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access")

Field = str | int | float | bool | None


def fields(**given: Field) -> dict[str, dict[str, Field]]:
    """Return the `extra` of a log call that puts `given` beside its message; None is left out."""
    return {"fields": {name: value for name, value in given.items() if value is not None}}


def configure_logging(settings: Settings) -> None:
    """Write the log of this process to standard error, as the settings say. Lines of libraries begin at warnings."""
    handler = logging.StreamHandler()
    tracebacks = settings.development or settings.log_level == "debug"
    handler.setFormatter((JsonLines if settings.log_format == "json" else TextLines)(tracebacks=tracebacks))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(settings.log_level.upper())
    for name in UVICORN:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object on one line; with `tracebacks` that of its exception is a field."""

    def __init__(self, *, tracebacks: bool = False) -> None:
        super().__init__()
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {"time": _time(record), "level": record.levelname.lower(), "logger": record.name}
        failure = _failure(record) if self._tracebacks else None
        raised = {} if failure is None else {"traceback": _traceback(failure)}
        document = {**line, "message": _message(record), **_beside(record), **raised}
        return mask_passwords(json.dumps(document, ensure_ascii=False))


class TextLines(logging.Formatter):
    """Formats a record as a line for people; what is not printable is escaped. `tracebacks` follow it, indented."""

    def __init__(self, *, tracebacks: bool = False) -> None:
        super().__init__()
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        beside = "".join(f" {name}={_shown(value)}" for name, value in _beside(record).items())
        line = f"{_time(record)} {record.levelname.lower():<7} {record.name}: {_message(record)}{beside}"
        failure = _failure(record) if self._tracebacks else None
        # Indented, so that no line of an exception's text can be taken for one of the log.
        raised = "" if failure is None else "".join(f"\n    {one}" for one in _traceback(failure).splitlines())
        return mask_passwords(line + raised)


def _message(record: logging.LogRecord) -> str:
    """Return the message, and of an exception what it is and where it was raised, but not its text."""
    failure = record.exc_info[1] if record.exc_info else None
    return record.getMessage() if failure is None else f"{record.getMessage()} {describe(failure)}"


def _failure(record: logging.LogRecord) -> BaseException | None:
    """Return the exception of a record, attached as `exc_info` or as FAILURE."""
    if record.exc_info:
        return record.exc_info[1]
    failure: BaseException | None = record.__dict__.get(FAILURE)
    return failure


def _traceback(failure: BaseException) -> str:
    return "".join(traceback.format_exception(failure)).rstrip()


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
