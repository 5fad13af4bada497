"""Check a Qdrant server, address by address: whether it answers, and what the key may do there."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from booklight.doctor.diagnostics import Diagnostic
from booklight.settings import Settings
from booklight_ingest.errors import IndexUnavailable

if TYPE_CHECKING:
    import httpx

PRIVATE_SUFFIXES = (".internal", ".lan", ".local", ".svc")


async def check_qdrant(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> list[Diagnostic]:
    """Ask each address of the server, if the index is on one. Nothing is changed there."""
    key = None if settings.qdrant_api_key is None else settings.qdrant_api_key.get_secret_value()
    answers = [await _check_address(url, key, transport) for url in settings.qdrant_url]
    open_to_all = [url for url in settings.qdrant_url if key is not None and not _is_kept_private(url)]
    if open_to_all:
        remedy = "use https in BOOKLIGHT_QDRANT_URL, or a network that nobody else is on"
        answers.append(Diagnostic("qdrant", f"the key goes to {_host(open_to_all[0])} without encryption", remedy))
    return answers


async def _check_address(url: str, key: str | None, transport: httpx.AsyncBaseTransport | None) -> Diagnostic:
    # The client takes a second to import, and most set-ups do without.
    from booklight_ingest.index.server import Server

    server = Server((url,), key, transport=transport)
    try:
        may_write = await server.may_write()
    except IndexUnavailable as error:
        return Diagnostic("qdrant", str(error), "start Qdrant there, or correct BOOKLIGHT_QDRANT_URL or its key")
    finally:
        await server.close()
    return Diagnostic("qdrant", f"{_host(url)} answers; {_describe_key(key, may_write)}")


def _describe_key(key: str | None, may_write: bool) -> str:
    if key is None:
        return "it asks for no key"
    if may_write:
        return "the key may read and write"
    return "the key may only read, which is enough for `serve`; `booklight index` needs one that may write"


def _is_kept_private(url: str) -> bool:
    """Say whether what goes to `url` is encrypted, or stays on a network of one's own, as its name or number says."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" or host.endswith(PRIVATE_SUFFIXES):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
