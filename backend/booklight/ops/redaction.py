"""Redaction: a failure is logged by its type and place, but not its text, which may hold a reader's words or a key.

The failure itself goes with the record, so that a log that is set up for developers can add its text and traceback.
"""

import logging
import traceback

from booklight_ingest.errors import IndexUnavailable

FAILURE = "failure"
"""The attribute of a log record that holds its exception."""

logger = logging.getLogger("booklight")


class WithoutText(logging.Filter):
    """Takes the text and the traceback out of exceptions that libraries log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite `record` if it holds an exception; none is dropped."""
        if record.exc_info and record.exc_info[1] is not None:
            record.__dict__[FAILURE] = record.exc_info[1]
            record.msg, record.args = describe(record.exc_info[1]), ()
            record.exc_info = record.exc_text = None
        return True


def log_failure(turn_id: str | None, failure: BaseException, facts: str = "") -> None:
    """Log what ended a turn early, but for an index that cannot be searched, which logs that once by itself.

    `facts` are what else is known of it, none of them a reader's words.
    """
    if not isinstance(failure, IndexUnavailable) and not isinstance(failure.__cause__, IndexUnavailable):
        log_error(f"turn={turn_id} failed{facts}", failure)


def log_error(what: str, failure: BaseException) -> None:
    """Log `what` went wrong, and the kind and place of the failure behind it."""
    logger.error("%s: %s", what, describe(failure), extra={FAILURE: failure})


def describe(failure: BaseException) -> str:
    """Return the type of `failure` and of what caused it, with the place each was raised."""
    parts = [_place(failure)]
    cause = failure.__cause__ or failure.__context__
    if cause is not None:
        parts.append(f"after {_place(cause)}")
    return " ".join(parts)


def _place(failure: BaseException) -> str:
    frames = traceback.extract_tb(failure.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(failure).__module__}.{type(failure).__qualname__}{where}"
