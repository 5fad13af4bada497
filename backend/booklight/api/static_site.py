"""A built book, served beside its assistant as any static host would: both forms of a page's path, and its own 404."""

import os
from pathlib import Path

from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from booklight_ingest.pages import load_book

PAGES_JSON = Path("booklight", "pages.json")

_HASHED = "assets"
_FOREVER = "public, max-age=31536000, immutable"


def site_routes(build: Path) -> list[Route | Mount]:
    """Return the routes that serve the folder `build` at its book's baseUrl, with `/` leading there.

    Raises PagesUnreadable when the folder holds no built book.
    """
    book = load_book(build / PAGES_JSON)
    base = "/" + book.site.base_url.strip("/")
    has_home = (build / "index.html").is_file() or not book.pages
    home = book.site.base_url if has_home else book.pages[0].path
    files = Mount(base.rstrip("/"), BuiltSite(build))

    async def lead_home(_: object) -> Response:
        return RedirectResponse(home)

    if base == "/" and has_home:
        return [files]
    # Without its slash, the book's own path is no file of it.
    leading = dict.fromkeys(["/", base])
    return [*(Route(path, lead_home, methods=["GET", "HEAD"]) for path in leading), files]


class BuiltSite(StaticFiles):
    """The files below one folder. A path names a file, the page `path.html` or the page `path/index.html`."""

    def __init__(self, build: Path) -> None:
        super().__init__(directory=build, html=True)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find the file that `path` names, with or without a slash at its end."""
        for form in (path, f"{path}.html", os.path.join(path, "index.html")):  # noqa: PTH118 - a URL's path
            found, about = super().lookup_path(form)
            if about is not None and Path(found).is_file():
                return found, about
        return "", None

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Send a file; what has a hash in its name may be kept for ever, the rest is asked for again."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        hashed = _HASHED in Path(full_path).relative_to(Path(str(self.directory)).resolve()).parts
        response.headers["Cache-Control"] = _FOREVER if hashed else "no-cache"
        return response
