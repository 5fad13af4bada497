"""The origins whose pages may call the sidecar: those that are named, the book's own, and the sidecar's."""

import logging
import re
from collections.abc import Callable, Collection, Sequence
from urllib.parse import urlsplit

from booklight.errors import ForeignOrigin

REFUSED = "Pages of this origin may not ask here: see BOOKLIGHT_ALLOWED_ORIGINS."
MOST_LOGGED = 100

logger = logging.getLogger("booklight.readers")


class AllowedOrigins:
    """The origins `named`, which may be patterns such as `https://*.example.com`, and what `of_book` returns."""

    def __init__(self, named: Sequence[str], of_book: Callable[[], Collection[str]] = frozenset) -> None:
        patterns = (re.escape(one).replace(r"\*", r"[a-z0-9_.-]+") for one in named)
        self._named = [re.compile(pattern) for pattern in patterns]
        self._of_book = of_book
        self._logged = set[str]()

    def names(self, origin: str) -> bool:
        """Say whether an origin is one of those that are named."""
        return any(pattern.fullmatch(origin) for pattern in self._named)

    def allow(self, origin: str) -> bool:
        """Say whether pages of an origin may read the sidecar's answers."""
        return self.names(origin) or origin in self._of_book()

    def check(self, origin: str | None, host: str | None) -> None:
        """Raise ForeignOrigin for a page that may not ask. Without an origin it is no page; `host` is the sidecar's.

        Where no origin is named, a browser alone keeps others from reading answers.
        """
        if not self._named or origin is None or self.allow(origin):
            return
        if host is None or urlsplit(origin).netloc != host.lower():
            self.log_refused(origin)
            raise ForeignOrigin(REFUSED)

    def log_refused(self, origin: str) -> None:
        """Log that an origin was refused, once, with what would allow it."""
        if origin in self._logged or len(self._logged) == MOST_LOGGED:
            return
        self._logged.add(origin)
        logger.warning(
            "pages of %s may not ask: add it to BOOKLIGHT_ALLOWED_ORIGINS if they may", ascii(origin[:200])[1:-1]
        )


def origin_of(url: str) -> str | None:
    """Return the origin of a URL as browsers write it, None where it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme in {"http", "https"} and parts.netloc else None
